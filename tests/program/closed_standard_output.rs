use super::{BufRead, BufReader, FAULTY, Folder, Read, SOUND, Stdio, wait};

/// The status and standard error of a run whose reader leaves after the first line.
fn leave_after_the_first_line(folder: &Folder, arguments: &[&str]) -> (i32, String) {
    let mut command = folder.command(arguments);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::with_capacity(16, child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let mut complaint = String::new();
    child.stderr.take().unwrap().read_to_string(&mut complaint).unwrap();
    (wait(&mut child).code().unwrap(), complaint)
}

#[test]
fn it_does_not_change_the_verdict() {
    let folder = Folder::with("site.conf", FAULTY.repeat(3_000));
    for format in ["full", "concise", "json", "json-lines"] {
        let (status, complaint) =
            leave_after_the_first_line(&folder, &["site.conf", "--format", format]);
        assert_eq!((status, complaint.as_str()), (1, ""), "{format}");
    }
    let arguments = ["site.conf", "--format", "json", "--exit-zero"];
    assert_eq!(leave_after_the_first_line(&folder, &arguments), (0, String::new()));
}

#[test]
fn it_is_no_trouble_for_other_commands() {
    let folder = Folder::with("site.conf", SOUND.repeat(5_000));
    for arguments in [
        &["parse", "site.conf", "--indent", "2"][..],
        &["completions", "zsh"],
        &["rules", "--format", "json"],
        &["explain", "map-syntax"],
        &["--help"],
    ] {
        let outcome = leave_after_the_first_line(&folder, arguments);
        assert_eq!(outcome, (0, String::new()), "{arguments:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn full_disk_is_trouble() {
    let folder = Folder::with("site.conf", FAULTY);
    for arguments in [&["site.conf"][..], &["parse", "site.conf"], &["rules"]] {
        let full = std::fs::File::create("/dev/full").unwrap();
        let mut command = folder.command(arguments);
        let mut child = command.stdout(full).stderr(Stdio::piped()).spawn().unwrap();
        let mut complaint = String::new();
        child.stderr.take().unwrap().read_to_string(&mut complaint).unwrap();
        assert_eq!(wait(&mut child).code(), Some(2), "{arguments:?}");
        assert!(complaint.starts_with("wslint: "), "{complaint}");
    }
}
