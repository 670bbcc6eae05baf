//! The settings of each path that is checked. A file is read once, however many paths it is for.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use wslint_model::load::normalised;

use super::Settings;
use super::discovery::{Found, look_into};
use super::file::SettingsFile;
use super::given::Given;
use super::merge::Overrides;
use super::problem::{self, SettingsError};

/// Knows what holds for a path.
#[derive(Debug)]
pub(crate) struct SettingsForPaths<'o> {
    overrides: Overrides<'o>,
    source: From,
    /// The settings of folders that were asked for.
    of_folders: RefCell<BTreeMap<PathBuf, Rc<Settings>>>,
}

/// Where settings come from.
#[derive(Debug)]
enum From {
    /// The nearest file upwards.
    Nearest,
    /// One for all.
    Given(Rc<Settings>),
}

impl<'o> SettingsForPaths<'o> {
    /// Takes the options of the command line; the file that they name is read now.
    ///
    /// # Errors
    /// When an option names an unknown rule, or that file is wrong.
    pub(crate) fn new(given: impl Into<Given<'o>>) -> Result<Self, SettingsError> {
        let given = given.into();
        let overrides = Overrides::new(given)?;
        let source = match &given.file.config {
            Some(path) => {
                let path = whole(path);
                From::Given(Rc::new(overrides.merge(read(&path)?, Some(path))))
            }
            None if given.file.no_config => {
                From::Given(Rc::new(overrides.merge(SettingsFile::default(), None)))
            }
            None => From::Nearest,
        };
        Ok(Self { overrides, source, of_folders: RefCell::default() })
    }

    /// What holds for a file, or for the working folder.
    ///
    /// # Errors
    /// When the settings file is wrong.
    pub(crate) fn of(&self, file: Option<&Path>) -> Result<Rc<Settings>, SettingsError> {
        if let From::Given(settings) = &self.source {
            return Ok(Rc::clone(settings));
        }
        let path = file.unwrap_or(Path::new("_"));
        let path = whole(path);
        let folder = path.parent().unwrap_or(Path::new("/"));
        let mut known = self.of_folders.borrow_mut();
        let mut asked = Vec::new();
        let mut settings = None;
        for folder in folder.ancestors() {
            if let Some(already) = known.get(folder) {
                settings = Some(Rc::clone(already));
                break;
            }
            asked.push(folder);
            match look_into(folder) {
                Found::File(path) => {
                    let file = read(&path)?;
                    settings = Some(Rc::new(self.overrides.merge(file, Some(path))));
                    break;
                }
                Found::Both(folder) => return Err(SettingsError::Both(folder)),
                Found::Top => break,
                Found::Nothing => {}
            }
        }
        let settings = settings
            .unwrap_or_else(|| Rc::new(self.overrides.merge(SettingsFile::default(), None)));
        known.extend(asked.into_iter().map(|folder| (folder.to_owned(), Rc::clone(&settings))));
        Ok(settings)
    }
}

/// The path from the root, so that each folder has one name.
fn whole(path: &Path) -> PathBuf {
    normalised(&std::path::absolute(path).unwrap_or_else(|_| path.to_owned()))
}

fn read(path: &Path) -> Result<SettingsFile, SettingsError> {
    let bytes = std::fs::read(path)
        .map_err(|reason| SettingsError::Unreadable { path: path.to_owned(), reason })?;
    let text = String::from_utf8(bytes).map_err(|_| SettingsError::NotUtf8(path.to_owned()))?;
    toml::from_str(&text).map_err(|error| problem::in_file(path, &text, &error))
}
