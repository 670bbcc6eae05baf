//! What would take for ever, or end the program, if anything were done more than once a line.

use super::{FAULTY, Folder, SOUND, whole};

const DEPTH: usize = 100_000;

#[test]
fn deep_blocks() {
    let text = "a {\n".repeat(DEPTH) + &"}\n".repeat(DEPTH);
    let folder = Folder::with("deep.conf", text);
    let outcome = folder.run(["deep.conf"]);
    assert!(outcome.status < 2, "{outcome:?}");
    folder.run(["parse", "deep.conf"]).expect(0);
}

#[test]
fn deep_locations() {
    let text = "location /a {\n".repeat(DEPTH) + &"}\n".repeat(DEPTH);
    let folder = Folder::with("deep.conf", format!("server {{\n{text}}}\n"));
    let outcome = folder.run(["deep.conf"]);
    assert!(outcome.status < 2, "{outcome:?}");
    folder.run(["parse", "deep.conf"]).expect(0);
}

#[test]
fn blocks_that_are_never_closed() {
    let folder = Folder::with("open.conf", "a { ".repeat(DEPTH));
    folder.run(["open.conf"]).expect(1);
    folder.run(["parse", "open.conf"]).expect(1);
}

#[test]
fn blocks_that_were_never_opened() {
    let folder = Folder::with("close.conf", "} ".repeat(DEPTH));
    folder.run(["close.conf"]).expect(1);
    folder.run(["parse", "close.conf"]).expect(1);
}

#[test]
fn one_long_line() {
    let servers = SOUND.replace('\n', " ").repeat(10_000_000 / SOUND.len());
    let folder = Folder::with("line.conf", format!("{servers}{}", FAULTY.replace('\n', " ")));
    let outcome = folder.run(["line.conf"]).expect(1);
    assert!(outcome.stdout.contains("1 error in 1 file."), "{outcome:?}");
    assert!(outcome.stdout.len() < 10_000, "the line is not printed as a whole");
}

#[test]
fn one_long_word() {
    let folder = Folder::with("word.conf", "x".repeat(50_000_000));
    let outcome = folder.run(["word.conf"]).expect(1);
    assert!(outcome.stdout.len() < 10_000, "the word is not printed as a whole");
}

#[test]
fn files_that_include_each_other_in_a_circle() {
    let folder = Folder::with("nginx.conf", whole("include a.conf;"))
        .file("a.conf", "include b.conf;\n")
        .file("b.conf", "include a.conf;\ninclude b.conf;\n");
    let findings = folder.findings(["nginx.conf"]);
    assert!(findings.iter().all(|it| it.ends_with("error[include-cycle]")), "{findings:?}");
    assert_eq!(findings.len(), 2, "{findings:?}");
    folder.run(["parse", "nginx.conf"]).expect(0);
    folder.run(["parse", "nginx.conf", "--combine"]).expect(1);
}

#[test]
fn files_that_include_the_next_twice() {
    let mut folder = Folder::with("nginx.conf", whole("include 0.conf;"));
    for number in 0..30 {
        let next = format!("include {}.conf;\n", number + 1);
        folder = folder.file(format!("{number}.conf"), next.repeat(2));
    }
    let folder = folder.file("30.conf", FAULTY);
    let findings = folder.findings(["nginx.conf"]);
    assert!(findings.iter().any(|it| it.starts_with("30.conf:5:9: ")), "{findings:?}");
    folder.run(["parse", "nginx.conf"]).expect(0);
}

#[test]
fn thousands_of_included_files() {
    let mut folder = Folder::with("nginx.conf", whole("include sites/*.conf;"));
    for number in 0..5_000 {
        folder = folder.file(format!("sites/{number}.conf"), SOUND);
    }
    let folder = folder.file("sites/last.conf", FAULTY);
    let document = folder.json(["nginx.conf"]);
    assert_eq!((document.summary.files, document.diagnostics.len()), (5_002, 1));
}
