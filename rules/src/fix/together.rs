//! Several configurations, some files of which may be the same.

use rustc_hash::FxHashMap;
use wslint_model::parallel;

use super::{FileKey, Fixed, FixedFile, Frozen, Subject, fix};

/// What became of several configurations.
#[derive(Debug, Default)]
pub struct Together {
    /// What became of each, in their order.
    pub fixed: Vec<Fixed>,
    /// The files of all of them that are other than before, by name, each once.
    pub files: Vec<FixedFile>,
    /// The files that are left as they were because two configurations want different texts.
    pub conflicts: Vec<Conflict>,
}

/// A file that is mended in one way for one configuration, and in another one, or not at all, for
/// another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The file.
    pub file: String,
    /// The main files of two of the configurations.
    pub configurations: [String; 2],
}

/// Mends several configurations, but for the files that are `frozen`. A file that several of them
/// include is mended when all of them want the same of it.
pub fn fix_all(subjects: &[Subject<'_>], frozen: &Frozen) -> Together {
    let mut frozen = frozen.clone();
    let mut conflicts = Vec::new();
    let mut fixed: Vec<Fixed> =
        parallel::map(subjects.to_vec(), 2, |subject| fix(subject, &frozen));
    loop {
        let found = disagreements(subjects, &fixed);
        if found.is_empty() {
            break;
        }
        frozen.extend(found.iter().map(|(key, _)| key.clone()));
        conflicts.extend(found.into_iter().map(|(_, conflict)| conflict));
        let again = |(subject, was): (Subject<'_>, Fixed)| {
            if was.files.is_empty() {
                return was;
            }
            let mut now = fix(subject, &frozen);
            // What was found out once is said, although its file is not looked at again.
            let is_new = |bad: &_| !now.taken_back.contains(bad);
            let old: Vec<_> = was.taken_back.into_iter().filter(is_new).collect();
            now.taken_back.extend(old);
            now
        };
        fixed = parallel::map(subjects.iter().copied().zip(fixed).collect(), 2, again);
    }
    let mut by_key: FxHashMap<FileKey, &FixedFile> = FxHashMap::default();
    for file in fixed.iter().flat_map(|fixed| &fixed.files) {
        by_key.entry(key_of(file)).or_insert(file);
    }
    let mut files: Vec<FixedFile> = by_key.into_values().cloned().collect();
    files.sort_by(|a, b| a.name.cmp(&b.name));
    conflicts.sort_by(|a: &Conflict, b| a.file.cmp(&b.file));
    Together { fixed, files, conflicts }
}

fn key_of(file: &FixedFile) -> FileKey {
    file.path.as_deref().map_or(FileKey::DETACHED, FileKey::of_path)
}

/// The files that two configurations want to be different.
fn disagreements(subjects: &[Subject<'_>], fixed: &[Fixed]) -> Vec<(FileKey, Conflict)> {
    // What each configuration that changes a file makes of it.
    let mut wanted: FxHashMap<FileKey, FxHashMap<usize, &FixedFile>> = FxHashMap::default();
    for (number, fixed) in fixed.iter().enumerate() {
        for file in fixed.files.iter().filter(|file| file.path.is_some()) {
            wanted.entry(key_of(file)).or_default().insert(number, file);
        }
    }
    if wanted.is_empty() || subjects.len() == 1 {
        return Vec::new();
    }
    let mut found: FxHashMap<FileKey, Conflict> = FxHashMap::default();
    for (number, subject) in subjects.iter().enumerate() {
        let sources = &subject.configuration.loaded.sources;
        for (file, _) in sources.iter() {
            let key = FileKey::of(sources, file, subject.writable);
            let Some(texts) = wanted.get(&key) else { continue };
            let mine = texts.get(&number).map(|file| &file.after);
            let other = texts.iter().filter(|(_, file)| Some(&file.after) != mine);
            let Some((&other, file)) = other.min_by_key(|(number, _)| **number) else { continue };
            let name = |number: usize| subjects[number].configuration.loaded.main().name.clone();
            let mut configurations = [name(number), name(other)];
            configurations.sort();
            let conflict = Conflict { file: file.name.clone(), configurations };
            found.entry(key).or_insert(conflict);
        }
    }
    found.into_iter().collect()
}
