//! `--fix`, `--unsafe-fixes` and `--diff`: what is written, and what is not.

use std::fs;

use super::{Document, FAULTY, Folder, SOUND, finish, whole};

/// A location with a mistake that has a safe fix: the backslash.
const FIXABLE: &str = "server {
    location /ws {
        proxy_pass http://127.0.0.1:3000;
        proxy_http_version 1.1;
        proxy_set_header Upgrade \\$http_upgrade;
        proxy_set_header Connection upgrade;
    }
}
";

/// A location with a mistake that has an unsafe fix: a `;` is missing behind the second line.
const UNSAFE: &str = "server {
    location /ws {
        proxy_pass http://127.0.0.1:3000;
        proxy_set_header Host $host
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection upgrade;
        proxy_http_version 1.1;
    }
}
";

fn read(folder: &Folder, name: &str) -> String {
    fs::read_to_string(folder.path(name)).unwrap()
}

/// How many files lie in a folder.
fn count(folder: &Folder) -> usize {
    fs::read_dir(folder.path(".")).unwrap().count()
}

/// [`FIXABLE`] as it is to be.
fn fixed() -> String {
    FIXABLE.replace('\\', "")
}

/// What was said about errors and warnings: there may be advice besides.
fn said(report: &str) -> String {
    let lines = report.lines().filter(|line| !line.contains("--severity info shows"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_safe_fix_is_written_and_one_run_settles() {
    let folder = Folder::with("site.conf", FIXABLE);
    assert_eq!(said(&folder.run(["--format", "concise", "site.conf"]).stdout).lines().count(), 1);
    let outcome = folder.run(["--fix", "site.conf"]).expect(0);
    assert_eq!(said(&outcome.stdout), "Fixed 1 problem in 1 file.\nNo problems in 1 file.");
    assert_eq!(read(&folder, "site.conf"), fixed());
    let outcome = folder.run(["--fix", "site.conf"]).expect(0);
    assert_eq!(said(&outcome.stdout), "No problems in 1 file.");
    assert_eq!(read(&folder, "site.conf"), fixed());
    assert_eq!(count(&folder), 1);
}

#[test]
fn the_summary_says_what_could_be_fixed() {
    let folder = Folder::with("a.conf", FIXABLE);
    let last = |folder: &Folder, arguments: &[&str]| {
        let outcome = folder.run(arguments);
        said(&outcome.stdout).lines().last().unwrap().to_owned()
    };
    assert_eq!(last(&folder, &["."]), "1 can be fixed with --fix.");
    let folder = folder.file("b.conf", UNSAFE);
    assert_eq!(last(&folder, &["."]), "1 can be fixed with --fix, 1 more with --unsafe-fixes.");
    assert_eq!(last(&folder, &["b.conf"]), "1 can be fixed with --fix --unsafe-fixes.");
    let outcome = folder.run(["--fix", "."]).expect(1);
    assert!(
        said(&outcome.stdout).ends_with(
            "Fixed 1 problem in 1 file.\n1 error in 2 files.\n1 more can be fixed with \
             --unsafe-fixes."
        ),
        "{}",
        outcome.stdout
    );
    let outcome = folder.run(["--fix", "--unsafe-fixes", "."]).expect(0);
    assert_eq!(said(&outcome.stdout), "Fixed 1 problem in 1 file.\nNo problems in 2 files.");
    assert_eq!(read(&folder, "b.conf"), UNSAFE.replace("$host\n", "$host;\n"));
}

#[test]
fn what_has_no_fix_remains_and_decides_the_status() {
    let folder =
        Folder::with("nginx.conf", whole("bogus 1;\ninclude a.site;")).file("a.site", FIXABLE);
    let outcome = folder.run(["--fix", "nginx.conf"]).expect(1);
    assert!(outcome.stdout.contains("error[unknown-directive]"), "{outcome:?}");
    assert!(outcome.stdout.contains("\nFixed 1 problem in 1 file.\n"), "{outcome:?}");
    assert_eq!(read(&folder, "a.site"), fixed());
    folder.run(["--fix", "--exit-zero", "nginx.conf"]).expect(0);
    let folder = Folder::with("site.conf", FAULTY.replace("http_upgrade", "http_upgarde"));
    folder.run(["--fix", "--unsafe-fixes", "site.conf"]);
    assert!(read(&folder, "site.conf").contains("http_upgrade"));
}

#[test]
fn unsafe_fixes_need_to_be_asked_for_with_what_applies_them() {
    let folder = Folder::with("site.conf", UNSAFE);
    folder.run(["--unsafe-fixes", "site.conf"]).expect(2).complains_about(&["--fix", "--diff"]);
    folder.run(["--fix", "site.conf"]).expect(1);
    assert_eq!(read(&folder, "site.conf"), UNSAFE);
}

#[test]
fn options_that_contradict_each_other_are_refused() {
    let folder = Folder::with("site.conf", FIXABLE);
    for other in ["--diff", "--add-ignores", "--show-settings"] {
        folder.run(["--fix", other, "site.conf"]).expect(2).complains_about(&[other]);
    }
    folder
        .run(["--diff", "--format", "json", "site.conf"])
        .expect(2)
        .complains_about(&["--format"]);
    let outcome = folder.run_with_input(["--fix", "-", "site.conf"], FIXABLE).expect(2);
    outcome.complains_about(&["standard input can only be fixed alone"]);
    assert_eq!(read(&folder, "site.conf"), FIXABLE);
}

#[test]
fn a_diff_can_be_applied_and_writes_nothing() {
    let folder = Folder::with("site.conf", FIXABLE);
    let outcome = folder.run(["--diff", "site.conf"]).expect(1);
    let lines: Vec<&str> = outcome.stdout.lines().collect();
    assert_eq!(lines[..3], ["--- site.conf", "+++ site.conf", "@@ -2,7 +2,7 @@"]);
    assert!(lines.contains(&"-        proxy_set_header Upgrade \\$http_upgrade;"));
    assert!(lines.contains(&"+        proxy_set_header Upgrade $http_upgrade;"));
    assert_eq!(read(&folder, "site.conf"), FIXABLE);
    folder.run(["--diff", "--exit-zero", "site.conf"]).expect(0);
    folder.run(["--diff", "--output-file", "changes", "site.conf"]).expect(1);
    assert_eq!(read(&folder, "changes"), outcome.stdout);

    let folder = Folder::with("site.conf", SOUND);
    assert_eq!(folder.run(["--diff", "site.conf"]).expect(0).stdout, "");
    let folder = Folder::with("site.conf", UNSAFE);
    assert_eq!(folder.run(["--diff", "site.conf"]).expect(0).stdout, "");
    let outcome = folder.run(["--diff", "--unsafe-fixes", "site.conf"]).expect(1);
    assert!(outcome.stdout.contains("\n+        proxy_set_header Host $host;\n"), "{outcome:?}");
    folder.run(["--diff", "gone.conf"]).expect(2);
}

#[test]
fn a_diff_has_colours_where_they_are_wanted() {
    let folder = Folder::with("site.conf", FIXABLE);
    let outcome = folder.run(["--diff", "--color", "always", "site.conf"]).expect(1);
    assert!(outcome.stdout.contains("\u{1b}[31m-        proxy_set_header"), "{outcome:?}");
    assert!(outcome.stdout.contains("\u{1b}[32m+        proxy_set_header"), "{outcome:?}");
}

#[test]
fn a_diff_tells_of_a_missing_line_end() {
    let text = "server { location /ws { proxy_pass http://127.0.0.1:1; proxy_http_version 1.0; \
        proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; } }";
    let folder = Folder::with("site.conf", text);
    let outcome = folder.run(["--diff", "site.conf"]).expect(1);
    assert_eq!(outcome.stdout.matches("\n\\ No newline at end of file\n").count(), 2);
    folder.run(["--fix", "site.conf"]).expect(0);
    assert_eq!(read(&folder, "site.conf"), text.replace("1.0", "1.1"));
}

#[test]
fn every_other_byte_is_kept() {
    let mut text = b"# caf\xe9 \xff\x80\r\n".to_vec();
    text.extend(FIXABLE.replace('\n', "\r\n").replace("/ws {", "/ws\t{   # \u{1f600}").bytes());
    text.extend(b"# \xc3\x28 the end");
    let folder = Folder::with("site.conf", &text);
    folder.run(["--fix", "site.conf"]);
    let written = fs::read(folder.path("site.conf")).unwrap();
    let mut expected = text.clone();
    let backslash = text.iter().position(|&byte| byte == b'\\').unwrap();
    expected.remove(backslash);
    assert_eq!(written, expected);
}

#[test]
fn standard_input_comes_back_on_standard_output() {
    let folder = Folder::new();
    let outcome = folder.run_with_input(["--fix", "-"], FIXABLE);
    assert_eq!((outcome.status, outcome.stdout), (0, fixed()));
    assert_eq!(said(&outcome.stderr), "Fixed 1 problem in 1 file.\nNo problems in 1 file.");
    // Also when there is nothing to fix, or it remains.
    for (text, status) in [(SOUND, 0), (FAULTY.replace("Upgrade $", "Upgrade2 $").as_str(), 0)] {
        let outcome = folder.run_with_input(["--fix", "--quiet", "-"], text);
        assert_eq!((outcome.status, outcome.stdout.as_str()), (status, text));
    }
    let outcome = folder.run_with_input(["--fix", "--format", "json", "-"], UNSAFE);
    assert_eq!((outcome.status, outcome.stdout.as_str()), (1, UNSAFE));
    let document: Document = serde_json::from_str(&outcome.stderr).unwrap();
    assert_eq!(document.diagnostics.len(), 1);
    let outcome = folder.run_with_input(["--diff", "--stdin-filename", "a.conf", "-"], FIXABLE);
    assert!(outcome.expect(1).stdout.starts_with("--- a.conf\n"));
}

#[test]
fn what_standard_input_includes_is_not_written() {
    let folder = Folder::with("a.site", FIXABLE).file("nginx.conf", "");
    let text = whole("include a.site;");
    let arguments = ["--fix", "--stdin-filename", "nginx.conf", "-"];
    let outcome = folder.run_with_input(arguments, &text);
    assert_eq!((outcome.status, outcome.stdout), (1, text));
    assert_eq!(read(&folder, "a.site"), FIXABLE);
    assert_eq!(read(&folder, "nginx.conf"), "");
}

#[test]
fn dumps_are_left_alone_and_it_is_said() {
    let dump = format!("# configuration file /n/nginx.conf:\n{}\n", whole(FIXABLE));
    let folder = Folder::with("dump.txt", &dump);
    let outcome = folder.run(["--fix", "dump.txt"]).expect(2);
    outcome.complains_about(&["nothing is fixed", "nginx -T"]);
    assert_eq!(read(&folder, "dump.txt"), dump);
    let outcome = folder.run_with_input(["--fix", "-"], &dump).expect(2);
    assert_eq!(outcome.stdout, "");
    outcome.complains_about(&["nginx -T"]);
    let document = folder.json(["dump.txt"]);
    assert_eq!((document.diagnostics.len(), document.summary.fixable), (1, 0));
}

#[test]
fn templates_are_left_alone() {
    let text = FIXABLE.replace("/ws", "{{ path }}");
    let folder = Folder::with("site.conf", &text);
    folder.run(["--fix", "--unsafe-fixes", "site.conf"]).expect(1);
    assert_eq!(read(&folder, "site.conf"), text);
}

#[test]
fn a_file_with_syntax_errors_is_fixed_when_they_are() {
    // What stands behind the quote has no fix.
    let damaged = format!("{FIXABLE}server {{ server_name \"x\"y; }}\n");
    let folder = Folder::with("site.conf", &damaged);
    folder.run(["--fix", "--unsafe-fixes", "site.conf"]).expect(1);
    assert_eq!(read(&folder, "site.conf"), damaged);
    assert_eq!(folder.json(["site.conf"]).summary.fixable, 0);
    // The missing `;` has one; after it the rest is understood.
    let damaged = FIXABLE.replace("1.1;", "1.1");
    let folder = Folder::with("site.conf", damaged + "server {\n    listen 80\n}\n");
    folder.run(["--fix", "--unsafe-fixes", "site.conf"]).expect(0);
    assert_eq!(read(&folder, "site.conf"), fixed() + "server {\n    listen 80;\n}\n");
}

#[test]
fn what_comments_ignore_is_not_fixed() {
    let text = FIXABLE.replace("    location", "    # wslint: ignore[all]\n    location");
    let folder = Folder::with("site.conf", &text);
    folder.run(["--fix", "site.conf"]).expect(0);
    folder.run(["--fix", "--no-ignores", "site.conf"]).expect(1);
    assert_eq!(read(&folder, "site.conf"), text);
}

#[test]
fn what_is_not_shown_or_not_selected_is_not_fixed() {
    let folder = Folder::with("site.conf", FIXABLE);
    folder.run(["--fix", "--select", "proxy-http-version-1-0", "site.conf"]).expect(0);
    assert_eq!(read(&folder, "site.conf"), FIXABLE);
    let text = FIXABLE.replace("Upgrade \\$http_upgrade", "Upgrade $http_upgrade").replace(
        "Connection upgrade;",
        "Connection upgrade;\n        proxy_set_header X-Real-IP \\$remote_addr;",
    );
    let folder = Folder::with("site.conf", &text);
    folder.run(["--fix", "--severity", "error", "--fail-on", "error", "site.conf"]).expect(0);
    assert_eq!(read(&folder, "site.conf"), text);
    folder.run(["--fix", "site.conf"]).expect(0);
    assert_ne!(read(&folder, "site.conf"), text);
}

#[test]
fn edits_are_reported_with_the_places_of_the_text_before() {
    let folder = Folder::with("nginx.conf", whole("include *.site;"))
        .file("a.site", FIXABLE)
        .file("b.site", FIXABLE);
    let document = folder.json(["--fix", "nginx.conf"]);
    assert!(document.diagnostics.is_empty());
    assert_eq!((document.summary.fixable, document.summary.unsafe_fixable), (0, 0));
    let fixed = document.fixed.unwrap();
    let files: Vec<&str> = fixed.iter().map(|it| it.file.as_str()).collect();
    assert_eq!(files, ["a.site", "b.site"]);
    for mended in fixed {
        assert_eq!((mended.round, mended.rule.as_str()), (1, "escaped-dollar"));
        let [edit] = &mended.fix.edits[..] else { panic!("{mended:?}") };
        let span = edit.span.start.offset..edit.span.end.offset;
        assert_eq!((&FIXABLE[span], edit.text.as_str()), ("\\", ""));
        assert_eq!(edit.file, mended.file);
    }
    assert_eq!(folder.json(["--fix", "nginx.conf"]).fixed, Some(Vec::new()));
    assert_eq!(folder.json(["nginx.conf"]).fixed, None);
}

#[test]
fn a_file_that_several_configurations_include_is_written_once() {
    let folder = Folder::with("one/nginx.conf", whole("include ../shared.site;"))
        .file("two/nginx.conf", whole("include ../shared.site;"))
        .file("shared.site", FIXABLE);
    let outcome = folder.run(["--fix", "one/nginx.conf", "two/nginx.conf"]).expect(0);
    assert!(outcome.stdout.starts_with("Fixed 1 problem in 1 file.\n"), "{outcome:?}");
    assert_eq!(read(&folder, "shared.site"), fixed());
}

#[test]
fn a_file_that_two_configurations_want_to_be_different_is_left_alone() {
    // What one of them ignores is not to be changed for the other.
    let folder =
        Folder::with("one/nginx.conf", whole("include ../shared.site;\ninclude own.site;"))
            .file("one/own.site", FIXABLE)
            .file("two/nginx.conf", whole("include ../shared.site;"))
            .file("two/wslint.toml", "ignore = [\"all\"]\n")
            .file("shared.site", FIXABLE);
    let outcome = folder.run(["--fix", "one/nginx.conf", "two/nginx.conf"]).expect(2);
    outcome.complains_about(&["shared.site", "one/nginx.conf", "two/nginx.conf"]);
    assert_eq!(read(&folder, "shared.site"), FIXABLE);
    assert_eq!(read(&folder, "one/own.site"), fixed());
}

#[cfg(unix)]
#[test]
fn links_stay_and_their_target_keeps_its_mode() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::with("available/site.conf", FIXABLE)
        .link("enabled/a.conf", "../available/site.conf")
        .link("enabled/b.conf", "../available/site.conf")
        .file("nginx.conf", whole("include enabled/*.conf;"));
    let target = folder.path("available/site.conf");
    fs::set_permissions(&target, fs::Permissions::from_mode(0o640)).unwrap();
    // Both names lead to one file, which is mended once.
    let outcome = folder.run(["--fix", "--ignore", "location-duplicate", "nginx.conf"]);
    assert!(outcome.stdout.contains("Fixed "), "{outcome:?}");
    for name in ["a.conf", "b.conf"] {
        let link = folder.path("enabled").join(name);
        assert!(link.symlink_metadata().unwrap().is_symlink());
    }
    assert_eq!(read(&folder, "available/site.conf"), fixed());
    assert_eq!(target.metadata().unwrap().permissions().mode() & 0o7777, 0o640);
    assert_eq!(fs::read_dir(folder.path("available")).unwrap().count(), 1);
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_written_is_no_reason_to_leave_others() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::with("nginx.conf", whole("include *.site;"))
        .file("a.site", FIXABLE)
        .file("b.site", FIXABLE);
    fs::set_permissions(folder.path("a.site"), fs::Permissions::from_mode(0o444)).unwrap();
    let Some(outcome) = folder.run_with_permissions(["--fix", "nginx.conf"]) else { return };
    let outcome = outcome.expect(2);
    outcome.complains_about(&["cannot write", "a.site"]);
    assert_eq!(read(&folder, "a.site"), FIXABLE);
    assert_eq!(read(&folder, "b.site"), fixed());
    assert_eq!(count(&folder), 3);
}

#[cfg(unix)]
#[test]
fn a_folder_that_takes_no_new_files_is_an_error_for_its_files_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::with("nginx.conf", whole("include *.site;\ninclude closed/*.site;"))
        .file("a.site", FIXABLE)
        .file("closed/b.site", FIXABLE);
    fs::set_permissions(folder.path("closed"), fs::Permissions::from_mode(0o555)).unwrap();
    let outcome = folder.run_with_permissions(["--fix", "nginx.conf"]);
    fs::set_permissions(folder.path("closed"), fs::Permissions::from_mode(0o755)).unwrap();
    let Some(outcome) = outcome else { return };
    let outcome = outcome.expect(2);
    outcome.complains_about(&["cannot write", "closed/b.site"]);
    assert_eq!(read(&folder, "closed/b.site"), FIXABLE);
    assert_eq!(read(&folder, "a.site"), fixed());
}

/// Also for a user whom permissions do not stop.
#[test]
fn what_belongs_together_with_a_file_that_cannot_be_written_is_reported() {
    // No name is left for the new text of a file whose name is as long as names may be.
    let name = format!("{}.site", "long".repeat(61));
    let folder = Folder::with("nginx.conf", whole("include *.site;"))
        .file("a.site", FIXABLE)
        .file(&name, FIXABLE);
    let outcome = folder.run(["--fix", "nginx.conf"]).expect(2);
    outcome.complains_about(&["cannot write", &name]);
    assert!(outcome.stdout.contains("Fixed 1 problem in 1 file.\n"), "{outcome:?}");
    assert!(outcome.stdout.contains("1 error in 3 files.\n"), "{outcome:?}");
    assert_eq!(read(&folder, "a.site"), fixed());
    assert_eq!(read(&folder, &name), FIXABLE);
    assert_eq!(count(&folder), 3);
}

#[cfg(unix)]
#[test]
fn a_pipe_is_no_file() {
    let folder = Folder::new();
    let pipe = folder.path("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    if !made.is_ok_and(|status| status.success()) {
        eprintln!("skipped: there is no mkfifo");
        return;
    }
    folder.run(["--fix", "pipe"]).expect(2).complains_about(&["pipe", "FIFO"]);
    folder.run(["--diff", "pipe"]).expect(2);
}

#[test]
fn trouble_with_one_path_does_not_keep_the_others_from_being_fixed() {
    let folder = Folder::with("site.conf", FIXABLE);
    let outcome = folder.run(["--fix", "gone.conf", "site.conf"]).expect(2);
    assert_eq!(outcome.stderr.matches("gone.conf").count(), 1);
    assert_eq!(read(&folder, "site.conf"), fixed());
}

#[test]
fn many_fixes_take_little_time() {
    let text = FIXABLE.repeat(2000);
    let folder = Folder::with("nginx.conf", whole(&text));
    let command = folder.command(["--fix", "--quiet", "--format", "concise", "nginx.conf"]);
    finish(command, b"");
    assert_eq!(read(&folder, "nginx.conf"), whole(&text.replace('\\', "")));
}
