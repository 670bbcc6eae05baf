use super::{FAULT, FAULTY, Folder, SOUND, whole};

#[test]
fn it_is_checked_like_a_file() {
    let folder = Folder::new();
    let outcome = folder.run_with_input(["-", "--format", "concise"], FAULTY).expect(1);
    assert!(outcome.stdout.starts_with(&format!("<stdin>{FAULT}")), "{outcome:?}");
    folder.run_with_input(["-"], SOUND).expect(0);
    folder.run_with_input(["-"], "server {").expect(1);
}

#[test]
fn it_can_have_a_name_and_includes_beside_it() {
    let folder = Folder::with("deploy/conf.d/site.conf", FAULTY);
    let main = whole("include conf.d/*.conf;");
    let arguments = ["-", "--format", "concise", "--stdin-filename", "deploy/nginx.conf"];
    let outcome = folder.run_with_input(arguments, main).expect(1);
    assert!(outcome.stdout.starts_with("deploy/conf.d/site.conf:5:9: "), "{outcome:?}");
    let outcome = folder.run_with_input(arguments, FAULTY).expect(1);
    assert!(outcome.stdout.starts_with("deploy/nginx.conf:5:9: "), "{outcome:?}");
}

#[test]
fn it_is_read_once() {
    let outcome = Folder::new().run_with_input(["-", "-", "--format", "json"], FAULTY).expect(1);
    let document: super::Document = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!((document.summary.files, document.diagnostics.len()), (1, 1));
}

#[test]
fn bytes_that_are_no_text_are_trouble() {
    let folder = Folder::new();
    folder.run_with_input(["-"], b"events\0{}").expect(2).complains_about(&["NUL"]);
    folder.run_with_input(["parse", "-"], b"events\0{}").expect(2).complains_about(&["NUL"]);
}

#[test]
fn it_need_not_be_utf_8() {
    let folder = Folder::new();
    folder.run_with_input(["-"], b"# caf\xe9\n").expect(0);
    folder.run_with_input(["parse", "-"], b"# caf\xe9\n").expect(0);
}
