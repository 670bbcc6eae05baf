//! Comments in configurations: what they silence, and what they say of locations.

use super::{FAULTY, Folder, whole};

/// The findings about a text, with the notes, as `LINE:COLUMN: SEVERITY[RULE]`.
fn found(text: impl AsRef<[u8]>) -> Vec<String> {
    found_with(text, &["--severity", "info"])
}

fn found_with(text: impl AsRef<[u8]>, options: &[&str]) -> Vec<String> {
    let folder = Folder::with("site.conf", text);
    let findings = folder.findings(options.iter().chain(&["site.conf"]));
    findings.iter().map(|it| it.trim_start_matches("site.conf:").to_owned()).collect()
}

const UPGRADE_LINE: &str = "        proxy_set_header Upgrade $http_upgrade;";

/// [`FAULTY`] with something behind the line with the fault.
fn behind(comment: &str) -> String {
    FAULTY.replace(UPGRADE_LINE, &format!("{UPGRADE_LINE}{comment}"))
}

/// [`FAULTY`] with lines above the line with the fault.
fn above(comment: &str) -> String {
    FAULTY.replace(UPGRADE_LINE, &format!("{comment}\n{UPGRADE_LINE}"))
}

#[test]
fn an_ignore_covers_its_line_or_the_next_one() {
    const IGNORE: &str = "# wslint: ignore[connection-not-forwarded] for pages only";
    assert_eq!(found(behind(&format!(" {IGNORE}"))), [""; 0]);
    for between in ["", "\n", "\n    # another comment", "\n# wslint: ignore[unused-ignore]"] {
        let text = above(&format!("\t{IGNORE}{between}"));
        let found: Vec<_> =
            found(text).into_iter().filter(|it| !it.contains("unused-ignore")).collect();
        assert_eq!(found, [""; 0], "{between:?}");
    }
    for name in ["all", "handshake", "map, connection-not-forwarded"] {
        let text = above(&format!("# wslint: ignore[{name}]"));
        assert!(!found(text).iter().any(|it| it.contains("connection")), "{name}");
    }
}

#[test]
fn an_ignore_above_a_block_covers_it() {
    let text = |line: &str, comment: &str| FAULTY.replace(line, &format!("{comment}\n{line}"));
    let comment = "# wslint: ignore[handshake]";
    assert_eq!(found(text("server {", comment)), [""; 0]);
    assert_eq!(found(text("    location /ws {", comment)), [""; 0]);
    assert_eq!(found(text("        proxy_pass ", comment)).len(), 2);
    // On the line of a block it covers that line.
    let text = FAULTY.replace("/ws {", "/ws { # wslint: ignore[handshake]");
    let expected = ["2:37: info[unused-ignore]", "5:9: error[connection-not-forwarded]"];
    assert_eq!(found(text), expected);
}

#[test]
fn an_ignore_covers_a_directive_of_several_lines() {
    let text = |above: &str, behind: &str| {
        FAULTY.replace(
            "proxy_set_header Upgrade $http_upgrade;",
            &format!("{above}proxy_set_header\n  Upgrade\n  $http_upgrade;{behind}"),
        )
    };
    assert_eq!(found(text("", "")).len(), 1);
    assert_eq!(found(text("", " # wslint: ignore[handshake]")), [""; 0]);
    assert_eq!(found(text("# wslint: ignore[handshake]\n", "")), [""; 0]);
}

#[test]
fn an_ignore_covers_its_file_and_no_other() {
    let text = |comment: &str| format!("{comment}\n{FAULTY}");
    assert_eq!(found(text("# wslint: ignore-file[handshake] old")), [""; 0]);
    assert_eq!(
        found(format!("{FAULTY}# wslint: ignore-file[handshake] old\n")),
        ["5:9: error[connection-not-forwarded]", "8:1: warning[comment-not-understood]"]
    );
    let main = "# wslint: ignore-file[handshake]\n".to_owned()
        + &whole("# wslint: ignore[handshake]\ninclude site.conf;");
    let folder = Folder::with("nginx.conf", &main).file("site.conf", FAULTY);
    let expected = [
        "nginx.conf:1:23: warning[unused-ignore]",
        "nginx.conf:4:18: warning[unused-ignore]",
        "site.conf:5:9: error[connection-not-forwarded]",
    ];
    assert_eq!(folder.findings(["nginx.conf"]), expected);
    let folder = Folder::with("nginx.conf", whole("include site.conf;"))
        .file("site.conf", text("# wslint: ignore-file[handshake]"));
    assert_eq!(folder.findings(["nginx.conf"]), [""; 0]);
}

