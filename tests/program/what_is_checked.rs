use super::{FAULT, FAULTY, Folder, SOUND, finish, whole};

/// What `wslint` makes of [`FAULTY`] in a file of that name.
fn fault(name: &str) -> String {
    format!("{name}{}", FAULT.trim_end())
}

#[test]
fn without_a_path_it_is_the_main_file_here() {
    let folder = Folder::with("nginx.conf", whole(FAULTY)).file("other.conf", FAULTY);
    let [finding] = &folder.findings([""; 0])[..] else { panic!() };
    assert!(finding.starts_with("nginx.conf:7:9: error["), "{finding}");
}

#[test]
fn without_a_main_file_it_is_the_folder() {
    let folder = Folder::with("deploy/site.conf", FAULTY).file("chat.conf", FAULTY);
    let findings = folder.findings([""; 0]);
    assert_eq!(findings.len(), 2, "{findings:?}");
    folder.run([""; 0]).expect(1);
}

#[test]
fn nothing_to_check_is_said() {
    let folder = Folder::new().folder("empty").file("README.md", "server {}");
    let outcome = folder.run([""; 0]).expect(2);
    outcome.complains_about(&["no nginx configuration"]);
    let outcome = folder.run(["empty"]).expect(2);
    outcome.complains_about(&["empty", "no nginx configuration"]);
    assert_eq!(outcome.stdout, "");
}

#[test]
fn configurations_of_other_programs_are_no_nginx_configurations() {
    let folder = Folder::with("supervisord.conf", "[supervisord]\nnodaemon=true\nuser=root\n");
    let outcome = folder.run(["."]).expect(2);
    assert_eq!(outcome.stdout, "");
}

#[test]
fn folder_beside_a_good_file_without_configurations_is_said() {
    let folder = Folder::with("site.conf", SOUND).folder("empty");
    let outcome = folder.run(["site.conf", "empty"]).expect(2);
    outcome.complains_about(&["empty"]);
}

#[test]
fn each_file_of_a_folder_is_checked_once() {
    let folder = Folder::with("nginx/nginx.conf", whole("include conf.d/*.conf;"))
        .file("nginx/conf.d/a.conf", FAULTY)
        .file("nginx/conf.d/b.conf", SOUND)
        .file("nginx/unused/c.conf", FAULTY);
    assert_eq!(
        folder.findings(["nginx"]),
        [fault("nginx/conf.d/a.conf"), fault("nginx/unused/c.conf")]
    );
    assert_eq!(folder.json(["nginx"]).summary.files, 4);
}

#[cfg(unix)]
#[test]
fn enabled_site_is_checked_under_the_name_of_its_link() {
    let folder = Folder::with("nginx.conf", whole("include sites-enabled/*;"))
        .file("sites-available/used", FAULTY)
        .file("sites-available/unused", FAULTY)
        .link("sites-enabled/used", "../sites-available/used");
    let findings = folder.findings(["."]);
    let ends_with = |end: &str| findings.iter().any(|finding| finding.ends_with(&fault(end)));
    assert!(ends_with("sites-enabled/used"), "{findings:?}");
    assert!(ends_with("sites-available/unused"), "{findings:?}");
    assert_eq!(findings.len(), 2, "{findings:?}");
}

#[cfg(unix)]
#[test]
fn link_to_nowhere_in_a_folder_is_said() {
    let folder = Folder::with("conf.d/site.conf", SOUND).link("conf.d/dead.conf", "nowhere");
    folder.run(["conf.d"]).expect(2).complains_about(&["dead.conf"]);
}

#[test]
fn fragment_is_checked_alone() {
    let folder = Folder::with("nginx.conf", whole("include conf.d/*.conf;"))
        .file("conf.d/a.conf", FAULTY)
        .file("conf.d/b.conf", FAULTY);
    assert_eq!(folder.findings(["conf.d/a.conf"]), [fault("conf.d/a.conf")]);
    assert_eq!(folder.json(["conf.d/a.conf"]).summary.files, 1);
}

#[test]
fn file_given_twice_is_checked_once() {
    let folder = Folder::with("site.conf", FAULTY).file("nginx.conf", whole(FAULTY));
    for name in ["site.conf", "nginx.conf"] {
        let paths = [name.into(), format!("./{name}").into(), folder.path(name)];
        let document = folder.json(&paths);
        assert_eq!(document.summary.files, 1);
        assert_eq!(document.diagnostics.len(), 1);
        assert_eq!(document.diagnostics[0].file, name);
    }
}

#[test]
fn included_file_that_is_given_too_is_checked_once() {
    let folder = Folder::with("main.conf", whole("include site.conf;")).file("site.conf", FAULTY);
    let document = folder.json(["main.conf", "site.conf"]);
    assert_eq!((document.summary.files, document.diagnostics.len()), (2, 1));
    assert_eq!(document, folder.json(["site.conf", "main.conf"]));
}

#[test]
fn included_file_with_the_http_block_is_checked_once() {
    let folder = Folder::with("main.conf", "events {}\ninclude http.conf;\n")
        .file("http.conf", format!("http {{\n{FAULTY}}}\n"));
    let document = folder.json(["main.conf", "http.conf"]);
    assert_eq!((document.summary.files, document.diagnostics.len()), (2, 1));
    assert_eq!(document, folder.json(["http.conf", "main.conf"]));
    let document = folder.json(["."]);
    assert_eq!((document.summary.files, document.diagnostics.len()), (2, 1));
}

#[test]
fn file_that_two_configurations_share_counts_once() {
    let folder = Folder::with("one/nginx.conf", whole("include ../shared/site.conf;"))
        .file("two/nginx.conf", whole("include ../shared/site.conf;"))
        .file("shared/site.conf", FAULTY);
    let document = folder.json(["one/nginx.conf", "two/nginx.conf"]);
    assert_eq!(document.diagnostics.len(), 1);
    assert_eq!(document.summary.files, 3);
}

#[test]
fn fragments_that_include_each_other_are_checked() {
    let folder = Folder::with("a.conf", format!("{FAULTY}include b.conf;\n"))
        .file("b.conf", format!("{FAULTY}include a.conf;\n"));
    folder.run(["a.conf", "b.conf"]).expect(1);
    folder.run(["."]).expect(1);
}

#[test]
fn included_file_that_cannot_be_read_hides_no_other() {
    let folder = Folder::with("nginx.conf", whole("include conf.d/*.conf;"))
        .file("conf.d/a.conf", FAULTY)
        .folder("conf.d/b.conf");
    let findings = folder.findings(["nginx.conf"]);
    assert!(findings.contains(&fault("conf.d/a.conf")), "{findings:?}");
    assert!(findings.iter().any(|it| it.contains("[include-missing]")), "{findings:?}");
}

#[test]
fn what_a_fragment_includes_does_not_depend_on_the_working_folder() {
    let location =
        "server { location /ws { proxy_pass http://127.0.0.1:1; include snippets/ws; } }";
    let folder = Folder::with("conf.d/site.conf", location)
        .file("snippets/ws", "proxy_set_header Upgrade $http_upgrade;\n");
    let outside = folder.run(["conf.d/site.conf"]).expect(1);
    let mut command = folder.command(["site.conf"]);
    command.current_dir(folder.path("conf.d"));
    let inside = finish(command, b"").expect(1);
    assert_eq!(outside.stdout.matches("error[").count(), inside.stdout.matches("error[").count());
}
