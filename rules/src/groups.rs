//! One finding for one cause, wherever it is felt.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::finding::{Finding, FindingFix};
use crate::source::Place;

/// Places of one kind: the first few, and how many there are.
#[derive(Debug, Default)]
pub(crate) struct Few {
    places: Vec<Place>,
    count: usize,
}

impl Few {
    /// How many are shown; the rest is counted.
    const MOST: usize = 3;

    pub(crate) fn add(&mut self, place: Place) {
        // A snippet that is included twice has one place and is felt twice.
        if self.places.contains(&place) {
            return;
        }
        self.count += 1;
        if self.places.len() < Self::MOST {
            self.places.push(place);
        }
    }

    /// Points at them with `message`, and says how many more there are.
    pub(crate) fn label(self, mut finding: Finding, message: &str) -> Finding {
        let more = self.count - self.places.len();
        let last = self.places.len();
        for (number, place) in self.places.into_iter().enumerate() {
            finding = match more {
                1.. if number + 1 == last => {
                    finding.label(place, format!("{message} (and {more} more)"))
                }
                _ => finding.label(place, message),
            };
        }
        finding
    }
}

/// Places of one kind, every one of them: a program that reads a report looks for a place in its
/// labels, and a report for people folds those that say the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct All {
    seen: FxHashSet<Place>,
    places: Vec<Place>,
}

impl All {
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

/// Places that feel a cause.
pub(crate) trait Felt: Default {
    /// Adds one.
    fn add(&mut self, place: Place);

    /// Points at them with `message`.
    fn label(self, finding: Finding, message: &str) -> Finding;
}

impl Felt for Few {
    fn add(&mut self, place: Place) {
        self.add(place);
    }

    fn label(self, finding: Finding, message: &str) -> Finding {
        self.label(finding, message)
    }
}

impl Felt for All {
    fn add(&mut self, place: Place) {
        self.add(place);
    }

    fn label(self, finding: Finding, message: &str) -> Finding {
        All::label(&self, finding, message)
    }
}

/// Findings by the place of their cause, each with the first few places that feel it.
pub(crate) type Groups<T = ()> = GroupsOf<Few, T>;

/// Findings by the place of their cause, each with the places that feel it, and with what these are
/// to be mended by.
#[derive(Debug)]
pub(crate) struct GroupsOf<F, T = ()> {
    numbers: FxHashMap<Place, usize>,
    findings: Vec<(Finding, F, Vec<T>)>,
}

impl<F, T> Default for GroupsOf<F, T> {
    fn default() -> Self {
        Self { numbers: FxHashMap::default(), findings: Vec::new() }
    }
}

impl<F: Felt> GroupsOf<F> {
    /// Adds a place to the finding for the cause at `cause`, which is made when it is new. The
    /// finding's own place is no place to point at besides.
    pub(crate) fn add(&mut self, cause: Place, finding: impl FnOnce() -> Finding, felt: Place) {
        self.add_with(cause, finding, felt, ());
    }
}

impl<F: Felt, T> GroupsOf<F, T> {
    /// As [`GroupsOf::add`], and remembers `part` for the fix.
    pub(crate) fn add_with(
        &mut self,
        cause: Place,
        finding: impl FnOnce() -> Finding,
        felt: Place,
        part: T,
    ) {
        let number = *self.numbers.entry(cause).or_insert_with(|| {
            self.findings.push((finding(), F::default(), Vec::new()));
            self.findings.len() - 1
        });
        let (finding, few, parts) = &mut self.findings[number];
        // Where it is found, that is said already.
        if felt != finding.place {
            few.add(felt);
        }
        parts.push(part);
    }

    /// The findings, each with `message` at the places that feel it.
    pub(crate) fn into_findings(self, message: &str) -> impl Iterator<Item = Finding> {
        self.into_mended(message, |_| None)
    }

    /// The findings, each with `message` at the places that feel it and with what mends all these.
    pub(crate) fn into_mended(
        self,
        message: &str,
        fix: impl Fn(&[T]) -> Option<FindingFix>,
    ) -> impl Iterator<Item = Finding> {
        self.findings.into_iter().map(move |(finding, felt, parts)| {
            let own = finding.fix.clone();
            felt.label(finding, message).mended_by(own.or_else(|| fix(&parts)))
        })
    }
}
