//! `wslint.toml`: where it is found, what it says, and how its mistakes are told.

use super::{FAULTY, Folder, SOUND, whole};

/// A configuration with one fault, beside settings.
fn with_settings(settings: &str) -> Folder {
    Folder::with("site.conf", FAULTY).file("wslint.toml", settings)
}

/// How many findings there are.
fn count(folder: &Folder, arguments: &[&str]) -> usize {
    folder.findings(arguments).len()
}

#[test]
fn nearest_file_upwards_holds() {
    let off = "ignore = [\"all\"]\n";
    for name in ["wslint.toml", ".wslint.toml", "a/wslint.toml", "a/b/.wslint.toml"] {
        let folder = Folder::with("a/b/site.conf", FAULTY).file(name, off);
        assert_eq!(count(&folder, &["a/b/site.conf"]), 0, "{name}");
        let mut inside = folder.command(["site.conf"]);
        inside.current_dir(folder.path("a/b"));
        super::finish(inside, b"").expect(0);
        assert_eq!(count(&folder, &["."]), 0, "{name}");
        assert_eq!(count(&folder, &["--no-config", "a/b/site.conf"]), 1, "{name}");
    }
    let folder = Folder::with("a/site.conf", FAULTY)
        .file("wslint.toml", off)
        .file("a/wslint.toml", "# nothing\n");
    assert_eq!(count(&folder, &["a/site.conf"]), 1);
}

#[test]
fn nothing_above_a_repository_holds() {
    let folder =
        Folder::with("repository/a/site.conf", FAULTY).file("wslint.toml", "ignore = 'all'");
    assert_eq!(count(&folder, &["repository/a/site.conf"]), 0);
    let folder = folder.folder("repository/.git");
    assert_eq!(count(&folder, &["repository/a/site.conf"]), 1);
    let folder = folder.file("repository/wslint.toml", "ignore = 'all'");
    assert_eq!(count(&folder, &["repository/a/site.conf"]), 0);
    // A worktree, or a submodule.
    let folder = Folder::with("inner/site.conf", FAULTY)
        .file("inner/.git", "gitdir: ../x")
        .file("wslint.toml", "ignore = 'all'");
    assert_eq!(count(&folder, &["inner/site.conf"]), 1);
}

#[test]
fn each_configuration_has_its_own() {
    let folder = Folder::with("a/site.conf", FAULTY)
        .file("a/wslint.toml", "nginx-version = \"1.22.1\"\nfail-on = \"error\"")
        .file("b/site.conf", FAULTY)
        .file("b/wslint.toml", "ignore = 'handshake'\nnginx-version = \"1.24.0\"");
    let document = folder.json(["."]);
    assert_eq!(document.diagnostics.len(), 1);
    assert_eq!(document.diagnostics[0].file, "a/site.conf");
    assert_eq!(document.nginx_version, None);
    assert_eq!(folder.json(["a"]).nginx_version.as_deref(), Some("1.22.1"));
}

#[test]
fn standard_input_has_those_of_its_name_or_of_the_working_folder() {
    let folder = Folder::with("wslint.toml", "ignore = 'all'").file("a/wslint.toml", "");
    folder.run_with_input(["-"], FAULTY).expect(0);
    folder.run_with_input(["-", "--stdin-filename", "x.conf"], FAULTY).expect(0);
    folder.run_with_input(["-", "--stdin-filename", "a/x.conf"], FAULTY).expect(1);
}

#[test]
fn file_can_be_named() {
    let folder = Folder::with("site.conf", FAULTY)
        .file("ci/settings.toml", "ignore = 'all'")
        .file("wslint.toml", "this is wrong");
    folder.run(["site.conf", "--config", "ci/settings.toml"]).expect(0);
    folder.run(["site.conf"]).expect(2);
    folder.run(["site.conf", "--no-config"]).expect(1);
    let outcome = folder.run(["site.conf", "--config", "gone.toml"]).expect(2);
    outcome.complains_about(&["gone.toml"]);
    folder.run(["site.conf", "--config", "ci/settings.toml", "--no-config"]).expect(2);
}

