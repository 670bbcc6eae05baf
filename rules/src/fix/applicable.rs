//! Which files are left alone, whatever a rule offers.

use std::cell::RefCell;

use rustc_hash::FxHashMap;
use wslint_model::damage::template_language::is_template;
use wslint_model::load::Loaded;
use wslint_model::source::{FileId, Sources};

use crate::finding::{Finding, FindingFix};

/// Which files of a configuration may be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writable {
    /// All of them.
    All,
    /// The text of the main file, which is not one of the disk.
    MainText,
    /// None: they come out of the output of `nginx -T`, and nobody could put them back.
    Nothing,
}

/// Says which fixes may be applied to the files of a configuration.
///
/// Left alone are templates of another language, of which nobody knows what the program that reads
/// them makes of a change, and files with syntax errors, of which it is not known what the rest
/// means, unless the finding is about such an error.
#[derive(Debug)]
pub struct Guard<'s> {
    sources: &'s Sources,
    writable: Writable,
    templates: RefCell<FxHashMap<FileId, bool>>,
}

impl<'s> Guard<'s> {
    /// The guard of these files.
    pub fn new(sources: &'s Sources, writable: Writable) -> Self {
        Self { sources, writable, templates: RefCell::default() }
    }

    /// Whether a finding has a fix that may be applied.
    pub fn allows(&self, finding: &Finding) -> bool {
        let Some(fix) = &finding.fix else { return false };
        let mut last = None;
        !self.changes_nothing(fix)
            && fix.edits.iter().all(|edit| {
                let is_known = last.replace(edit.file) == Some(edit.file);
                is_known || self.may_change(finding, edit.file)
            })
    }

    fn changes_nothing(&self, fix: &FindingFix) -> bool {
        fix.edits.iter().all(|edit| {
            let text = self.sources.get(edit.file).tree.text();
            text.get(edit.edit.span.range()) == Some(edit.edit.text.as_bytes())
        })
    }

    fn may_change(&self, finding: &Finding, file: FileId) -> bool {
        let is_writable = match self.writable {
            Writable::All => true,
            Writable::MainText => file == Loaded::MAIN,
            Writable::Nothing => false,
        };
        is_writable && self.is_understood(finding, file) && !self.is_template(file)
    }

    /// Whether a file has no syntax errors, or the finding is about one of them.
    fn is_understood(&self, finding: &Finding, file: FileId) -> bool {
        let errors = self.sources.get(file).tree.errors();
        if errors.is_empty() {
            return true;
        }
        let span = finding.place.span;
        let first = errors.partition_point(|error| error.span.end < span.start);
        finding.place.file == file
            && errors.get(first).is_some_and(|error| error.span.start <= span.end)
    }

    fn is_template(&self, file: FileId) -> bool {
        let mut templates = self.templates.borrow_mut();
        *templates.entry(file).or_insert_with(|| is_template(&self.sources.get(file).tree))
    }
}
