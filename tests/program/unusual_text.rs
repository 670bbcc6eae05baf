use super::{FAULT, FAULTY, Folder, SOUND, whole};

#[test]
fn carriage_returns_change_no_line() {
    let folder = Folder::with("site.conf", FAULTY.replace('\n', "\r\n"));
    let lines = folder.concise(["site.conf"]);
    assert!(lines[0].starts_with(&format!("site.conf{FAULT}")), "{lines:?}");
}

#[test]
fn byte_order_mark_is_part_of_the_first_word_and_refused_by_nginx() {
    let folder = Folder::with("nginx.conf", format!("\u{feff}{}", whole(SOUND)));
    let findings = folder.findings(["nginx.conf"]);
    assert!(findings.iter().any(|it| it.starts_with("nginx.conf:1:1: error[")), "{findings:?}");
}

#[test]
fn bytes_beyond_utf_8_are_read() {
    let mut text = b"# caf\xe9 \xff\n".to_vec();
    text.extend(FAULTY.bytes());
    let folder = Folder::with("site.conf", text);
    let findings = folder.findings(["site.conf"]);
    assert_eq!(findings, ["site.conf:6:9: error[connection-not-forwarded]"]);
    for format in ["full", "json", "json-lines"] {
        folder.run_in_format(format, ["site.conf"]).expect(1);
    }
    folder.run(["parse", "--comments", "site.conf"]).expect(0);
}

#[test]
fn control_characters_do_not_reach_the_terminal() {
    let folder = Folder::with("site.conf", "server { listen \"\x1b[2J\x07;\n}\n");
    for format in ["full", "concise"] {
        let outcome = folder.run_in_format(format, ["site.conf"]).expect(1);
        assert!(!outcome.stdout.contains(['\x1b', '\x07']), "{outcome:?}");
    }
}
