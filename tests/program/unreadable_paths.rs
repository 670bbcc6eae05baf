use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::process::Command;

use super::{FAULTY, Folder, fs, whole};

/// Checking and parsing both fail, say which path it is, and do not wait for ever.
fn refuse(folder: &Folder, path: &str, reason: &str) {
    folder.run([path]).expect(2).complains_about(&[path, reason]);
    folder.run(["parse", path]).expect(2).complains_about(&[path, reason]);
}

#[test]
fn missing_file() {
    let folder = Folder::new().link("dead.conf", "nowhere");
    refuse(&folder, "gone.conf", "o such file");
    refuse(&folder, "dead.conf", "o such file");
}

#[test]
fn circle_of_links() {
    refuse(&Folder::new().link("a.conf", "b.conf").link("b.conf", "a.conf"), "a.conf", "links");
}

#[test]
fn fifo() {
    let folder = Folder::new();
    let made = Command::new("mkfifo").arg(folder.path("nginx.conf")).status().unwrap();
    assert!(made.success());
    refuse(&folder, "nginx.conf", "FIFO");
    folder.run(["."]).expect(2);
    folder.run([""; 0]).expect(2);
}

#[test]
fn included_fifo() {
    let folder = Folder::with("nginx.conf", whole("include pipes/x.conf;")).folder("pipes");
    let made = Command::new("mkfifo").arg(folder.path("pipes/x.conf")).status().unwrap();
    assert!(made.success());
    assert!(folder.run(["nginx.conf"]).expect(1).stdout.contains("FIFO"));
}

#[test]
fn socket() {
    let folder = Folder::new();
    let _socket = UnixListener::bind(folder.path("site.conf")).unwrap();
    refuse(&folder, "site.conf", "socket");
}

#[test]
fn device() {
    refuse(&Folder::new(), "/dev/null", "device");
}

#[test]
fn binary_file() {
    refuse(&Folder::with("site.conf", b"\x7fELF\0\0"), "site.conf", "not text");
}

#[test]
fn folder_cannot_be_parsed() {
    let outcome = Folder::new().folder("conf.d").run(["parse", "conf.d"]).expect(2);
    outcome.complains_about(&["conf.d", "folder"]);
}

#[test]
fn forbidden_file() {
    let folder = Folder::with("site.conf", FAULTY);
    fs::set_permissions(folder.path("site.conf"), fs::Permissions::from_mode(0o000)).unwrap();
    for arguments in [&["site.conf"][..], &["parse", "site.conf"]] {
        let Some(outcome) = folder.run_with_permissions(arguments) else { return };
        outcome.expect(2).complains_about(&["site.conf", "ermission"]);
    }
}
