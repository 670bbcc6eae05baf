//! `--add-ignores`: an old configuration adopts wslint in one step.

use std::fs;

use super::{FAULTY, Folder, SOUND, whole};

const COMMENT: &str = "# wslint: ignore[connection-not-forwarded] found when wslint was introduced";

fn read(folder: &Folder, name: &str) -> String {
    fs::read_to_string(folder.path(name)).unwrap()
}

#[test]
fn everything_found_is_ignored_afterwards() {
    let folder =
        Folder::with("nginx.conf", whole("proxy_read_timeout 1h;\ninclude *.site;\nbogus 1;"))
            .file("a.site", FAULTY)
            .file("b.site", FAULTY)
            .file("c.site", SOUND);
    let outcome = folder.run(["--add-ignores", "nginx.conf"]).expect(0);
    assert_eq!(outcome.stdout, "Wrote 3 comments into 3 files.\nNo problems in 4 files.\n");
    assert!(read(&folder, "a.site").contains(&format!("        {COMMENT}\n        proxy_set")));
    assert_eq!(read(&folder, "c.site"), SOUND);
    folder.run(["nginx.conf"]).expect(0);
    assert_eq!(folder.findings(["--no-ignores", "nginx.conf"]).len(), 3);
    let before = read(&folder, "a.site");
    folder.run(["--add-ignores", "nginx.conf"]).expect(0);
    assert_eq!(read(&folder, "a.site"), before);
    // Nothing but the files that were there.
    assert_eq!(fs::read_dir(folder.path(".")).unwrap().count(), 4);
}

#[test]
fn one_comment_names_all_rules_of_a_line() {
    let text = "server {\n\tlocation /ws { bogus 1; proxy_pass http://127.0.0.1:1; proxy_set_header \
        Upgrade $http_upgrade; }\n}\n";
    let folder = Folder::with("site.conf", text);
    folder.run(["--add-ignores", "site.conf"]).expect(0);
    let written = read(&folder, "site.conf");
    assert_eq!(written.matches("# wslint:").count(), 1, "{written}");
    assert!(written.contains("\n\t# wslint: ignore[connection-not-forwarded, "), "{written}");
}

#[test]
fn very_much_is_ignored_in_one_step() {
    let text = whole(&FAULTY.repeat(10_000));
    let folder = Folder::with("nginx.conf", &text);
    let outcome = folder.run(["--add-ignores", "nginx.conf"]).expect(0);
    assert!(outcome.stdout.starts_with("Wrote 10000 comments into 1 file."), "{outcome:?}");
    let without: String = read(&folder, "nginx.conf")
        .split_inclusive('\n')
        .filter(|line| !line.contains("# wslint:"))
        .collect();
    assert_eq!(without, text);
}

#[test]
fn what_is_not_shown_is_not_ignored() {
    let folder = Folder::with("nginx.conf", super::with_warning());
    folder
        .run(["--add-ignores", "--severity", "error", "--fail-on", "error", "nginx.conf"])
        .expect(0);
    assert_eq!(read(&folder, "nginx.conf"), super::with_warning());
}

#[test]
fn line_ends_of_the_file_are_kept() {
    let folder = Folder::with("site.conf", FAULTY.replace('\n', "\r\n"));
    folder.run(["--add-ignores", "site.conf"]).expect(0);
    let written = read(&folder, "site.conf");
    assert_eq!(written.matches('\n').count(), FAULTY.matches('\n').count() + 1);
    assert_eq!(written.matches('\n').count(), written.matches("\r\n").count());
}

#[test]
fn nothing_is_written_into_a_quoted_text() {
    let text = "server {\n    location /ws {\n        proxy_pass http://127.0.0.1:3000;\n        \
        proxy_set_header X \"a\n b\"; proxy_set_header Upgrade $http_upgrade;\n    }\n}\n";
    let folder = Folder::with("site.conf", text);
    let outcome = folder.run(["--add-ignores", "site.conf"]);
    assert_eq!(outcome.status, 2);
    outcome.complains_about(&["no comment can stand", "connection-not-forwarded", "line 5"]);
    assert_eq!(read(&folder, "site.conf"), text);
}

#[test]
fn a_syntax_error_is_covered_where_a_comment_can_stand() {
    let folder = Folder::with("nginx.conf", whole("server {\n listen 80\n}"));
    folder.run(["--add-ignores", "nginx.conf"]).expect(0);
    let folder = Folder::with("nginx.conf", whole("server {\n listen 80;\n"));
    folder.run(["--add-ignores", "nginx.conf"]).expect(0);
}

#[test]
fn what_has_no_file_of_its_own_is_left_alone() {
    let folder = Folder::with("site.conf", FAULTY);
    let outcome = folder.run_with_input(["--add-ignores", "-"], FAULTY).expect(2);
    outcome.complains_about(&["standard input"]);
    let dump = format!("# configuration file /n/nginx.conf:\n{}\n", whole(FAULTY));
    let template = FAULTY.replace("/ws", "{{ path }}");
    for text in [dump, template] {
        let folder = Folder::with("nginx.conf", &text);
        let outcome = folder.run(["--add-ignores", "nginx.conf"]).expect(2);
        outcome.complains_about(&["no comments are written"]);
        assert_eq!(read(&folder, "nginx.conf"), text);
    }
    folder.run(["--add-ignores", "--no-ignores", "."]).expect(2);
}

#[cfg(unix)]
#[test]
fn a_link_stays_one_and_its_target_keeps_its_permissions() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::with("available/site.conf", FAULTY)
        .link("enabled/site.conf", "../available/site.conf");
    let target = folder.path("available/site.conf");
    fs::set_permissions(&target, fs::Permissions::from_mode(0o640)).unwrap();
    folder.run(["--add-ignores", "enabled/site.conf"]).expect(0);
    let link = folder.path("enabled").join("site.conf");
    assert!(link.symlink_metadata().unwrap().is_symlink());
    assert!(read(&folder, "available/site.conf").contains(COMMENT));
    assert_eq!(target.metadata().unwrap().permissions().mode() & 0o777, 0o640);
}
