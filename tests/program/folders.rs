//! Which files of a folder are checked, in the shapes that folders have.

use super::{FAULT, FAULTY, Folder, SOUND, whole};

/// The names of the files that have the fault, and nothing else was found.
fn faulty(folder: &Folder, arguments: &[&str]) -> Vec<String> {
    let fault = FAULT.trim_end();
    let name = |finding: String| {
        let name = finding.strip_suffix(fault);
        name.unwrap_or_else(|| panic!("{finding}")).to_owned()
    };
    folder.findings(arguments).into_iter().map(name).collect()
}

/// A main file as packages have it.
fn main_file() -> String {
    whole("include /etc/nginx/conf.d/*.conf;\ninclude /etc/nginx/sites-enabled/*;")
}

#[test]
fn root_is_found_wherever_it_is_kept() {
    for root in ["nginx", "deploy/rootfs/etc/nginx", "a.b/c d/conf"] {
        let folder = Folder::with(&format!("{root}/nginx.conf"), main_file())
            .file(format!("{root}/conf.d/chat.conf"), FAULTY)
            .file(format!("{root}/sites-enabled/web"), FAULTY);
        let expected = [format!("{root}/conf.d/chat.conf"), format!("{root}/sites-enabled/web")];
        assert_eq!(faulty(&folder, &["."]), expected);
        assert_eq!(folder.json(["."]).summary.files, 3);
    }
}

/// Files that are only right in the configuration that includes them: what they lack stands there.
#[test]
fn included_file_is_not_checked_alone() {
    let headers = "proxy_http_version 1.1;\nproxy_set_header Upgrade $http_upgrade;\n\
        proxy_set_header Connection upgrade;\n";
    let site = "server { listen 80; location /ws { proxy_pass http://127.0.0.1:1; \
        include snippets/headers.conf; } }";
    for (root, includes) in [
        ("nginx.conf", "include sites/*.conf;"),
        ("main.conf", "include sites/*.conf;"),
        ("z.conf", "include ./sites/chat.conf;"),
        ("other/nginx.conf", "include ../sites/*.conf;"),
        ("other/z.conf", "include ../sites/[a-d]hat.conf;"),
    ] {
        let folder = Folder::with(root, whole(includes))
            .file("sites/chat.conf", site)
            .file("snippets/headers.conf", headers)
            .file("other/snippets/headers.conf", headers);
        assert_eq!(faulty(&folder, &["."]), [""; 0], "{root}");
        folder.run(["."]).expect(0);
    }
}

#[test]
fn several_roots_are_checked() {
    let folder = Folder::with("staging/nginx.conf", whole("include ../shared/*.conf;"))
        .file("production/nginx.conf", whole("include ../shared/*.conf;"))
        .file("production/edge.conf", whole(FAULTY))
        .file("shared/chat.conf", FAULTY);
    let findings = folder.findings(["."]);
    assert_eq!(findings.len(), 2, "{findings:?}");
    assert_eq!(folder.json(["."]).summary.files, 4);
}

#[test]
fn configurations_of_other_programs_are_passed_over() {
    let folder = Folder::with("nginx.conf", whole(SOUND))
        .file("supervisord.conf", "[supervisord]\nnodaemon=true\nuser=root\n")
        .file("mosquitto.conf", "user mosquitto\npersistence true\nlistener 1883\n")
        .file("redis.conf", "include /etc/redis/common.conf\nport 6379\n")
        .file("icinga2.conf", "include \"constants.conf\"\ninclude \"zones.conf\"\n")
        .file("named.conf", "options { directory \"/var\"; };\nzone \".\" { type hint; };\n")
        .file("apache.conf", "<VirtualHost *:80>\n  ServerName x\n</VirtualHost>\n")
        .file("www.conf", "[www]\nuser = www-data\nlisten = /run/php.sock\n")
        .file("picture.conf", b"\x89PNG\0\0");
    folder.run(["."]).expect(0);
    assert_eq!(folder.json(["."]).summary.files, 1);
}

#[test]
fn templates_for_envsubst_are_checked() {
    let template = FAULTY.replace("3000", "${PORT}");
    let folder = Folder::with("templates/default.conf.template", &template)
        .file("templates/page.html.template", "{}")
        .file("nginx.conf.template", main_file())
        .file("ansible/site.conf.template", format!("{{% if x %}}\n{FAULTY}{{% endif %}}\n"));
    assert_eq!(faulty(&folder, &["."]), ["templates/default.conf.template"]);
}

