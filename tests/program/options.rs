use super::{FAULTY, Folder, SOUND, fs, whole, with_info};

fn faulty() -> Folder {
    Folder::with("site.conf", FAULTY)
}

#[test]
fn help() {
    let outcome = Folder::new().run(["--help"]).expect(0);
    insta::assert_snapshot!("help", outcome.stdout);
}

#[test]
fn version() {
    let outcome = Folder::new().run(["--version"]).expect(0);
    assert_eq!(outcome.stdout, concat!("wslint ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn unknown_option_is_refused() {
    let folder = faulty();
    folder.run(["--formt", "json"]).expect(2).complains_about(&["--formt", "--format"]);
    for options in [&["--bogus"][..], &["-x"], &["check", "--bogus"], &["parse", "--bogus", "a"]] {
        let outcome = folder.run(options).expect(2);
        assert_eq!(outcome.stdout, "");
    }
}

#[test]
fn values_are_checked() {
    let folder = faulty();
    for (option, value) in [
        ("--format", "xml"),
        ("--output-format", "xml"),
        ("--severity", "fatal"),
        ("--fail-on", "never"),
        ("--color", "sometimes"),
    ] {
        folder.run(["site.conf", option, value]).expect(2).complains_about(&[value]);
    }
}

#[test]
fn format_has_an_alias() {
    let folder = faulty();
    for format in ["full", "concise", "json", "json-lines"] {
        let named = folder.run(["site.conf", "--format", format]).expect(1);
        let alias = folder.run(["site.conf", "--output-format", format]).expect(1);
        assert_eq!(named.stdout, alias.stdout);
    }
    let default = folder.run(["site.conf"]).expect(1);
    assert_eq!(default.stdout, folder.run_in_format("full", ["site.conf"]).stdout);
}

#[test]
fn check_is_the_default() {
    let folder = faulty();
    for arguments in [&["site.conf"][..], &[], &["--format", "json", "."], &["gone"]] {
        let short = folder.run(arguments);
        let long = folder.run(["check"].iter().chain(arguments));
        assert_eq!((short.status, short.stdout), (long.status, long.stdout));
    }
}

#[test]
fn rules_are_selected_by_name_category_or_all() {
    let folder = faulty();
    for (options, expected) in [
        ("--select connection-not-forwarded", 1),
        ("--select handshake", 1),
        ("--select all", 1),
        ("--select map,upstream", 0),
        ("--select map,handshake", 1),
        ("--select map --select handshake", 1),
        ("--ignore map", 1),
        ("--ignore connection-not-forwarded", 0),
        ("--ignore handshake", 0),
        ("--ignore all", 0),
        ("--select all --ignore handshake", 0),
    ] {
        let lines = folder.concise(["site.conf"].into_iter().chain(options.split(' ')));
        assert_eq!(lines.len(), expected, "{options}: {lines:?}");
    }
}

#[test]
fn unknown_rule_is_refused_with_the_nearest_one() {
    let folder = faulty();
    for arguments in [
        &["--select", "map-syntx", "site.conf"][..],
        &["--ignore", "map,map-syntx", "site.conf"],
        &["explain", "map-syntx"],
    ] {
        let outcome = folder.run(arguments).expect(2);
        outcome.complains_about(&["`map-syntx`", "did you mean `map-syntax`?"]);
        assert_eq!(outcome.stdout, "");
    }
    let outcome = folder.run(["explain", "qqq"]).expect(2);
    outcome.complains_about(&["`qqq`"]);
    assert!(!outcome.stderr.contains("did you mean"), "{outcome:?}");
    for name in ["", ",", "MAP"] {
        folder.run(["--select", name, "site.conf"]).expect(2);
    }
}

#[test]
fn word_that_is_neither_file_nor_command_is_said_to_be_none() {
    let folder = Folder::new();
    folder.run(["chek"]).expect(2).complains_about(&["`chek`", "did you mean `check`?"]);
    folder.run(["nothing"]).expect(2).complains_about(&["no file or command", "`nothing`"]);
}

#[test]
fn nginx_version_is_three_numbers() {
    let folder = faulty();
    for version in ["1.22.1", "1.31.5", "1.9.15", "0.8.54"] {
        folder.run(["site.conf", "--nginx-version", version]).expect(1);
        let document = folder.json(["site.conf", "--nginx-version", version]);
        assert_eq!(document.nginx_version.as_deref(), Some(version));
    }
    let document = folder.json(["site.conf", "--nginx-version", "1.22"]);
    assert_eq!(document.nginx_version.as_deref(), Some("1.22.0"));
    for version in
        ["", "x", "1", "1.2.x", "v1.2.3", "1.2.3.4", "1..3", "1.2.-3", "1,2,3", "1.2.99999999999"]
    {
        let option = format!("--nginx-version={version}");
        let outcome = folder.run(["site.conf", &option]).expect(2);
        outcome.complains_about(&["--nginx-version"]);
    }
}

#[test]
fn nginx_version_leaves_out_what_does_not_hold_for_it() {
    let text = whole(&SOUND.replace("proxy_http_version 1.1;", ""));
    let folder = Folder::with("site.conf", text);
    let count = |version| folder.concise(["site.conf", "--nginx-version", version]).len();
    assert_eq!((count("1.29.6"), count("1.29.7")), (1, 0));
}

#[test]
fn report_goes_to_a_file() {
    let folder = faulty();
    for format in ["full", "concise", "json", "json-lines"] {
        let printed = folder.run_in_format(format, ["site.conf"]).expect(1);
        let written = folder.run_in_format(format, ["site.conf", "--output-file", "r"]).expect(1);
        assert_eq!(written.stdout, "");
        assert_eq!(fs::read_to_string(folder.path("r")).unwrap(), printed.stdout);
    }
}

#[test]
fn report_that_cannot_be_written_is_trouble() {
    let folder = faulty().folder("taken");
    for path in ["gone/report", "taken", "site.conf/report"] {
        let outcome = folder.run(["site.conf", "--output-file", path]).expect(2);
        outcome.complains_about(&[path]);
    }
}

#[test]
fn quiet_prints_findings_only() {
    let folder = faulty().file("sound.conf", SOUND);
    assert_eq!(folder.run(["sound.conf", "--quiet"]).expect(0).stdout, "");
    let outcome = folder.run(["site.conf", "-q"]).expect(1);
    assert!(outcome.stdout.contains("connection-not-forwarded"));
    assert!(!outcome.stdout.contains("1 error in"), "{outcome:?}");
    let quiet = folder.run_in_format("json", ["site.conf", "--quiet"]);
    assert_eq!(quiet.stdout, folder.run_in_format("json", ["site.conf"]).stdout);
}

#[test]
fn statistics_count_the_findings_of_each_rule() {
    let folder = Folder::with("site.conf", FAULTY.repeat(11));
    for format in ["full", "concise"] {
        let outcome = folder.run_in_format(format, ["site.conf", "--statistics"]).expect(1);
        let line = outcome.stdout.lines().find(|line| line.ends_with("  connection-not-forwarded"));
        assert_eq!(line, Some("11  connection-not-forwarded"));
    }
    let plain = folder.run_in_format("json", ["site.conf"]);
    let counted = folder.run_in_format("json", ["site.conf", "--statistics"]);
    assert_eq!(plain.stdout, counted.stdout);
}

#[test]
fn configuration_file_can_be_left_out() {
    faulty().run(["site.conf", "--no-config"]).expect(1);
}

#[test]
fn summary_tells_how_much_was_looked_at() {
    let folder = Folder::with("nginx.conf", whole("include a.conf;")).file("a.conf", SOUND);
    assert_eq!(folder.run([""; 0]).expect(0).stdout, "No problems in 2 files.\n");
    let folder = folder.file("info.conf", with_info());
    let outcome = folder.run(["info.conf", "--severity", "info"]).expect(0);
    assert!(outcome.stdout.contains(" in 1 file."), "{outcome:?}");
}
