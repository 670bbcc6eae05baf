use super::{FAULT, FAULTY, Folder, whole};

/// A folder whose `nginx.conf` includes `pattern`.
fn including(pattern: &str) -> Folder {
    Folder::with("nginx.conf", whole(&format!("include {pattern};")))
}

/// The names of the files that have findings.
fn faulty(folder: &Folder, path: &str) -> Vec<String> {
    let name = |line: &String| line.split(':').next().unwrap().to_owned();
    folder.findings([path]).iter().map(name).collect()
}

#[test]
fn pattern_may_match_nothing() {
    let folder = including("conf.d/*.conf");
    folder.run(["nginx.conf", "--fail-on", "info"]).expect(0);
    folder.folder("conf.d").run(["nginx.conf", "--fail-on", "info"]).expect(0);
}

#[test]
fn patterns_match_what_nginx_matches() {
    let names =
        ["a.conf", "b.conf", ".hidden.conf", "conf.d/c.conf", "conf.d/.d.conf", "x/y/e.conf"];
    let cases: [(&str, &[&str]); 13] = [
        ("[a-c].conf", &["a.conf", "b.conf"]),
        ("[ab].conf", &["a.conf", "b.conf"]),
        ("[!a].conf", &["b.conf"]),
        ("[^a].conf", &["b.conf"]),
        ("?.conf", &["a.conf", "b.conf"]),
        ("conf.d/*.conf", &["conf.d/c.conf"]),
        ("./conf.d/*", &["conf.d/c.conf"]),
        ("*/*.conf", &["conf.d/c.conf"]),
        ("x/*/e.conf", &["x/y/e.conf"]),
        // Without recursion: two stars are one.
        ("**/*.conf", &["conf.d/c.conf"]),
        ("**.d/c.conf", &["conf.d/c.conf"]),
        ("***.d/c.conf", &["conf.d/c.conf"]),
        (".h*.conf", &[".hidden.conf"]),
    ];
    for (pattern, expected) in cases {
        let folder = names.iter().fold(including(pattern), |it, name| it.file(name, FAULTY));
        assert_eq!(faulty(&folder, "nginx.conf"), *expected, "{pattern}");
    }
}

#[test]
fn plain_path_that_is_missing_is_found() {
    for path in ["gone.conf", "gone/site.conf", "'with blank.conf'"] {
        including(path).run(["nginx.conf"]).expect(1);
    }
}

#[test]
fn folder_with_a_name_like_a_pattern() {
    for name in ["a[x]", "a*b", "what?", "[", "a\\b", "{a,b}"] {
        let folder = Folder::with(&format!("{name}/nginx.conf"), whole("include conf.d/*.conf;"))
            .file(format!("{name}/conf.d/site.conf"), FAULTY);
        for path in [name.to_owned(), format!("{name}/nginx.conf")] {
            assert_eq!(faulty(&folder, &path), [format!("{name}/conf.d/site.conf")]);
        }
    }
}

#[cfg(target_os = "linux")]
mod names_beyond_utf_8 {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::path::Path;

    use crate::{FAULTY, Folder, whole};

    #[test]
    fn in_the_way_to_the_main_file() {
        let path = Path::new(OsStr::from_bytes(b"caf\xe9"));
        let folder = Folder::new()
            .file(path.join("nginx.conf"), whole("include conf.d/*.conf;"))
            .file(path.join("conf.d/site.conf"), FAULTY);
        assert_eq!(folder.json([path]).summary.files, 2);
        assert_eq!(folder.json([path.join("nginx.conf")]).summary.files, 2);
    }

    #[test]
    fn beside_included_files() {
        let path = Path::new(OsStr::from_bytes(b"conf.d/caf\xe9.conf"));
        let folder = Folder::with("nginx.conf", whole("include conf.d/*.conf;"))
            .file(path, FAULTY)
            .file("conf.d/site.conf", FAULTY);
        let outcome = folder.run_in_format("concise", ["nginx.conf"]).expect(1);
        assert_eq!(outcome.stdout.lines().count(), 2, "{outcome:#?}");
    }

    #[test]
    fn in_an_include() {
        let mut main = b"events {}\nhttp { include caf".to_vec();
        main.extend(b"\xe9.conf; }\n");
        let path = Path::new(OsStr::from_bytes(b"caf\xe9.conf"));
        let folder = Folder::with("nginx.conf", main).file(path, FAULTY);
        assert_eq!(folder.json(["nginx.conf"]).summary.files, 2);
    }
}

#[test]
fn absolute_path_is_found_below_a_prefix() {
    for include in ["/srv/nginx/conf.d/site.conf", "/srv/nginx/conf.d/*.conf"] {
        let folder = including(include).file("deploy/conf.d/site.conf", FAULTY);
        for prefix in
            ["/srv/nginx=deploy", "/srv/nginx/=./deploy/", "/srv/nginx/conf.d=deploy/conf.d"]
        {
            let findings = folder.findings(["nginx.conf", "--prefix", prefix]);
            assert_eq!(findings.len(), 1, "{include} {prefix}: {findings:?}");
            assert!(findings[0].contains(FAULT.trim_end()), "{findings:?}");
        }
        let elsewhere = folder.findings(["nginx.conf", "--prefix", "/srv/ngin=deploy"]);
        assert!(!elsewhere.iter().any(|it| it.contains(FAULT.trim_end())), "{elsewhere:?}");
    }
}

#[test]
fn first_prefix_that_fits_counts() {
    let folder = including("/srv/site.conf").file("a/site.conf", FAULTY).folder("b");
    let run =
        |first, second| folder.findings(["nginx.conf", "--prefix", first, "--prefix", second]);
    assert_eq!(run("/srv=a", "/srv=b").len(), 1);
    assert!(!run("/srv=b", "/srv=a").iter().any(|it| it.contains(FAULT.trim_end())));
}

#[test]
fn prefix_that_leads_nowhere_is_not_passed_over() {
    let folder = including("/srv/nginx/site.conf").folder("deploy");
    folder.run(["nginx.conf", "--prefix", "/srv/nginx=deploy"]).expect(1);
}

#[test]
fn usual_folder_is_the_one_of_the_main_file() {
    let folder = including("/etc/nginx/conf.d/*.conf").file("conf.d/site.conf", FAULTY);
    assert_eq!(faulty(&folder, "nginx.conf"), ["conf.d/site.conf"]);
}

#[test]
fn malformed_prefix_is_refused() {
    let folder = including("a.conf");
    for prefix in ["/etc", "=", "=deploy", "/etc=", "etc=deploy", "./etc=deploy", ""] {
        let outcome = folder.run(["nginx.conf", "--prefix", prefix]).expect(2);
        outcome.complains_about(&["--prefix"]);
    }
}
