//! What people see, for easy cases and for hard ones.

use wslint_grammar::catalogue::Version;
use wslint_grammar::{Edit, Fix, Span};
use wslint_model::load::Loaded;
use wslint_model::source::Place;
use wslint_rules::finding::{Finding, Severity, VersionRange};

use crate::report::fixture::{Config, PLAIN, RULE, SECOND_RULE, at, print};
use crate::report::{Format, Style, text};

const SITE: &str = "\
server {
    listen 80;
    server_name chat.test;

    location /ws {
        proxy_pass http://chat;
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
    }
}
";

/// The report without its last lines, which are the same everywhere.
fn full(config: &Config, findings: &[Finding]) -> String {
    full_on(config, findings, PLAIN)
}

fn full_on(config: &Config, findings: &[Finding], style: Style) -> String {
    print(config, findings, Format::Full, Style { quiet: true, ..style })
}

/// Whether no line is wider than the terminal, addresses aside.
fn fits(shown: &str) -> bool {
    let columns = PLAIN.width;
    shown.lines().all(|line| text::width(line) <= columns || line.starts_with("  docs: "))
}

fn site_finding(config: &Config) -> Finding {
    let header = config.place("proxy_set_header Upgrade $http_upgrade;");
    let line = "proxy_set_header Connection \"upgrade\";";
    let edit = Edit::insert(header.span.end, format!("\n        {line}"));
    Finding::new(
        &RULE,
        config.place("location /ws"),
        "`Upgrade` is forwarded here, but `Connection` is not: the backend gets \
         `Connection: close` and answers as if nobody had asked for a WebSocket",
    )
    .at_place("no `proxy_set_header Connection` is in effect")
    .label(header, "this asks the backend for a WebSocket")
    .help(format!("write beside it:\n{line}"))
    .versions(VersionRange::before(Version::new(1, 29, 7)))
    .fix(Fix::safe(format!("insert `{line}`"), vec![edit]))
}

#[test]
fn places_that_are_alike_are_folded() {
    let text = "map a b { c d; }\n".to_owned() + &"proxy_set_header Connection $b;\n".repeat(9);
    let config = Config::new("site.conf", &text);
    let first = config.place("proxy_set_header");
    let uses = (0..9).map(|number| {
        let start = first.span.start + number * 32;
        Place { span: Span::new(start, start + 16), ..first }
    });
    let finding = Finding::new(&RULE, config.place("c d"), "odd").label(first, "something else");
    let finding = uses.fold(finding, |finding, place| finding.label(place, "used here"));
    let shown = full(&config, &[finding]);
    assert_eq!(shown.matches("used here").count(), 3, "{shown}");
    assert!(shown.contains("used here (and 6 more)"), "{shown}");
    assert!(!shown.contains("more place"), "{shown}");
}

#[test]
fn a_whole_finding() {
    let config = Config::new("conf.d/site.conf", SITE);
    let finding = site_finding(&config);
    insta::assert_snapshot!(print(&config, &[finding], Format::Full, PLAIN));
}

#[test]
fn without_unicode() {
    let config = Config::new("conf.d/site.conf", SITE);
    let style = Style { unicode: false, ..PLAIN };
    let shown = full_on(&config, &[site_finding(&config)], style);
    assert!(shown.is_ascii());
    insta::assert_snapshot!(shown);
}

#[test]
fn with_colours_and_links() {
    let config = Config::new("conf.d/site.conf", SITE);
    let style = Style { color: true, links: true, ..PLAIN };
    let shown = full_on(&config, &[site_finding(&config)], style);
    insta::assert_snapshot!(shown.replace('\x1b', "ESC"));
}

#[test]
fn no_escape_sequence_without_colours_and_links() {
    let config = Config::new("conf.d/\x1b[31msite.conf", "# \x1b[31m red?\nserver {}\n");
    let mut finding = Finding::new(&RULE, config.place("server"), "a \x1b[31m message");
    finding = finding.at_place("a \x1b[31m label").help("some \x1b[31m help");
    assert!(!full(&config, &[finding]).contains('\x1b'));
}

#[test]
fn findings_are_separated() {
    let config = Config::new("site.conf", SITE);
    let findings = [
        Finding::new(&RULE, config.place("listen 80"), "an error"),
        Finding::new(&RULE, config.place("chat.test"), "a warning").severity(Severity::Warning),
        Finding::new(&SECOND_RULE, config.place("1.1"), "a note").severity(Severity::Info),
    ];
    insta::assert_snapshot!(print(&config, &findings, Format::Full, PLAIN));
}