#[test]
fn line_ends_and_dumps_make_no_difference() {
    let text = above("# wslint: ignore[handshake] reason");
    assert_eq!(found(text.replace('\n', "\r\n")), [""; 0]);
    let dump = format!(
        "# configuration file /etc/nginx/nginx.conf:\n{}\n\
         # configuration file /etc/nginx/site.conf:\n{text}\n",
        whole("proxy_read_timeout 1h;\ninclude site.conf;")
    );
    assert_eq!(found(dump), [""; 0]);
}

#[test]
fn an_ignore_that_silences_nothing_is_told() {
    let text = |comment: &str| whole(&format!("{comment}\nserver {{ listen 80; }}"));
    assert_eq!(found(text("# wslint: ignore[map]")), ["3:18: warning[unused-ignore]"]);
    assert_eq!(
        found(text("# wslint: ignore[map, all]")),
        ["3:18: warning[unused-ignore]", "3:23: warning[unused-ignore]"]
    );
    // It may be needed with the files that a fragment is made for.
    let fragment = found("# wslint: ignore[map]\nserver { listen 80; }\n");
    assert_eq!(fragment, ["1:18: info[unused-ignore]"]);
    // Nobody knows of rules that were not asked, and of findings that a syntax error hides.
    let unasked = text("# wslint: ignore[map]");
    assert_eq!(found_with(&unasked, &["--ignore", "map-syntax"]), [""; 0]);
    assert_eq!(found_with(&unasked, &["--no-ignores"]), [""; 0]);
    let damaged = found(text("# wslint: ignore[map]") + "gzip on");
    assert_eq!(damaged, ["6:8: error[missing-semicolon]"]);
    // An ignore can ignore another one, and is unused itself when there is none.
    let other = text("# wslint: ignore[unused-ignore]\n# wslint: ignore[map]");
    assert_eq!(found(other), [""; 0]);
    let none = text("# wslint: ignore[unused-ignore]");
    assert_eq!(found(none), ["3:18: warning[unused-ignore]"]);
}

#[test]
fn what_one_configuration_needs_is_unused_in_none() {
    let shared = "# wslint: ignore-file[log-format-undeclared]\n\
        server { access_log logs/a.log mine; }\n";
    let folder = Folder::with("a/nginx.conf", whole("include ../shared.conf;"))
        .file("b/nginx.conf", whole("log_format mine x;\ninclude ../shared.conf;"))
        .file("shared.conf", shared);
    assert_eq!(folder.findings(["a/nginx.conf", "b/nginx.conf"]), [""; 0]);
    assert_eq!(folder.findings(["b/nginx.conf"]), ["shared.conf:1:23: warning[unused-ignore]"]);
}

#[test]
fn findings_of_other_versions_are_ignored_too() {
    let text = whole(
        "server { location /ws {\n# wslint: ignore[proxy-http-version-1-0]\n\
         proxy_set_header Upgrade $http_upgrade;\nproxy_set_header Connection upgrade;\n\
         proxy_pass http://127.0.0.1:3000;\n} }",
    );
    assert_eq!(found_with(&text, &["--nginx-version", "1.31.5"]), [""; 0]);
    let shown = found_with(&text, &["--nginx-version", "1.22.1", "--no-ignores"]);
    assert_eq!(shown.len(), 1, "{shown:?}");
}

#[test]
fn mistakes_in_comments_are_told() {
    let folder = Folder::with("site.conf", "# wslint: ignore[map-sintax]\ngzip on;\n");
    let outcome = folder.run(["site.conf"]).expect(1);
    assert!(outcome.stdout.contains("did you mean `map-syntax`?"), "{outcome:?}");
    for comment in ["ignore", "ignore[]", "ignore map", "ignore[nothing]", "silence", "websocket"] {
        let found = found(format!("gzip on; # wslint: {comment}\n"));
        assert_eq!(found.len(), 1, "{comment}");
        assert!(found[0].ends_with("warning[comment-not-understood]"), "{comment}: {found:?}");
    }
}

#[test]
fn what_an_ignored_rule_explains_stays_explained() {
    // The swallowed line is why `Upgrade` is missing.
    let text = "server {\n    location /ws {\n        proxy_pass http://127.0.0.1:3000;\n        \
        proxy_http_version 1.1;\n        proxy_set_header Connection upgrade\n        \
        proxy_set_header Upgrade $http_upgrade;\n    }\n}\n";
    let before = found(text);
    assert_eq!(before.len(), 1, "{before:?}");
    let rule = before[0].split(['[', ']']).nth(1).unwrap();
    let ignored = format!("# wslint: ignore-file[{rule}]\n{text}");
    assert_eq!(found(&ignored), [""; 0]);
    assert_eq!(found_with(&ignored, &["--no-ignores"]).len(), 1);
}