#[test]
fn rules_are_chosen() {
    for (settings, arguments, expected) in [
        ("select = [\"map\"]", &[][..], 0),
        ("select = \"handshake\"", &[], 1),
        ("select = [\"map\", \"connection-not-forwarded\"]", &[], 1),
        ("ignore = [\"handshake\"]", &[], 0),
        ("ignore = [\"map\"]", &["--ignore", "handshake"], 0),
        ("ignore = [\"handshake\"]", &["--ignore", "map"], 0),
        // Options win.
        ("select = [\"map\"]", &["--select", "handshake"], 1),
        ("ignore = [\"handshake\"]", &["--select", "handshake"], 1),
        ("severity = { handshake = \"off\" }", &["--select", "handshake"], 1),
    ] {
        let folder = with_settings(settings);
        let all: Vec<_> = arguments.iter().copied().chain(["site.conf"]).collect();
        assert_eq!(count(&folder, &all), expected, "{settings} {arguments:?}");
    }
}

#[test]
fn severities_are_set_by_rule_category_or_all() {
    for (settings, shown) in [
        ("connection-not-forwarded = \"warning\"", "warning"),
        ("handshake = \"warning\"", "warning"),
        ("all = \"off\"\nconnection-not-forwarded = \"warning\"", "warning"),
        ("connection-not-forwarded = \"error\"\nhandshake = \"off\"\nall = \"info\"", "error"),
    ] {
        let folder = with_settings(&format!("[severity]\n{settings}"));
        let findings = folder.findings(["site.conf"]);
        assert_eq!(findings, [format!("site.conf:5:9: {shown}[connection-not-forwarded]")]);
    }
    let folder = with_settings("[severity]\nconnection-not-forwarded = \"off\"");
    folder.run(["site.conf", "--fail-on", "info"]).expect(0);
    let folder = with_settings("[severity]\nhandshake = \"info\"");
    folder.run(["site.conf"]).expect(0);
}

#[test]
fn exit_status_follows_fail_on() {
    let folder = with_settings("fail-on = \"error\"\n[severity]\nhandshake = \"warning\"");
    folder.run(["site.conf"]).expect(0);
    folder.run(["site.conf", "--fail-on", "warning"]).expect(1);
    let folder = with_settings("fail-on = \"info\"\n[severity]\nhandshake = \"info\"");
    assert_eq!(folder.run(["site.conf"]).expect(1).stdout.matches("info[").count(), 1);
}

#[test]
fn version_of_nginx_is_taken() {
    let folder = with_settings("nginx-version = \"1.22\"");
    assert_eq!(folder.json(["site.conf"]).nginx_version.as_deref(), Some("1.22.0"));
    let document = folder.json(["site.conf", "--nginx-version", "1.30.0"]);
    assert_eq!(document.nginx_version.as_deref(), Some("1.30.0"));
}

#[test]
fn prefixes_are_relative_to_the_file() {
    for prefix in [
        "prefix = { \"/srv/nginx\" = \"deploy\" }",
        "prefix = \"/srv/nginx=deploy\"",
        "prefix = [\"/other=x\", \"/srv/nginx=./deploy/\"]",
        "[prefix]\n\"/srv\" = \"gone\"\n\"/srv/nginx\" = \"deploy\"",
    ] {
        let folder = Folder::with("a/nginx.conf", whole("include /srv/nginx/site.conf;"))
            .file("a/deploy/site.conf", FAULTY)
            .file("b/site.conf", SOUND)
            .file("a/wslint.toml", prefix);
        let findings = folder.findings(["a/nginx.conf"]);
        assert_eq!(findings, ["a/deploy/site.conf:5:9: error[connection-not-forwarded]"]);
        // The option comes first, and is relative to the working folder.
        assert_eq!(count(&folder, &["a/nginx.conf", "--prefix", "/srv/nginx=b"]), 0);
    }
}

