//! From the paths on the command line to configurations.
//!
//! A file that another one includes is checked as part of it, not twice: whole configurations are
//! read first, and what they include is taken from the list.

mod covered;
mod walk;

use std::path::{Path, PathBuf};
use std::rc::Rc;

use covered::Covered;
use wslint_grammar::Tree;
use wslint_grammar::catalogue::directive;
use wslint_model::load::{Loaded, ReadError};
use wslint_model::resolve::is_whole;

use crate::input::{InputError, read_path, read_stdin};
use crate::settings::{Settings, SettingsError, SettingsForPaths};
pub(crate) use covered::identity;
pub(crate) use walk::Ignores;

/// What is to be checked.
#[derive(Debug, Default)]
pub(crate) struct Inputs {
    /// The configurations, in the order of their names.
    pub(crate) configurations: Vec<Input>,
    /// What could not be checked.
    pub(crate) errors: Vec<InputError>,
}

/// A configuration with what holds for it.
#[derive(Debug)]
pub(crate) struct Input {
    /// The configuration.
    pub(crate) loaded: Loaded,
    /// What holds for it.
    pub(crate) settings: Rc<Settings>,
}

/// Reads everything that `paths` name.
///
/// # Errors
/// When settings are wrong: what holds is not known then.
pub(crate) fn discover(
    paths: &[PathBuf],
    stdin_filename: Option<&Path>,
    ignores: Ignores,
    settings: &SettingsForPaths<'_>,
) -> Result<Inputs, SettingsError> {
    let mut inputs = Inputs::default();
    let mut candidates: Vec<Candidate> = Vec::new();
    let mut stdin_is_unread = true;
    for path in paths {
        if path == Path::new("-") {
            // It can be read once only.
            if std::mem::take(&mut stdin_is_unread) {
                let settings = settings.of(stdin_filename)?;
                match read_stdin(stdin_filename, &settings.load) {
                    Ok(all) => inputs.add(all, &settings),
                    Err(error) => inputs.errors.push(error),
                }
            }
        } else if path.is_dir() {
            let found = walk::walk(path, ignores, &mut inputs.errors);
            if found.is_empty() {
                inputs.errors.push(nothing_in(path, ignores));
            }
            candidates.extend(found.into_iter().map(|path| Candidate { path, named: false }));
        } else {
            candidates.push(Candidate { path: path.clone(), named: true });
        }
    }
    inputs.read(candidates, settings)?;
    inputs.configurations.sort_by(|a, b| a.loaded.main().name.cmp(&b.loaded.main().name));
    Ok(inputs)
}

fn nothing_in(folder: &Path, ignores: Ignores) -> InputError {
    let ignores = ignores == Ignores::Followed
        && !walk::walk(folder, Ignores::Overlooked, &mut Vec::new()).is_empty();
    InputError::NothingInFolder { folder: folder.to_owned(), ignores }
}

/// A file that may be a configuration.
#[derive(Debug)]
struct Candidate {
    path: PathBuf,
    /// It was named on the command line, so that it is checked whatever is in it.
    named: bool,
}

impl Candidate {
    /// Files that are called like a main file are read first: what they include need not be looked
    /// at on its own.
    fn is_called_like_a_main_file(&self) -> bool {
        self.path.file_name().is_some_and(|name| name == "nginx.conf")
    }

    /// Whether what is in it is to be checked.
    fn is_wanted(&self, loaded: &Loaded) -> bool {
        self.named
            || looks_like_nginx(&loaded.main().tree) && !walk::is_other_template(&self.path, loaded)
    }
}

impl Inputs {
    fn add(&mut self, all: Vec<Loaded>, settings: &Rc<Settings>) {
        let settings = || Rc::clone(settings);
        let inputs = all.into_iter().map(|loaded| Input { loaded, settings: settings() });
        self.configurations.extend(inputs);
    }

