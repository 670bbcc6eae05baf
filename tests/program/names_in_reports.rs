use super::{FAULTY, Folder, whole};

fn names(folder: &Folder, path: &str) -> Vec<String> {
    folder.json([path]).diagnostics.into_iter().map(|diagnostic| diagnostic.file).collect()
}

#[test]
fn path_is_named_as_it_was_given() {
    let folder = Folder::with("a/site.conf", FAULTY);
    let absolute = folder.path("a/site.conf").display().to_string();
    for path in ["a/site.conf", "./a/site.conf", "a/../a/site.conf", &absolute] {
        assert_eq!(names(&folder, path), [path]);
    }
}

#[test]
fn included_file_is_named_from_the_working_folder() {
    let folder = Folder::with("a/nginx.conf", whole("include conf.d/site.conf;"))
        .file("a/conf.d/site.conf", FAULTY);
    let absolute = folder.path("a/nginx.conf").display().to_string();
    for path in ["a/nginx.conf", "./a/nginx.conf", &absolute] {
        assert_eq!(names(&folder, path), ["a/conf.d/site.conf"]);
    }
}

#[test]
fn odd_characters_stay() {
    for name in ["my site.conf", "größe 設定.conf", "a'b\"c.conf", "%41.conf", "--x.conf"] {
        let folder = Folder::with(name, FAULTY);
        assert_eq!(names(&folder, &format!("./{name}")), [format!("./{name}")]);
    }
}

#[test]
fn path_after_two_dashes_is_no_option() {
    let folder = Folder::with("--quiet", FAULTY);
    assert!(folder.run(["--", "--quiet"]).expect(1).stdout.contains("[--quiet:5:9]"));
}