#[test]
fn rules_are_ignored_for_some_files() {
    for (pattern, left) in [
        ("site.conf", 0),
        ("*.conf", 0),
        ("conf.d/*.conf", 0),
        ("./conf.d/site.conf", 0),
        ("conf.d/", 0),
        ("**/site.conf", 0),
        ("*/site.conf", 0),
        ("{conf,sites}.d/[a-z]*", 0),
        ("conf.d", 1),
        ("*", 0),
        ("*/x/*", 1),
        ("nginx.conf", 1),
        ("/conf.d/site.conf", 1),
    ] {
        let settings = format!("[per-file-ignores]\n\"{pattern}\" = [\"handshake\"]");
        let folder = Folder::with("a/nginx.conf", whole("include conf.d/*;"))
            .file("a/conf.d/site.conf", FAULTY)
            .file("a/wslint.toml", settings);
        assert_eq!(count(&folder, &["a/nginx.conf"]), left, "{pattern}");
        let mut inside = folder.command(["../nginx.conf", "--format", "concise"]);
        inside.current_dir(folder.path("a/conf.d"));
        assert_eq!(super::finish(inside, b"").stdout.lines().count(), left, "{pattern}");
    }
    let folder = with_settings("[per-file-ignores]\n\"site.conf\" = \"map\"");
    assert_eq!(count(&folder, &["site.conf"]), 1);
}

#[test]
fn files_of_a_dump_are_matched_from_its_main_file() {
    let main = whole("include conf.d/*;");
    let dump = format!(
        "# configuration file /etc/nginx/nginx.conf:\n{main}\n\
         # configuration file /etc/nginx/conf.d/site.conf:\n{FAULTY}\n"
    );
    for pattern in ["conf.d/site.conf", "/etc/nginx/conf.d/*", "site.conf"] {
        let settings = format!("[per-file-ignores]\n\"{pattern}\" = \"handshake\"");
        Folder::with("wslint.toml", settings).run_with_input(["-"], &dump).expect(0);
    }
}

#[test]
fn locations_are_said_to_be_meant_for_websockets() {
    let bare = whole(
        "server { location =/live { proxy_pass http://127.0.0.1:1; }\n\
         location ~* ^/ws/ { proxy_pass http://127.0.0.1:1; } }",
    );
    let folder = Folder::with("site.conf", &bare);
    assert_eq!(count(&folder, &["site.conf"]), 0);
    for (pattern, line) in [("/live", 3), ("/l*", 3), ("^/ws*", 4), ("*ws*", 4)] {
        let expected = format!("site.conf:{line}:");
        let option = folder.findings(["site.conf", "--websocket", pattern]);
        let [finding] = &option[..] else { panic!("{pattern}: {option:?}") };
        assert!(finding.starts_with(&expected) && finding.ends_with("[handshake-incomplete]"));
        let settings = format!("websocket = [\"{pattern}\"]");
        let folder = Folder::with("site.conf", &bare).file("wslint.toml", settings);
        assert_eq!(folder.findings(["site.conf"]), option);
        assert_eq!(count(&folder, &["site.conf", "--websocket", "/no"]), 0);
    }
}

/// A configuration with directives of modules.
const MODULES: &str = "my_size 1 2;
server {
    my_header a;
    my_guard { anything goes; }
    my_heade a;
    location / { my_size 1 2 3; my_header a; }
}
";

