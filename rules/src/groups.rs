//! One finding for one cause, wherever it is felt.

use rustc_hash::{FxHashMap, FxHashSet};
use wslint_model::handshake::backends::Group;
use wslint_model::source::Place;

use crate::finding::{Finding, FindingFix};
use crate::fix_writing::Remedy;

/// Places of one kind, every one of them: a program that reads a report looks for a place in its
/// labels, and a report for people folds those that say the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places {
    seen: FxHashSet<Place>,
    places: Vec<Place>,
}

impl Places {
    pub(crate) fn add(&mut self, place: Place) {
        if self.seen.insert(place) {
            self.places.push(place);
        }
    }

    /// The places, in the order in which they were added.
    pub(crate) fn places(&self) -> &[Place] {
        &self.places
    }

    /// Points at them with `message`.
    pub(crate) fn label(&self, finding: Finding, message: &str) -> Finding {
        self.places.iter().fold(finding, |finding, &place| finding.label(place, message))
    }
}

/// Findings by the place of their cause, each with the places that feel it, and with what these are
/// to be mended by.
#[derive(Debug)]
pub(crate) struct Groups<T = ()> {
    numbers: FxHashMap<Place, usize>,
    findings: Vec<(Finding, Places, Vec<T>)>,
}

impl<T> Default for Groups<T> {
    fn default() -> Self {
        Self { numbers: FxHashMap::default(), findings: Vec::new() }
    }
}

impl Groups {
    /// Adds a place to the finding for the cause at `cause`, which is made when it is new. The
    /// finding's own place is no place to point at besides.
    pub(crate) fn add(&mut self, cause: Place, finding: impl FnOnce() -> Finding, felt: Place) {
        self.add_with(cause, finding, felt, ());
    }
}

impl<T> Groups<T> {
    /// As [`Groups::add`], and remembers `part` for the fix.
    pub(crate) fn add_with(
        &mut self,
        cause: Place,
        finding: impl FnOnce() -> Finding,
        felt: Place,
        part: T,
    ) {
        let number = *self.numbers.entry(cause).or_insert_with(|| {
            self.findings.push((finding(), Places::default(), Vec::new()));
            self.findings.len() - 1
        });
        let (finding, places, parts) = &mut self.findings[number];
        // Where it is found, that is said already.
        if felt != finding.place {
            places.add(felt);
        }
        parts.push(part);
    }

    /// The findings, each with `message` at the places that feel it.
    pub(crate) fn into_findings(self, message: &str) -> impl Iterator<Item = Finding> {
        self.into_mended(message, |_| None::<FindingFix>)
    }

    /// The findings, each with `message` at the places that feel it and with what mends all these.
    pub(crate) fn into_mended<R: Into<Remedy>>(
        self,
        message: &str,
        mend: impl Fn(&[T]) -> R,
    ) -> impl Iterator<Item = Finding> {
        self.findings.into_iter().map(move |(mut finding, felt, parts)| {
            if finding.fix.is_none() {
                let Remedy { help, fix } = mend(&parts).into();
                finding.help = help.or(finding.help);
                finding.fix = fix;
            }
            felt.label(finding, message)
        })
    }
}

/// Points at the `proxy_pass` lines that lead to an upstream.
pub(crate) fn label_ways(group: &Group<'_>, finding: Finding, message: &str) -> Finding {
    let mut places = Places::default();
    for way in &group.ways {
        places.add(way.pass.place());
    }
    places.label(finding, message)
}
