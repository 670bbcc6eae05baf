//! What `docs/nginx-t.md` shows is what nginx and wslint print.
//!
//! `WSLINT_UPDATE_PAGE=1 cargo test --test rules nginx_t_page` writes what they print now into the page.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use wslint_test_support::{Folder, Nginx, check, check_verbatim};

const NGINX: &str = "nginx -t";
const WSLINT: &str = "wslint nginx.conf";

/// Sections whose `nginx -t` is not run here.
const NOT_ASKED: [(&str, &str); 1] = [(
    "An include that leads back to itself",
    "it takes seconds, and what ends it first is the machine's: open files, or the stack",
)];

/// One mistake: its files, and what is said about them.
#[derive(Debug, Default)]
struct Section {
    title: String,
    files: Vec<(String, String)>,
    nginx: String,
    wslint: String,
}

impl Section {
    fn folder(&self) -> Folder {
        let main = &self.files[0];
        assert_eq!(main.0, "nginx.conf", "{}: the first file", self.title);
        let others = self.files.iter().skip(1);
        others.fold(Folder::new(&main.1), |folder, (name, text)| folder.with(name, text))
    }

    fn nginx_prints(&self) -> String {
        // What nginx takes, it must be able to run with.
        let said = check_verbatim(&self.folder());
        if !said.message.is_empty() {
            let place = said.file.zip(said.line);
            let place = place.map_or(String::new(), |(file, line)| format!(" in {file}:{line}"));
            return format!(
                "nginx: [emerg] {}{place}\nnginx: configuration file nginx.conf test failed\n",
                said.message
            );
        }
        assert!(check(&self.folder()).ok, "{}: nginx says nothing", self.title);
        "nginx: the configuration file nginx.conf syntax is ok\n\
         nginx: configuration file nginx.conf test is successful\n"
            .to_owned()
    }

    fn wslint_prints(&self) -> String {
        let folder = tempfile::tempdir().expect("a folder");
        self.folder().write(folder.path()).expect("a writable folder");
        let output = Command::new(env!("CARGO_BIN_EXE_wslint"))
            .args(["--color", "never", "nginx.conf"])
            .current_dir(folder.path())
            .env("COLUMNS", "80")
            .env("LC_ALL", "C.UTF-8")
            .env_remove("TERM")
            .output()
            .expect("wslint runs");
        String::from_utf8(output.stdout).expect("the report is text")
    }
}

fn page_file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/nginx-t.md")
}

fn page() -> String {
    fs::read_to_string(page_file()).expect("the page")
}

/// The sections that show a mistake. Above each block stands whose it is: a file's name, `nginx -t`
/// or `wslint nginx.conf`.
fn sections() -> Vec<Section> {
    let page = page();
    let mut sections: Vec<Section> = Vec::new();
    let mut lines = page.lines();
    let mut owner = "";
    while let Some(line) = lines.next() {
        if let Some(title) = line.strip_prefix("## ") {
            sections.push(Section { title: title.to_owned(), ..Section::default() });
        } else if let Some(name) = line.strip_prefix('`').and_then(|it| it.strip_suffix("`:")) {
            owner = name;
        } else if line.starts_with("```") {
            let block = lines.by_ref().take_while(|line| *line != "```");
            let text: String = block.flat_map(|line| [line, "\n"]).collect();
            let section = sections.last_mut().expect("a title above the first block");
            match owner {
                NGINX => section.nginx = text,
                WSLINT => section.wslint = text,
                file => section.files.push((file.to_owned(), text)),
            }
        }
    }
    sections.retain(|section| !section.files.is_empty());
    sections
}

/// Holds `shown` against what `printed`, or puts that into the page.
fn compare(title: &str, command: &str, shown: &str, printed: &str) {
    if env::var_os("WSLINT_UPDATE_PAGE").is_some() && shown != printed {
        let page = page();
        let section = page.find(&format!("## {title}\n")).expect("the section");
        let head = format!("`{command}`:\n```text\n");
        let at = section + page[section..].find(&head).expect("the block") + head.len();
        let text = [&page[..at], printed, &page[at + shown.len()..]].concat();
        fs::write(page_file(), text).expect("a writable page");
        return;
    }
    assert_eq!(shown, printed, "{title}");
}

#[test]
fn wslint_prints_what_the_page_shows() {
    let sections = sections();
    assert!(sections.len() > 4);
    for section in sections {
        compare(&section.title, WSLINT, &section.wslint, &section.wslint_prints());
    }
    // In the same test, for both may write the page.
    if !Nginx::available_or_skip() {
        return;
    }
    for section in self::sections() {
        if NOT_ASKED.iter().all(|(title, _)| *title != section.title) {
            compare(&section.title, NGINX, &section.nginx, &section.nginx_prints());
        }
    }
}

#[test]
fn exceptions_are_about_sections_that_exist() {
    let sections = sections();
    for (title, _) in NOT_ASKED {
        assert!(sections.iter().any(|section| section.title == title), "{title}");
    }
}
