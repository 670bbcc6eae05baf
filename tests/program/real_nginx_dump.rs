//! The output of a real `nginx -T` is checked as the files that it was made of.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use wslint_test_support::installed::Installed;
use wslint_test_support::{Folder, require_nginx};

/// A configuration with what nginx prints in its own way: files without a final line feed, with CR
/// LF, empty, included twice, under two names, by patterns, below other files, and by absolute
/// paths, and with comments that look like what nginx prints between files.
fn folder(prefix: &str) -> Folder {
    let main = format!(
        "pid {prefix}/nginx.pid;\n\
         # configuration file {prefix}/other.conf:\n\
         error_log stderr;\n\
         events {{}}\n\
         http {{\n\
         \tmap $http_upgrade $connection_upgrade {{ include \"map data\"; }}\n\
         \tgeo $place {{ include geo.data; }}\n\
         \taccess_log off;\n\
         \tinclude conf.d/[a-c]*.conf;\n\
         \tinclude {prefix}/absolute/./*;\n\
         }}"
    );
    let location = "location /ws {\n\tproxy_pass http://127.0.0.1:1;\n\t\
                    proxy_set_header Upgrade $http_upgrade;\n";
    Folder::new(&main)
        .with("map data", "default upgrade;\n\n\n")
        .with("geo.data", "127.0.0.1 here;")
        .with("conf.d/a.conf", "# empty but for this\r\ntcp_nodelay on;\r\n")
        .with("conf.d/b.conf", "")
        .with(
            "conf.d/c.conf",
            &format!(
                "server {{\n# configuration file {prefix}/conf.d/a.conf:\n\
                 # configuration file conf.d/x:\nlisten 127.0.0.1:18089;\n\
                 include snippets/ws; include ./snippets/../snippets/once; }}"
            ),
        )
        .with("conf.d/d.conf", "this is not included")
        .with(
            "snippets/ws",
            &format!("{location} include snippets/once; include snippets/once; }}"),
        )
        .with("snippets/once", "proxy_set_header X-A b;# caf\u{e9}")
        .with("absolute/1", &format!("server {{ {} }}\n\n", location.to_owned() + "}"))
        .with("absolute/2", "\n")
}

fn run(arguments: &[&str], input: &[u8]) -> Output {
    // Outside the folder, so that files are called by their whole paths.
    let elsewhere = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_wslint"));
    command.current_dir(elsewhere.path()).args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

/// What `nginx -T` prints, alone and with its messages.
fn dumps(folder: &Path) -> [Vec<u8>; 2] {
    let nginx = &Installed::expect().program;
    let main = folder.join("nginx.conf");
    let output = Command::new(nginx).arg("-T").arg("-c").arg(&main).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    [output.stdout.clone(), [output.stderr, output.stdout].concat()]
}

#[test]
fn dump_is_checked_as_the_files_that_it_was_made_of() {
    require_nginx!();
    let root = tempfile::tempdir().unwrap();
    let prefix = root.path().canonicalize().unwrap();
    let shown = prefix.display().to_string();
    folder(&shown).write(&prefix).unwrap();
    let main = format!("{shown}/nginx.conf");
    for command in [&["check", "--severity", "info", "--format", "json"][..], &["parse"]] {
        let with = |path| command.iter().copied().chain([path]).collect::<Vec<_>>();
        let files = run(&with(&main), b"");
        let files = String::from_utf8(files.stdout).unwrap().replace("/./", "/");
        assert!(files.contains("absolute/1") && files.contains("snippets/ws"), "{files}");
        for dump in dumps(&prefix) {
            let dumped = run(&with("-"), &dump);
            assert_eq!(dumped.stderr, b"");
            // Two ways to write a path are one file on the disk; nginx prints it as it is written.
            let dumped = String::from_utf8(dumped.stdout).unwrap().replace("/./", "/");
            // The files of a dump are somewhere else, and cannot be fixed.
            let without_fixable = |report: &str| {
                let lines = report.lines().filter(|line| !line.contains("fixable\":"));
                lines.map(str::to_owned).collect::<Vec<_>>()
            };
            assert_eq!(without_fixable(&dumped), without_fixable(&files));
        }
    }
}

#[test]
fn dump_in_a_file_is_one_too_and_is_not_looked_for_on_the_disk() {
    require_nginx!();
    let root = tempfile::tempdir().unwrap();
    let prefix = root.path().canonicalize().unwrap();
    folder(&prefix.display().to_string()).write(&prefix).unwrap();
    let [_, dump] = dumps(&prefix);
    let from_input = run(&["-", "--format", "json"], &dump);
    std::fs::remove_dir_all(&prefix).unwrap();
    std::fs::create_dir(&prefix).unwrap();
    let file = prefix.join("dump.txt");
    std::fs::write(&file, dump).unwrap();
    let from_file = run(&[&file.display().to_string(), "--format", "json"], b"");
    assert_eq!(from_file.status.code(), Some(1));
    assert_eq!(
        String::from_utf8_lossy(&from_file.stdout),
        String::from_utf8_lossy(&from_input.stdout)
    );
}
