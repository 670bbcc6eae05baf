use super::{FAULTY, Folder, SOUND, whole, with_info, with_warning};

/// Configurations whose worst finding is known from their names.
fn folder() -> Folder {
    Folder::with("sound", whole(SOUND))
        .file("info", with_info())
        .file("warning", with_warning())
        .file("error", whole(FAULTY))
}

#[test]
fn it_follows_the_worst_finding_and_the_options() {
    let folder = folder();
    let cases: [(&str, [i32; 4]); 9] = [
        ("", [0, 0, 1, 1]),
        ("--fail-on info", [0, 1, 1, 1]),
        ("--fail-on warning", [0, 0, 1, 1]),
        ("--fail-on error", [0, 0, 0, 1]),
        ("--severity info", [0, 0, 1, 1]),
        ("--severity error", [0, 0, 1, 1]),
        ("--severity error --fail-on error", [0, 0, 0, 1]),
        ("--exit-zero", [0, 0, 0, 0]),
        ("--exit-zero --fail-on info", [0, 0, 0, 0]),
    ];
    for (options, expected) in cases {
        for (name, expected) in ["sound", "info", "warning", "error"].iter().zip(expected) {
            for format in ["full", "concise", "json", "json-lines"] {
                let arguments = options.split_whitespace().chain([*name, "--format", format]);
                let outcome = folder.run(arguments);
                assert_eq!(outcome.status, expected, "{options} {name} {format}: {outcome:#?}");
            }
        }
    }
}

#[test]
fn finding_that_decides_it_is_shown() {
    let folder = folder();
    assert_eq!(folder.concise(["info"]).len(), 0);
    assert_eq!(folder.concise(["info", "--severity", "info"]).len(), 1);
    assert_eq!(folder.concise(["info", "--fail-on", "info"]).len(), 1);
    assert_eq!(folder.concise(["warning", "--severity", "error"]).len(), 1);
    assert_eq!(folder.concise(["warning", "--severity", "error", "--fail-on", "error"]).len(), 0);
}

#[test]
fn hidden_findings_are_counted() {
    let outcome = folder().run(["info"]).expect(0);
    assert!(outcome.stdout.contains("1 finding is hidden"), "{outcome:?}");
}

#[test]
fn unreadable_file_weighs_more_than_findings() {
    let folder = folder();
    for options in [&["gone", "error"][..], &["error", "gone", "--exit-zero"]] {
        let outcome = folder.run(options).expect(2);
        outcome.complains_about(&["gone"]);
        assert!(outcome.stdout.contains("connection-not-forwarded"), "{outcome:#?}");
        assert!(outcome.stdout.contains("could not be checked"), "{outcome:#?}");
    }
    folder.run(["gone", "sound"]).expect(2);
}

#[test]
fn configuration_that_nginx_refuses_is_a_finding() {
    for text in ["server {", "}", "server { listen 80 }", "server { listen \"80; }"] {
        Folder::with("site.conf", text).run(["site.conf"]).expect(1);
    }
}

#[test]
fn file_without_directives_has_no_findings() {
    for text in ["", "\n\n", "# only a comment", "# only\r\n# comments\r\n"] {
        Folder::with("site.conf", text).run(["site.conf"]).expect(0);
    }
}