#[test]
fn hidden_folders_and_those_of_package_managers_are_passed_over() {
    let folder = Folder::with("site.conf", SOUND)
        .file(".hidden/site.conf", FAULTY)
        .file(".site.conf", FAULTY)
        .file("a/node_modules/site.conf", FAULTY)
        .file("vendor/site.conf", FAULTY);
    assert_eq!(faulty(&folder, &["."]), [""; 0]);
    assert_eq!(faulty(&folder, &[".hidden"]), [".hidden/site.conf"]);
    assert_eq!(faulty(&folder, &["vendor"]), ["vendor/site.conf"]);
}

#[test]
fn repositories_inside_are_a_part_of_the_folder() {
    let folder = Folder::with("site.conf", SOUND)
        .file("module/.git", "gitdir: ../.git/modules/module")
        .file("module/site.conf", FAULTY)
        .folder("clone/.git")
        .file("clone/site.conf", FAULTY);
    assert_eq!(faulty(&folder, &["."]), ["clone/site.conf", "module/site.conf"]);
}

#[test]
fn ignore_files_are_followed_unless_somebody_asks_otherwise() {
    for (file, in_repository) in
        [(".gitignore", true), (".ignore", true), (".ignore", false), (".git/info/exclude", true)]
    {
        let mut folder = Folder::with("built/site.conf", FAULTY)
            .file("site.conf", SOUND)
            .file(file, "/built/\n");
        if in_repository {
            folder = folder.folder(".git");
        }
        assert_eq!(faulty(&folder, &["."]), [""; 0], "{file}");
        assert_eq!(faulty(&folder, &["--no-ignores", "."]), ["built/site.conf"], "{file}");
        assert_eq!(faulty(&folder, &["built/site.conf"]), ["built/site.conf"], "{file}");
        // What is included is a part of the configuration.
        let folder = folder.file("nginx.conf", whole("include built/*;"));
        assert_eq!(faulty(&folder, &["."]), ["built/site.conf"], "{file}");
    }
    // Without a repository, .gitignore is no more than a file.
    let folder = Folder::with("built/site.conf", FAULTY).file(".gitignore", "built\n");
    assert_eq!(faulty(&folder, &["."]), ["built/site.conf"]);
}

#[test]
fn folder_with_nothing_but_ignored_files_says_so() {
    let folder = Folder::with("site.conf", FAULTY).file(".ignore", "*.conf\n");
    folder.run(["."]).expect(2).complains_about(&["--no-ignores"]);
    let empty = Folder::new().run(["."]).expect(2);
    assert!(!empty.stderr.contains("--no-ignores"), "{empty:?}");
}

#[cfg(unix)]
mod links {
    use super::{FAULTY, Folder, faulty, main_file};
    use crate::whole;

    #[test]
    fn absolute_link_of_a_copied_folder_leads_into_the_copy() {
        let folder = Folder::with("nginx/nginx.conf", main_file())
            .file("nginx/sites-available/one.test", FAULTY)
            .file("nginx/sites-available/two.test", FAULTY)
            .link("nginx/sites-enabled/1.conf", "/etc/nginx/sites-available/one.test")
            .link("nginx/conf.d/2.conf", "/etc/nginx/sites-available/two.test");
        assert_eq!(faulty(&folder, &["."]), ["nginx/conf.d/2.conf", "nginx/sites-enabled/1.conf"]);
        assert_eq!(folder.json(["."]).summary.files, 3);
        assert_eq!(faulty(&folder, &["nginx/nginx.conf"]).len(), 2);
    }

    #[test]
    fn absolute_link_to_a_place_that_is_not_here_is_no_error_of_the_configuration() {
        let folder = Folder::with("nginx.conf", whole("include sites-enabled/*;"))
            .link("sites-enabled/web", "/srv/gone/web");
        assert_eq!(folder.findings(["nginx.conf"]), [""; 0]);
        assert_eq!(folder.findings(["nginx.conf", "--severity", "info"]).len(), 1);
        // Somebody who asks for the folder is told that a file was not read.
        folder.run(["."]).expect(2).complains_about(&["sites-enabled/web"]);
    }

    #[test]
    fn linked_folder_is_looked_at_once() {
        let folder = Folder::with("real/site.conf", FAULTY)
            .file("nginx.conf", whole("include conf.d/*;"))
            .link("conf.d", "real");
        assert_eq!(faulty(&folder, &["."]), ["conf.d/site.conf"]);
        let folder = folder.link("again", ".");
        assert_eq!(faulty(&folder, &["."]), ["conf.d/site.conf"]);
        assert_eq!(faulty(&folder, &["again"]), ["again/conf.d/site.conf"]);
    }
}
