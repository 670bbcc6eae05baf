//! One finding for one cause, wherever it is felt.

use rustc_hash::FxHashMap;

use crate::finding::Finding;
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

/// Findings by the place of their cause, each with the places that feel it.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    numbers: FxHashMap<Place, usize>,
    findings: Vec<(Finding, Few)>,
}

impl Groups {
    /// Adds a place to the finding for the cause at `cause`, which is made when it is new.
    pub(crate) fn add(&mut self, cause: Place, finding: impl FnOnce() -> Finding, felt: Place) {
        let number = *self.numbers.entry(cause).or_insert_with(|| {
            self.findings.push((finding(), Few::default()));
            self.findings.len() - 1
        });
        self.findings[number].1.add(felt);
    }

    /// The findings, each with `message` at the places that feel it.
    pub(crate) fn into_findings(self, message: &str) -> impl Iterator<Item = Finding> {
        self.findings.into_iter().map(move |(finding, felt)| felt.label(finding, message))
    }
}