#[test]
fn directives_of_modules_are_known() {
    let settings = "[directives]
my_header = [\"server\", \"location\"]
[directives.my_size]
contexts = [\"http\", \"location\"]
arguments = \"1-2\"
[directives.my_guard]
contexts = [\"server\"]
arguments = 0
block = true
";
    let unknown = Folder::with("site.conf", MODULES);
    assert_eq!(count(&unknown, &["site.conf", "--select", "unknown-directive"]), 6);
    let folder = Folder::with("site.conf", MODULES).file("wslint.toml", settings);
    let lines = folder.concise(["site.conf"]);
    assert_eq!(
        lines,
        [
            "site.conf:5:5: error[unknown-directive] unknown directive \"my_heade\"",
            "site.conf:6:18: error[directive-arity] invalid number of arguments in \"my_size\" \
             directive: it takes 1 or 2",
        ]
    );
    let report = folder.run(["site.conf"]).stdout;
    assert!(report.contains("did you mean `my_header`?"), "{report}");
    let misplaced = "[directives]\nmy_size = [\"http\"]\nmy_header = [\"server\"]\n\
        my_guard = [\"server\"]\nmy_heade = [\"any\"]";
    let folder = Folder::with("site.conf", MODULES).file("wslint.toml", misplaced);
    let findings = folder.findings(["site.conf"]);
    assert_eq!(
        findings,
        ["site.conf:6:18: error[directive-context]", "site.conf:6:33: error[directive-context]",]
    );
}

#[test]
fn place_of_a_directive_is_not_judged_by_a_guess() {
    let settings = "directives = { my_header = [\"location\"], my_block = [\"server\"] }";
    for text in
        ["my_header a;", "my_header a;\ninclude *.x;", "my_block { }", "gzip on; my_block { }"]
    {
        let folder = Folder::with("snippet.conf", text).file("wslint.toml", settings);
        folder.run(["snippet.conf"]).expect(0);
    }
    for text in [
        "events {}\nmy_header a;",
        "events {} http {\nmy_header a;\n}",
        "events {} http {\nmy_block {\n} }",
    ] {
        let folder = Folder::with("nginx.conf", text).file("wslint.toml", settings);
        assert_eq!(folder.findings(["nginx.conf"]), ["nginx.conf:2:1: error[directive-context]"]);
    }
}

#[test]
fn directive_of_a_known_module_may_be_said_to_be_there() {
    let text = "server { listen 80; location / { more_set_headers 'A: b'; } }";
    let folder = Folder::with("site.conf", text);
    assert_eq!(count(&folder, &["site.conf", "--severity", "info"]), 1);
    let folder = folder.file("wslint.toml", "directives = { more_set_headers = [\"location\"] }");
    assert_eq!(count(&folder, &["site.conf", "--severity", "info"]), 0);
}

#[test]
fn mistakes_are_shown_where_they_are() {
    let cases: [(&str, &str, &str); 17] = [
        ("selct = 1", "there is no setting called `selct`", ":1:1]"),
        ("\nquiet = true", "there is no setting called `quiet`", ":2:1]"),
        ("select = [\"map\", \"maps\"]", "no rule called `maps`", ":1:18]"),
        ("ignore = 3", "invalid type", ":1:10]"),
        ("nginx-version = \"new\"", "a version has three numbers", ":1:17]"),
        ("nginx-version = 1.22", "invalid type", ":1:17]"),
        ("fail-on = \"never\"", "`never` cannot be used here", ":1:11]"),
        ("prefix = { etc = \"x\" }", "etc is not an absolute path", ":1:12]"),
        ("prefix = [\"/etc\"]", "write FROM=TO", ":1:11]"),
        ("[severity]\nmap = \"fatal\"", "`fatal` cannot be used here", ":2:7]"),
        ("[severity]\nmaps = \"off\"", "no rule called `maps`", ":2:1]"),
        ("[per-file-ignores]\n\"[\" = \"map\"", "`[` is no pattern", ":2:1]"),
        ("[per-file-ignores]\na = \"x\"", "no rule called `x`", ":2:5]"),
        ("[directives]\na = [\"htp\"]", "no block called `htp`", ":2:6]"),
        ("[directives]\na = []", "must be allowed in some block", ":2:5]"),
        ("[directives.a]\nblock = true", "`contexts` is missing", ":1:1]"),
        ("select = [", "unclosed array", ":1:11]"),
    ];
    for (settings, message, place) in cases {
        let folder = with_settings(settings);
        let outcome = folder.run(["site.conf"]).expect(2);
        let place = format!("[wslint.toml{place}");
        outcome.complains_about(&["wslint.toml cannot be used", message, &place]);
        assert_eq!(outcome.stdout, "", "{settings}");
        let json = folder.run(["site.conf", "--format", "json"]).expect(2);
        assert!(json.stdout.contains("\"files\": 0"), "{json:#?}");
    }
}

#[test]
fn file_that_cannot_be_read_is_trouble() {
    let folder = Folder::with("site.conf", FAULTY).folder("wslint.toml");
    folder.run(["site.conf"]).expect(2).complains_about(&["wslint.toml"]);
    let folder = Folder::with("site.conf", FAULTY).file("wslint.toml", b"a = \"\xff\"");
    folder.run(["site.conf"]).expect(2).complains_about(&["wslint.toml is not UTF-8"]);
    let folder = with_settings("").file(".wslint.toml", "");
    folder.run(["site.conf"]).expect(2).complains_about(&["both wslint.toml and .wslint.toml"]);
}

#[test]
fn control_characters_do_not_reach_the_terminal() {
    for settings in ["\"a\\u001b]0;x\" = 1", "ignore = [\"\u{1b}[31m\"]", "# \u{1b}[31m\nx = 1"] {
        let outcome = with_settings(settings).run(["site.conf", "--color", "never"]).expect(2);
        assert!(!outcome.stderr.contains('\u{1b}'), "{outcome:?}");
    }
}

#[test]
fn example_of_the_documentation_can_be_used() {
    let usage = include_str!("../../docs/usage.md");
    let (_, rest) = usage.split_once("```toml\n").expect("an example");
    let (example, _) = rest.split_once("```").expect("its end");
    let folder = Folder::with("nginx.conf", whole(SOUND)).file("wslint.toml", example);
    folder.run(["nginx.conf"]).expect(0);
}

#[test]
fn settings_can_be_shown() {
    let settings = "fail-on = \"error\"\nselect = [\"map\"]\n[severity]\nmap-syntax = \"info\"\n\
        [per-file-ignores]\n\"a/*\" = \"map-syntax\"\n\
        [directives.x]\ncontexts = [\"http\"]\narguments = \"1+\"\n";
    let folder = with_settings(settings);
    let shown = folder.run(["site.conf", "--show-settings", "--nginx-version", "1.22.1"]).expect(0);
    let shown = shown.stdout;
    for line in [
        "# for site.conf\n",
        "wslint.toml\n",
        "nginx-version = \"1.22.1\"\n",
        "fail-on = \"error\"\n",
        "    \"map-undefined-variable\",\n",
        "[severity]\nmap-syntax = \"info\"\n",
        "[per-file-ignores]\n\"a/*\" = [\"map-syntax\"]\n",
        "[directives]\n\"x\" = { contexts = [\"http\"], arguments = \"1+\", block = false }\n",
    ] {
        assert!(shown.contains(line), "{line} is not in {shown}");
    }
    // What is shown can be used as it is.
    let again = with_settings(&shown);
    let path = folder.path("wslint.toml").display().to_string();
    let other = again.path("wslint.toml").display().to_string();
    let reshown = again.run(["site.conf", "--show-settings"]).expect(0).stdout;
    assert_eq!(reshown.replace(&other, &path), shown);
    let none = Folder::with("site.conf", FAULTY).run(["site.conf", "--show-settings"]).expect(0);
    assert!(none.stdout.contains("# from no file\n"), "{none:?}");
}

#[test]
fn handshakes_are_followed_with_the_settings_too() {
    let site = whole(
        "my_module on; server { listen 80; location / { proxy_pass http://127.0.0.1:1;
        proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; } }",
    );
    let folder = Folder::with("nginx.conf", site);
    let url = ["trace", "ws://localhost/"];
    assert!(folder.run(url).expect(1).stdout.contains("my_module"));
    let folder = folder.file("wslint.toml", "directives = { my_module = ['http'] }");
    let stdout = folder.run(url).expect(1).stdout;
    assert!(stdout.contains("1.29.7"), "{stdout}");
    let settings = "nginx-version = '1.30.0'\ndirectives = { my_module = ['http'] }";
    let folder = folder.file("wslint.toml", settings);
    folder.run(url).expect(0);
    folder.run(["trace", "ws://localhost/", "--nginx-version", "1.22.1"]).expect(1);
    folder.run(["trace", "ws://localhost/", "--no-config"]).expect(1);
    folder.run(["routes"]).expect(0);
    let folder = folder.file("wslint.toml", "x = 1");
    for command in [&url[..], &["routes"]] {
        folder.run(command).expect(2).complains_about(&["no setting called `x`"]);
    }
}