#[test]
fn wide_characters_before_the_mark() {
    let text = "map $x $設定 {\n    \"日本語 😀 ünï\" $wrong; # 終わり\n}\n";
    let config = Config::new("site.conf", text);
    let finding = Finding::new(&RULE, config.place("$wrong"), "wrong").at_place("this variable");
    insta::assert_snapshot!(full(&config, &[finding.label(config.place("設定"), "of this map")]));
}

#[test]
fn tabs() {
    let config = Config::new("site.conf", "server {\n\tlocation / {\n\t\tdeny\tall;\n\t}\n}\n");
    let finding = Finding::new(&RULE, config.place("all"), "wrong").at_place("everybody");
    insta::assert_snapshot!(full(&config, &[finding]));
}

#[test]
fn carriage_returns() {
    let config = Config::new("site.conf", SITE.replace('\n', "\r\n"));
    let missing = at(config.place("\r\n    server_name").span.start as usize);
    let finding = Finding::new(&RULE, missing, "wrong").at_place("here");
    let shown = full(&config, &[finding]);
    assert!(!shown.contains('\r'));
    insta::assert_snapshot!(shown);
}

#[test]
fn bytes_that_are_not_utf8() {
    let text = b"# Gr\xf6\xdfe\nserver_name stra\xdfe.de; # \xfc\xfc\n";
    let config = Config::new("site.conf", text);
    let finding = Finding::new(&RULE, config.place(".de"), "wrong").at_place("behind Latin-1");
    insta::assert_snapshot!(full(&config, &[finding]));
}

#[test]
fn a_line_of_many_megabytes() {
    let mut text = "a b; ".repeat(1_000_000);
    let middle = text.len();
    text.push_str("deny all; ");
    text.push_str(&"c d; ".repeat(1_000_000));
    let config = Config::new("generated.conf", text);
    let place =
        Place { file: Loaded::MAIN, span: Span::at(middle as u32).to(Span::at(middle as u32 + 8)) };
    let finding = Finding::new(&RULE, place, "wrong").at_place("in the middle");
    let shown = full(&config, &[finding]);
    assert!(fits(&shown));
    insta::assert_snapshot!(shown);
}

#[test]
fn something_is_missing_between_two_bytes() {
    let config = Config::new("site.conf", "server {\n    listen 80\n    root /srv;\n}\n");
    let missing = at(config.place("80").span.end as usize);
    let finding = Finding::new(&RULE, missing, "directive \"listen\" is not terminated by \";\"")
        .at_place("`;` is missing here")
        .label(config.place("root"), "nginx takes this for an argument");
    insta::assert_snapshot!(full(&config, &[finding]));
}

#[test]
fn at_the_end_of_the_file() {
    for (name, text) in [("line_end", "server {\n    listen 80;\n"), ("no_line_end", "server {")] {
        let config = Config::new("site.conf", text);
        let finding = Finding::new(&RULE, at(text.len()), "unexpected end of file")
            .at_place("`}` is missing")
            .label(config.place("{"), "the block starts here");
        insta::assert_snapshot!(
            format!("at_the_end_of_the_file_{name}"),
            full(&config, &[finding])
        );
    }
}

#[test]
fn an_empty_file() {
    let config = Config::new("empty.conf", "");
    let finding = Finding::new(&RULE, at(0), "there is nothing in this file");
    insta::assert_snapshot!(full(&config, &[finding]));
}

#[test]
fn a_block_is_shown_by_its_first_line() {
    let config = Config::new("site.conf", SITE);
    let block = config.place(SITE[SITE.find("location").unwrap()..].trim_end());
    let finding = Finding::new(&RULE, block, "wrong").at_place("this block");
    insta::assert_snapshot!(full(&config, &[finding]));
}

#[test]
fn marks_that_overlap() {
    let config = Config::new("site.conf", SITE);
    let finding =
        Finding::new(&RULE, config.place("proxy_set_header Upgrade $http_upgrade"), "wrong")
            .at_place("the line")
            .label(config.place("Upgrade"), "the name")
            .label(config.place("$http_upgrade"), "the value")
            .label(config.place("$http_upgrade"), "what the client sent");
    insta::assert_snapshot!(full(&config, &[finding]));
}

#[test]
fn places_that_are_far_apart() {
    let text = format!("first;\n{}cause;\n{}last;\n", "\n".repeat(300), "filler;\n".repeat(300));
    let config = Config::new("site.conf", text);
    let finding = Finding::new(&RULE, config.place("cause"), "wrong")
        .at_place("the cause")
        .label(config.place("last"), "what follows from it")
        .label(config.place("first"), "what it refers to");
    insta::assert_snapshot!(full(&config, &[finding]));
}

