//! What `nginx -T` printed, as people pass it on. `real_nginx_dump.rs` asks a real nginx.

use super::{Document, FAULTY, Folder, Outcome, fs, whole};

/// What nginx prints of these files.
fn dump(files: &[(&str, &str)]) -> String {
    let print = |(name, text): &(&str, &str)| format!("# configuration file {name}:\n{text}\n");
    files.iter().map(print).collect()
}

fn main_file() -> (&'static str, String) {
    ("/etc/nginx/nginx.conf", whole("include /etc/nginx/conf.d/*.conf;\ninclude mime.types;"))
}

/// The main file and one with a fault.
fn faulty_dump() -> String {
    let (name, text) = main_file();
    let mime = "types { text/html html; }";
    dump(&[(name, &text), ("/etc/nginx/conf.d/chat.conf", FAULTY), ("/etc/nginx/mime.types", mime)])
}

const MESSAGES: &str = "nginx: [warn] conflicting server name \"a\" on 0.0.0.0:80, ignored\n\
    nginx: the configuration file /etc/nginx/nginx.conf syntax is ok\n\
    nginx: configuration file /etc/nginx/nginx.conf test is successful\n";

fn check(input: &str, options: &[&str]) -> Outcome {
    Folder::new().run_with_input(["-"].iter().chain(options), input)
}

#[test]
fn findings_are_in_the_files_of_the_dump() {
    for before in ["", MESSAGES, "\u{feff}"] {
        let input = format!("{before}{}", faulty_dump());
        let outcome = check(&input, &["--format", "json"]).expect(1);
        let document: Document = serde_json::from_str(&outcome.stdout).unwrap();
        let [finding] = &document.diagnostics[..] else { panic!("{document:#?}") };
        assert_eq!(finding.file, "/etc/nginx/conf.d/chat.conf");
        assert_eq!((finding.span.start.line, finding.span.start.column), (5, 9));
        assert!(FAULTY[finding.span.start.offset..].starts_with("proxy_set_header Upgrade"));
        assert_eq!(document.summary.files, 3);
    }
}

#[test]
fn report_shows_lines_of_the_files() {
    let outcome = check(&faulty_dump(), &[]).expect(1);
    assert!(outcome.stdout.contains("[/etc/nginx/conf.d/chat.conf:5:9]"), "{outcome:#?}");
    assert!(outcome.stdout.contains(" 5 │         proxy_set_header Upgrade"), "{outcome:#?}");
}

#[test]
fn terminal_in_between_changes_nothing() {
    let input = faulty_dump().replace('\n', "\r\n");
    let outcome = check(&input, &["--format", "concise"]).expect(1);
    assert!(outcome.stdout.starts_with("/etc/nginx/conf.d/chat.conf:5:9: "), "{outcome:#?}");
}

#[test]
fn files_of_this_machine_are_not_looked_at() {
    let main = whole("include conf.d/*.conf;\ninclude gone.conf;");
    let folder = Folder::with("conf.d/chat.conf", FAULTY).file("gone.conf", FAULTY);
    let name = folder.path("nginx.conf").display().to_string();
    let input = dump(&[(&name, &main)]);
    let outcome = folder.run_with_input(["-", "--severity", "info"], input).expect(0);
    assert!(outcome.stdout.contains("it is not in this output of"), "{outcome:#?}");
    assert!(outcome.stdout.contains("1 note in 1 file"), "{outcome:#?}");
}

#[test]
fn what_somebody_cut_out_of_a_dump_is_checked_file_by_file() {
    let input = dump(&[("/n/conf.d/a.conf", FAULTY), ("/n/conf.d/b.conf", FAULTY)]);
    let outcome = check(&input, &["--format", "concise"]).expect(1);
    let names: Vec<_> = outcome.stdout.lines().filter_map(|line| line.split(':').next()).collect();
    assert_eq!(names, ["/n/conf.d/a.conf", "/n/conf.d/b.conf"]);
}

#[test]
fn comment_in_a_configuration_makes_no_dump_of_it() {
    let comment = "# configuration file /etc/nginx/conf.d/chat.conf:\n";
    for text in [
        format!("# our chat\n{comment}{FAULTY}"),
        format!("{FAULTY}{comment}"),
        format!("# configuration file of the chat:\n{FAULTY}"),
        format!("# configuration file chat.conf:\n{FAULTY}"),
    ] {
        let outcome = Folder::with("chat.conf", &text).run_in_format("concise", ["chat.conf"]);
        assert!(outcome.stdout.starts_with("chat.conf:"), "{text}: {outcome:#?}");
    }
}

#[test]
fn comment_in_a_file_of_a_dump_ends_nothing() {
    let (name, text) = main_file();
    let chat = format!("# configuration file /etc/nginx/chat.conf:\n{FAULTY}");
    let input = dump(&[(name, &text), ("/etc/nginx/conf.d/chat.conf", &chat)]);
    let outcome = check(&input, &["--format", "concise"]).expect(1);
    assert!(outcome.stdout.starts_with("/etc/nginx/conf.d/chat.conf:6:9: "), "{outcome:#?}");
}

#[test]
fn dump_in_a_file_is_not_overwritten() {
    let folder = Folder::with("dump.txt", faulty_dump());
    folder.run(["dump.txt"]).expect(1);
    folder.run(["dump.txt", "--output-file", "dump.txt"]).expect(2).complains_about(&["dump.txt"]);
    assert_eq!(fs::read_to_string(folder.path("dump.txt")).unwrap(), faulty_dump());
}

#[test]
fn nginx_that_refused_is_quoted() {
    let refusal = "nginx: [emerg] unknown directive \"x\" in /etc/nginx/nginx.conf:1\n\
        nginx: configuration file /etc/nginx/nginx.conf test failed\n";
    for command in [&["-"][..], &["parse", "-"]] {
        let outcome = Folder::new().run_with_input(command, refusal).expect(2);
        outcome.complains_about(&["no configuration", "[emerg] unknown directive \"x\""]);
    }
}

#[test]
fn parse_lists_the_files() {
    let outcome = Folder::new().run_with_input(["parse", "-"], faulty_dump()).expect(0);
    let payload: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    let files = payload["config"].as_array().unwrap();
    let names: Vec<_> = files.iter().map(|file| file["file"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        ["/etc/nginx/nginx.conf", "/etc/nginx/conf.d/chat.conf", "/etc/nginx/mime.types"]
    );
    let includes = &files[0]["parsed"][1]["block"];
    assert_eq!(includes[0]["includes"], serde_json::json!([1]));
    assert_eq!(includes[1]["includes"], serde_json::json!([2]));
}

#[test]
fn handshake_is_followed_through_it() {
    let arguments = ["trace", "ws://localhost/ws", "-"];
    let outcome = Folder::new().run_with_input(arguments, faulty_dump()).expect(1);
    assert!(outcome.stdout.contains("/etc/nginx/conf.d/chat.conf:3"), "{outcome:#?}");
}
