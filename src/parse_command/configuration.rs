//! A main file and what it includes, as objects of the payload's `config`.

use std::collections::HashMap;
use std::io;

use serde_json::ser::Formatter;
use wslint_model::load::{Include, Loaded};
use wslint_model::source::{DirectiveRef, FileId};

use super::ParseOptions;
use super::cycle::Closing;
use super::json::Json;
use super::problem::{self, Problem};
use super::walk::{Step, Walk, has_steps};

/// What is to be known of a configuration before anything of it is written: where its files
/// stand in `config`, and their problems, because the payload begins with those.
pub(super) struct Configuration<'l> {
    loaded: &'l Loaded,
    options: &'l ParseOptions,
    entries: Vec<Entry<'l>>,
    /// The number of each file in `config`.
    numbers: HashMap<FileId, u64>,
    /// The includes that are not put in their place.
    closing: Closing,
}

/// One object of `config`.
struct Entry<'l> {
    file: FileId,
    problems: Vec<Problem<'l>>,
}

impl<'l> Configuration<'l> {
    /// `first` is the number of its main file in `config`.
    pub(super) fn new(loaded: &'l Loaded, first: usize, options: &'l ParseOptions) -> Self {
        let combine = options.combine && !options.no_includes;
        let closing = if combine { Closing::find(loaded) } else { Closing::default() };
        let shown = if options.no_includes { 1 } else { loaded.sources.len() };
        let files: Vec<FileId> = loaded.sources.iter().map(|(file, _)| file).take(shown).collect();
        let numbers = files.iter().copied().zip(first as u64..).collect();
        let problems_of = |file| match options.no_includes {
            true => problem::in_text(loaded, file),
            false => problem::in_text_and_includes(loaded, file, &closing),
        };
        let entries = if combine {
            vec![Entry {
                file: Loaded::MAIN,
                problems: files.into_iter().flat_map(problems_of).collect(),
            }]
        } else {
            let entry = |file| Entry { file, problems: problems_of(file) };
            files.into_iter().map(entry).collect()
        };
        Self { loaded, options, entries, numbers, closing }
    }

    /// How many objects of `config` it makes.
    pub(super) fn entry_count(&self) -> usize {
        self.entries.len()
    }

    /// The problems of all its files.
    pub(super) fn problems(&self) -> impl Iterator<Item = &Problem<'l>> {
        self.entries.iter().flat_map(|entry| &entry.problems)
    }

    /// Writes its objects of `config`.
    pub(super) fn write<W: io::Write, F: Formatter>(
        &self,
        json: &mut Json<W, F>,
    ) -> io::Result<()> {
        for Entry { file, problems } in &self.entries {
            json.begin_object()?;
            json.text_field("file", &self.loaded.sources.get(*file).name)?;
            json.status_field(problems.is_empty())?;
            json.key("errors")?;
            json.begin_array()?;
            for problem in problems {
                json.problem(problem)?;
            }
            json.end_array()?;
            json.key("parsed")?;
            json.begin_array()?;
            self.write_parsed(*file, json)?;
            json.end_array()?;
            json.end_object()?;
        }
        Ok(())
    }

    fn write_parsed<W: io::Write, F: Formatter>(
        &self,
        file: FileId,
        json: &mut Json<W, F>,
    ) -> io::Result<()> {
        let sources = &self.loaded.sources;
        let walk = |file| (file, Walk::new(&sources.get(file).tree));
        // More than one only where includes are put in their place.
        let mut walks = vec![walk(file)];
        while let Some((file, steps)) = walks.last_mut() {
            let file = *file;
            let Some(step) = steps.next() else {
                walks.pop();
                continue;
            };
            let file_name = self.options.combine.then(|| sources.get(file).name.as_str());
            match step {
                Step::Enter { directive, line } => {
                    let reference = DirectiveRef { file, index: directive.index() };
                    let include = self.include(reference);
                    if self.options.combine && include.is_some() {
                        walks.extend(self.opened_by(reference).into_iter().rev().map(walk));
                        continue;
                    }
                    json.begin_directive(directive, line, file_name)?;
                    if let Some(include) = include {
                        self.write_includes(include, json)?;
                    }
                    if has_steps(directive) {
                        json.begin_block()?;
                    } else {
                        json.end_object()?;
                    }
                }
                Step::Leave => json.end_block()?,
                Step::Comment { text, line } if self.options.comments => {
                    json.comment(text, line, file_name)?;
                }
                Step::Comment { .. } => {}
            }
        }
        Ok(())
    }

    fn include(&self, reference: DirectiveRef) -> Option<&'l Include> {
        self.loaded.include(reference).filter(|_| !self.options.no_includes)
    }

    /// The files to write in the place of an include.
    fn opened_by(&self, include: DirectiveRef) -> Vec<FileId> {
        let files = self.include(include).map(Include::files).unwrap_or_default();
        let ends = |file: &FileId| !self.closing.contains(include, *file);
        files.iter().copied().filter(ends).collect()
    }

    fn write_includes<W: io::Write, F: Formatter>(
        &self,
        include: &Include,
        json: &mut Json<W, F>,
    ) -> io::Result<()> {
        json.key("includes")?;
        json.begin_array()?;
        for file in include.files() {
            json.number(self.numbers[file])?;
        }
        json.end_array()
    }
}