    fn read(
        &mut self,
        mut candidates: Vec<Candidate>,
        settings: &SettingsForPaths<'_>,
    ) -> Result<(), SettingsError> {
        candidates.sort_by_key(|candidate| !candidate.is_called_like_a_main_file());
        let mut covered = Covered::of_several(candidates.len());
        let mut wholes = Vec::new();
        let mut fragments = Vec::new();
        for candidate in candidates {
            if covered.contains(&candidate.path) {
                continue;
            }
            let settings = settings.of(Some(&candidate.path))?;
            let mut all = match read_path(&candidate.path, &settings.load) {
                Ok(all) => all,
                // In a folder, what is no text is no configuration.
                Err(InputError::Read(ReadError::NotText { .. })) if !candidate.named => continue,
                Err(error) => {
                    self.errors.push(no_such_word(&candidate).unwrap_or(error));
                    continue;
                }
            };
            if all.iter().any(|loaded| loaded.is_dump) {
                self.add(all, &settings);
                continue;
            }
            all.retain(|loaded| candidate.is_wanted(loaded));
            for loaded in all {
                let is_whole = is_whole(&loaded.main().tree);
                if is_whole {
                    covered.add(&loaded, 0);
                }
                let list = if is_whole { &mut wholes } else { &mut fragments };
                let input = Input { loaded, settings: Rc::clone(&settings) };
                list.push((candidate.path.clone(), input));
            }
        }
        fragments.retain(|(path, _)| !covered.contains(path));
        self.configurations.extend(outermost(wholes));
        self.configurations.extend(outermost(fragments));
        Ok(())
    }
}

/// Leaves out what another one includes, and what is there twice. Of those that include each other
/// in a circle the first stays.
fn outermost(all: Vec<(PathBuf, Input)>) -> Vec<Input> {
    let count = all.len();
    let mut included = Covered::of_several(count);
    for (_, input) in &all {
        included.add(&input.loaded, 1);
    }
    let (inner, outer): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|(path, _)| included.contains(path));
    let mut covered = Covered::of_several(count);
    let mut kept = Vec::new();
    for (path, input) in outer.into_iter().chain(inner) {
        if !covered.contains(&path) {
            covered.add(&input.loaded, 0);
            kept.push(input);
        }
    }
    kept
}

/// What is said of a word on the command line that looks like a command and is no file.
fn no_such_word(candidate: &Candidate) -> Option<InputError> {
    const COMMANDS: [&str; 5] = ["check", "parse", "explain", "rules", "completions"];
    let word = candidate.path.to_str()?;
    let is_word = word.bytes().all(|byte| byte.is_ascii_lowercase());
    if !candidate.named || !is_word || candidate.path.symlink_metadata().is_ok() {
        return None;
    }
    let alike = |command: &&str| strsim::jaro_winkler(word, command) > 0.8;
    let nearest = COMMANDS.into_iter().find(alike);
    Some(InputError::NoSuchWord { word: word.to_owned(), nearest })
}

/// Whether the directives at the top of a file are mostly nginx's: many programs have `.conf`
/// files. Some begin with a word that is a directive of nginx, but end nothing with `;`.
fn looks_like_nginx(tree: &Tree) -> bool {
    let (mut known, mut all) = (0usize, 0usize);
    let mut ended = false;
    for directive in tree.top_level() {
        all += 1;
        let is_nginx = match directive.id() {
            // Many languages have it.
            Some(directive::INCLUDE) => directive.argument_count() == 1,
            id => id.is_some(),
        };
        known += usize::from(is_nginx);
        ended |= is_nginx && directive.terminator().is_some();
    }
    ended && known * 2 > all
}

#[cfg(test)]
mod tests {
    use wslint_grammar::parse;

    use super::*;

    #[test]
    fn configurations_of_other_programs_are_told_apart() {
        let looks = |text: &str| looks_like_nginx(&parse(text.as_bytes().to_vec()));
        assert!(looks("server { listen 80; }"));
        assert!(looks("include x; upstream b { server a; }"));
        assert!(looks("server { listen 80;"));
        assert!(looks("gzip on;\ngzip_vary on\n"));
        assert!(!looks("[supervisord]\nnodaemon=true\nuser=root\n"));
        assert!(!looks("<VirtualHost *:80>\nServerName x\n</VirtualHost>\n"));
        assert!(!looks("bind 127.0.0.1\nport 6379\n"));
        assert!(!looks("user mosquitto\npersistence true\nlistener 1883\n"));
        assert!(!looks("include \"constants.conf\"\ninclude \"zones.conf\"\n"));
        assert!(!looks("options { directory \"/var\"; };\nzone \".\" { type hint; };\n"));
        assert!(!looks(""));
    }
}