#[test]
fn a_location_can_be_said_to_be_meant_for_websockets() {
    let plain = |server: &str, above: &str, behind: &str| {
        whole(&format!(
            "{server}\nserver {{\nlisten 80;\n{above}\nlocation /x {{{behind}\n\
             proxy_pass http://127.0.0.1:3000; proxy_read_timeout 1h;\n}}\n}}"
        ))
    };
    assert_eq!(found(plain("", "", "")), [""; 0]);
    let expected = ["7:1: error[handshake-incomplete]"];
    assert_eq!(found(plain("# wslint: websocket", "", "")), expected);
    assert_eq!(found(plain("", "# wslint: websocket chat", "")), expected);
    assert_eq!(found(plain("", "", " # wslint: websocket")), expected);
    // The nearest comment counts.
    let both = plain("# wslint: websocket", "# wslint: not-websocket", "");
    assert_eq!(found(both), [""; 0]);
    // Of one block only one thing can be said.
    let both = plain("", "# wslint: not-websocket\n# wslint: websocket", "");
    let contradiction = "7:11: warning[comment-not-understood]";
    assert_eq!(found(both), [contradiction, "8:1: error[handshake-incomplete]"]);
    let both = plain("", "# wslint: websocket", " # wslint: not-websocket");
    assert_eq!(found(both), ["7:25: warning[comment-not-understood]"]);
    let twice = plain("", "# wslint: not-websocket\n# wslint: not-websocket", "");
    assert_eq!(found(twice), [""; 0]);
    let routes = |text: &str| {
        let folder = Folder::with("nginx.conf", text);
        folder.run(["routes", "--format", "json"]).expect(0).stdout
    };
    let plain = plain("", "# wslint: websocket", "");
    assert!(routes(&plain).contains("\"intent\": \"websocket\""), "{}", routes(&plain));
    let not = plain.replace("websocket", "not-websocket").replace("/x", "/ws");
    assert!(routes(&not).contains("\"intent\": \"plain\""), "{}", routes(&not));
}

#[test]
fn a_location_can_be_said_to_be_for_nothing_of_that_kind() {
    let not = |text: &str| text.replace("location /", "# wslint: not-websocket\nlocation /");
    let inherited = whole(
        "server { proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;\n\
         location /ws { proxy_set_header Host $host; proxy_pass http://127.0.0.1:3000; }\n}",
    );
    let cached = whole(
        "proxy_cache_path /tmp/c keys_zone=c:1m;\nserver { location /ws {\nproxy_cache c;\n\
         proxy_http_version 1.1;\nproxy_set_header Upgrade $http_upgrade;\n\
         proxy_set_header Connection upgrade;\nproxy_pass http://127.0.0.1:3000;\n} }",
    );
    let map = whole(
        "map $http_upgrade $connection_upgrade { '' close; }\nserver { location /ws {\n\
         proxy_http_version 1.1;\nproxy_set_header Upgrade $http_upgrade;\n\
         proxy_set_header Connection $connection_upgrade;\nproxy_pass http://127.0.0.1:3000;\n} }",
    );
    for text in [FAULTY.to_owned(), inherited, cached, map] {
        assert!(!found(&text).is_empty(), "{text}");
        assert_eq!(found(not(&text)), [""; 0], "{text}");
    }
}

/// Both the comments and what they silence are many: each is looked at once.
#[test]
fn many_comments_may_stand_above_much() {
    let many = 20_000;
    let row = |comment: &str| format!("# wslint: {comment}\n").repeat(many);
    let unknown: String =
        (0..many).fold(String::new(), |text, number| text + &format!("unknown{number} 1;\n"));
    let silenced = row("ignore[unknown-directive]");
    assert_eq!(found(whole(&format!("{silenced}server {{\n{unknown}}}"))), [""; 0]);
    // All on one line.
    let line = unknown.replace('\n', " ");
    assert_eq!(found(whole(&format!("{silenced}{line}"))), [""; 0]);
    let unused = row("ignore[cache, map, map-syntax]");
    let unused = found_with(whole(&format!("{unused}server {{ listen 80; }}")), &[]);
    assert_eq!(unused.len(), 3 * many);
    let intents = found(whole(&format!("{}{line}", row("websocket"))));
    let of_comments = intents.iter().filter(|it| it.contains("comment-not-understood"));
    assert_eq!(of_comments.count(), many);
}
