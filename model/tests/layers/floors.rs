//! Reads which modules of a crate each of its files uses, and finds those that are above it.

use std::fs;
use std::path::{Path, PathBuf};

/// Rows of modules from the ground up.
pub(crate) type Floors = &'static [&'static [&'static str]];

/// Fails with each line of a crate that uses a module of a higher row. The modules of one row may use
/// each other.
pub(crate) fn check(package: &str, floors: Floors) {
    let root = Path::new(package).join("src");
    let floor = |module: &str| floors.iter().position(|row| row.contains(&module));
    let mut wrong = Vec::new();
    for file in files_below(&root) {
        let relative = file.strip_prefix(&root).unwrap();
        let mut path: Vec<String> = relative
            .with_extension("")
            .components()
            .map(|part| part.as_os_str().to_string_lossy().into_owned())
            .collect();
        if path.last().is_some_and(|last| last == "mod") {
            path.pop();
        }
        if path == ["lib"] {
            continue;
        }
        let shown = relative.display();
        let Some(own) = floor(&path[0]) else {
            wrong.push(format!("src/{shown}: `{}` has no floor", path[0]));
            continue;
        };
        let text = fs::read_to_string(&file).unwrap();
        for (line, module) in uses(&text, &path) {
            match floor(&module) {
                Some(its) if its <= own => {}
                Some(_) => wrong.push(format!("src/{shown}:{line}: `{module}` is above")),
                None => wrong.push(format!("src/{shown}:{line}: `{module}` has no floor")),
            }
        }
    }
    assert!(wrong.is_empty(), "these lines go up a floor:\n{}", wrong.join("\n"));
}

fn files_below(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// The modules at the root of the crate that a file uses, with the numbers of the lines. `path` is
/// the file's own module.
fn uses(text: &str, path: &[String]) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    // A module inside the file, as `mod tests`, ends with a brace at the start of a line.
    let mut is_inside = false;
    let mut rest = text;
    let mut number = 0;
    while let Some((line, after)) = rest.split_once('\n') {
        number += 1;
        let code = line.split("//").next().unwrap_or_default();
        if !line.starts_with(' ') && code.ends_with('{') && code.contains("mod ") {
            is_inside = true;
        } else if line == "}" {
            is_inside = false;
        }
        for start in ["crate::", "super::"] {
            let mut at = 0;
            while let Some(position) = code[at..].find(start).map(|position| position + at) {
                at = position + start.len();
                let before = &code[..position];
                let is_path_inside = before.ends_with("::")
                    || before.ends_with(|last: char| last.is_alphanumeric() || last == '_');
                if is_path_inside {
                    continue;
                }
                // What follows, which may go on in the next lines.
                let tail = &rest[at..];
                let ups = 1 + tail.matches_from_start("super::");
                let tail = &tail[(ups - 1) * "super::".len()..];
                if start == "super::" {
                    let depth = path.len() + usize::from(is_inside);
                    if ups < depth {
                        // It stays in the room.
                        continue;
                    }
                }
                found.extend(names(tail).into_iter().map(|name| (number, name)));
            }
        }
        rest = after;
    }
    found
}

trait MatchesFromStart {
    fn matches_from_start(&self, part: &str) -> usize;
}

impl MatchesFromStart for str {
    /// How often the text begins with `part`.
    fn matches_from_start(&self, part: &str) -> usize {
        let mut rest = self;
        let mut count = 0;
        while let Some(after) = rest.strip_prefix(part) {
            count += 1;
            rest = after;
        }
        count
    }
}

/// The first segments of what follows `crate::`: one name, or those of a list in braces.
fn names(tail: &str) -> Vec<String> {
    let name = |text: &str| -> String {
        text.trim_start().chars().take_while(|it| it.is_alphanumeric() || *it == '_').collect()
    };
    let Some(list) = tail.strip_prefix('{') else { return vec![name(tail)] };
    let mut depth = 0;
    let mut names = vec![name(list)];
    for (at, character) in list.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(name(&list[at + 1..])),
            _ => {}
        }
    }
    names.retain(|name| !name.is_empty() && name != "self");
    names
}

#[test]
fn uses_are_found() {
    let text = "use crate::a::B;\nuse crate::{c, d::{E, F}};\nfn f() { crate::g::h() }\n\
                use super::i;\nmod tests {\n    use super::j;\n    use super::super::k;\n}\n\
                // crate::comment\n";
    let path = ["file".to_owned()];
    let names: Vec<_> = uses(text, &path).into_iter().map(|(_, name)| name).collect();
    assert_eq!(names, ["a", "c", "d", "g", "i", "k"]);
    let path = ["room".to_owned(), "file".to_owned()];
    let names: Vec<_> = uses("use super::i;\nuse super::super::k;\n", &path)
        .into_iter()
        .map(|(_, name)| name)
        .collect();
    assert_eq!(names, ["k"]);
}
