//! The texts of a configuration while it is being fixed.

use std::path::PathBuf;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use wslint_grammar::{EditError, apply_edits};
use wslint_model::load::{Loaded, Memory, TextsByPath, load_again};
use wslint_model::resolve::Configuration;

use super::choose::edits_of;
use super::{FileKey, FixedFile, Subject};
use crate::finding::Finding;

/// The files as they were first read.
pub(super) struct Files<'s> {
    subject: Subject<'s>,
    memory: Memory,
    first: TextsByPath,
}

/// The files that say something else by now.
#[derive(Clone, Debug, Default)]
pub(super) struct Changes(FxHashMap<FileKey, Changed>);

#[derive(Clone, Debug)]
struct Changed {
    name: String,
    path: Option<PathBuf>,
    before: Arc<[u8]>,
    after: Arc<[u8]>,
}

impl<'s> Files<'s> {
    pub(super) fn new(subject: Subject<'s>) -> Self {
        let sources = subject.configuration.loaded.sources.iter();
        let first = sources.filter_map(|(_, source)| {
            let path = source.path.clone()?;
            Some((path, Arc::from(source.tree.text())))
        });
        Self { subject, memory: Memory::default(), first: first.collect() }
    }

    /// The configuration with these changes.
    pub(super) fn load(&self, changes: &Changes) -> Configuration {
        let loaded = &self.subject.configuration.loaded;
        let by_path: TextsByPath = changes
            .0
            .iter()
            .filter_map(|(key, changed)| Some((key.0.clone()?, Arc::clone(&changed.after))))
            .collect();
        let main = FileKey::of(&loaded.sources, Loaded::MAIN, self.subject.writable);
        let main = match changes.0.get(&main) {
            Some(file) => file.after.to_vec(),
            None => loaded.main().tree.text().to_vec(),
        };
        let texts = (&self.first, &by_path);
        Configuration::resolve(load_again(loaded, self.subject.load, main, texts, &self.memory))
    }
}

impl Changes {
    /// These changes, and what the fixes of some findings change, which are about `configuration`.
    ///
    /// # Errors
    /// When their edits cannot be applied.
    pub(super) fn with(
        &self,
        configuration: &Configuration,
        chosen: &[&Finding],
        subject: Subject<'_>,
    ) -> Result<Self, EditError> {
        let sources = &configuration.loaded.sources;
        let mut result = self.clone();
        for (key, (file, edits)) in edits_of(sources, chosen, subject) {
            let source = sources.get(file);
            let after: Arc<[u8]> = apply_edits(source.tree.text(), &edits)?.into();
            let changed = result.0.entry(key).or_insert_with(|| Changed {
                name: source.name.clone(),
                path: source.path.clone(),
                before: Arc::from(source.tree.text()),
                after: Arc::from([]),
            });
            changed.after = after;
        }
        Ok(result)
    }

    /// How many times as long as before the longest of these texts is by now; for short ones, as if
    /// they had been a page long.
    pub(super) fn growth(&self) -> usize {
        let growth = |it: &Changed| it.after.len() / it.before.len().max(4096);
        self.0.values().map(growth).max().unwrap_or_default()
    }

    /// The files that are other than before, by name.
    pub(super) fn into_files(self) -> Vec<FixedFile> {
        let changed = self.0.into_iter().filter(|(_, it)| it.before != it.after);
        let mut files: Vec<FixedFile> = changed
            .map(|(key, Changed { name, path, before, after })| {
                // A text that came by itself has no file, whatever it is called.
                let path = path.filter(|_| key != FileKey::DETACHED);
                FixedFile { name, path, before, after }
            })
            .collect();
        files.sort_by(|a, b| a.name.cmp(&b.name));
        files
    }
}
