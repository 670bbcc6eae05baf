//! Which fixes can be applied at the same time.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};
use wslint_grammar::{Applicability, Edit, Span};
use wslint_model::source::{FileId, Sources};

use super::applicable::Guard;
use super::{FileKey, Frozen, Subject};
use crate::finding::Finding;

/// The files of a configuration by their keys, each asked for once.
pub(super) struct Keys<'s> {
    sources: &'s Sources,
    subject: Subject<'s>,
    known: FxHashMap<FileId, FileKey>,
}

impl<'s> Keys<'s> {
    pub(super) fn new(sources: &'s Sources, subject: Subject<'s>) -> Self {
        Self { sources, subject, known: FxHashMap::default() }
    }

    pub(super) fn of(&mut self, file: FileId) -> &FileKey {
        let Self { sources, subject, known } = self;
        known.entry(file).or_insert_with(|| FileKey::of(sources, file, subject.writable))
    }
}

/// The findings whose fixes are applied in this round: none of them touches what another one
/// touches. Safe ones come first, and then those that come first in the text.
pub(super) fn choose<'f>(
    sources: &Sources,
    findings: &'f [Finding],
    subject: Subject<'_>,
    frozen: &Frozen,
) -> Vec<&'f Finding> {
    let guard = Guard::new(sources, subject.writable);
    let mut keys = Keys::new(sources, subject);
    let mut claims: FxHashMap<FileKey, Claims<'f>> = FxHashMap::default();
    let mut chosen = Vec::new();
    for applicability in [Applicability::Safe, Applicability::Unsafe] {
        if applicability > subject.up_to {
            break;
        }
        for finding in findings {
            let Some(fix) = finding.fix.as_ref() else { continue };
            if fix.applicability != applicability || !guard.allows(finding) {
                continue;
            }
            let is_free = fix.edits.iter().all(|edit| {
                let key = keys.of(edit.file);
                !frozen.contains(key)
                    && claims.get(key).is_none_or(|claims| claims.allow(&edit.edit))
            });
            if is_free {
                for edit in &fix.edits {
                    let claims = claims.entry(keys.of(edit.file).clone()).or_default();
                    claims.add(&edit.edit, chosen.len());
                }
                chosen.push(finding);
            }
        }
    }
    chosen
}

/// What the chosen fixes do to a file: where each edit begins and ends.
#[derive(Default)]
struct Claims<'f>(BTreeMap<(u32, u32), Claim<'f>>);

struct Claim<'f> {
    /// The number of the fix that came first.
    owner: usize,
    /// What the edit writes; `None` when the owner writes several things there.
    text: Option<&'f str>,
}

impl<'f> Claims<'f> {
    /// Whether an edit does the same as one of these, or touches none of them.
    fn allow(&self, edit: &Edit) -> bool {
        let (start, end) = (edit.span.start, edit.span.end);
        // They do not overlap: the last one that begins before the end is the one that ends last.
        let Some((&(near, far), claim)) = self.0.range(..=(end, u32::MAX)).next_back() else {
            return true;
        };
        far < start || (near, far) == (start, end) && claim.text == Some(&edit.text)
    }

    fn add(&mut self, edit: &'f Edit, owner: usize) {
        let claim = self
            .0
            .entry((edit.span.start, edit.span.end))
            .or_insert(Claim { owner, text: Some(&edit.text) });
        // Two insertions of one fix at one place are one edit, in parts.
        if claim.owner == owner && claim.text != Some(&edit.text) {
            claim.text = None;
        }
    }
}

/// The edits of several fixes by file, those that are the same once.
pub(super) fn edits_of(
    sources: &Sources,
    chosen: &[&Finding],
    subject: Subject<'_>,
) -> FxHashMap<FileKey, (FileId, Vec<Edit>)> {
    let mut keys = Keys::new(sources, subject);
    let mut all: FxHashMap<FileKey, (FileId, Vec<Edit>)> = FxHashMap::default();
    let mut made: FxHashSet<(FileKey, Span, &str)> = FxHashSet::default();
    for fix in chosen.iter().filter_map(|finding| finding.fix.as_ref()) {
        let identities: Vec<_> = fix
            .edits
            .iter()
            .map(|it| (keys.of(it.file).clone(), it.edit.span, it.edit.text.as_str()))
            .collect();
        for (it, identity) in fix.edits.iter().zip(&identities) {
            if !made.contains(identity) {
                let (_, edits) =
                    all.entry(identity.0.clone()).or_insert_with(|| (it.file, Vec::new()));
                edits.push(it.edit.clone());
            }
        }
        made.extend(identities);
    }
    all
}