#[test]
fn places_in_other_files() {
    let folder = tempfile::tempdir().unwrap();
    let main = folder.path().join("nginx.conf");
    std::fs::write(&main, "http {\n    include site.conf;\n}\n").unwrap();
    std::fs::write(folder.path().join("site.conf"), SITE).unwrap();
    let config = Config::load(&main);
    let (site, _) = config.sources.iter().last().unwrap();
    let finding = Finding::new(&RULE, config.place_in(site, "proxy_pass"), "wrong")
        .at_place("the cause")
        .label(config.place("include site.conf"), "included from here")
        .label(config.place_in(site, "listen"), "in the same file");
    let shown = full(&config, &[finding]);
    insta::assert_snapshot!(shown.replace(&format!("{}/", folder.path().display()), ""));
}

#[test]
fn many_places() {
    let lines: Vec<String> = (1..=20)
        .map(|number| {
            format!(
                "use_{number:02};
"
            )
        })
        .collect();
    let config = Config::new("site.conf", lines.join(&"\n".repeat(10)));
    let finding = Finding::new(&RULE, config.place("use_01"), "wrong").at_place("the cause");
    let finding = (2..=20).fold(finding, |finding, number| {
        finding.label(config.place(&format!("use_{number:02}")), format!("use {number}"))
    });
    insta::assert_snapshot!(full(&config, &[finding]));
}

#[test]
fn nothing_is_said_twice() {
    let config = Config::new("site.conf", SITE);
    let finding =
        Finding::new(&RULE, config.place("listen"), "the message").at_place("the message");
    assert_eq!(full(&config, &[finding]).matches("the message").count(), 1);
}

#[test]
fn deep_indentation_leaves_room_for_labels() {
    let indent = " ".repeat(32);
    let text = format!(
        "{indent}proxy_set_header Connection $connection_upgrade;
"
    );
    let config = Config::new("site.conf", text);
    let finding = Finding::new(&RULE, config.place("$connection_upgrade"), "wrong")
        .at_place("is empty for a handshake, since no key of the map fits `websocket`");
    let shown = full(&config, &[finding]);
    assert!(fits(&shown));
    insta::assert_snapshot!(shown);
}

#[test]
fn short_labels_move_nothing() {
    let indent = " ".repeat(32);
    let text = format!("{indent}proxy_set_header Connection $connection;\n");
    let config = Config::new("site.conf", &text);
    let finding = Finding::new(&RULE, config.place("$connection"), "wrong").at_place("here");
    assert!(full(&config, &[finding]).contains(text.trim_end()));
}

#[test]
fn versions() {
    let [older, newer] = [Version::new(1, 29, 4), Version::new(1, 29, 7)];
    let note = |from, before| super::validity(VersionRange { from, before }).unwrap_or_default();
    assert_eq!(note(None, None), "");
    assert_eq!(note(None, Some(newer)), "holds for nginx before 1.29.7");
    assert_eq!(note(Some(older), None), "holds for nginx 1.29.4 and later");
    assert_eq!(note(Some(older), Some(newer)), "holds for nginx 1.29.4 and later, before 1.29.7");
}

#[test]
fn any_bytes_and_any_places_can_be_shown() {
    const PIECES: [&[u8]; 14] = [
        b"\n",
        b"\r\n",
        b"\t",
        b" ",
        b"{",
        b"}",
        b"listen 80;",
        b"\xff",
        b"\xe2\x82",
        b"\x1b[0m",
        "ä".as_bytes(),
        "設".as_bytes(),
        "👩‍💻".as_bytes(),
        b"a_very_long_word_that_goes_on_and_on",
    ];
    // Xorshift: the same numbers in every run.
    let mut state = 0x2545_f491_u32;
    let mut below = |limit: usize| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as usize % limit
    };
    for _ in 0..2000 {
        let text: Vec<u8> =
            (0..below(120)).flat_map(|_| PIECES[below(PIECES.len())]).copied().collect();
        let config = Config::new("site.conf", &text);
        let mut place = || {
            let (one, other) = (below(text.len() + 1) as u32, below(text.len() + 1) as u32);
            let span =
                if below(4) == 0 { Span::at(one) } else { Span::at(one).to(Span::at(other)) };
            Place { file: Loaded::MAIN, span }
        };
        let finding = Finding::new(&RULE, place(), "wrong").at_place("the cause of it all");
        let finding = (0..8).fold(finding, |finding, number| {
            finding.label(place(), format!("label {number} with some words to wrap"))
        });
        let style = Style { width: 40 + below(80), unicode: below(2) == 0, ..PLAIN };
        let shown = full_on(&config, &[finding], style);
        assert_eq!(shown.matches("the cause").count(), 1, "{shown}");
        assert!(!shown.contains(['\r', '\t', '\x1b']), "{shown}");
    }
}
