//! Round after round, until nothing is left to be mended.

use std::borrow::Cow;

use wslint_model::resolve::Configuration;

use super::choose::{Keys, choose};
use super::files::{Changes, Files};
use super::standing::{Standing, Worse, line_of};
use super::{FileKey, Fixed, Frozen, Round, Subject, TakenBack};
use crate::finding::Finding;

/// After so many rounds fixes are taken to never end. In each of them something is mended that had
/// to wait for something else.
const MOST_ROUNDS: usize = 50;

/// Fixes that write so many times what was there are taken to never end either.
const MOST_GROWTH: usize = 16;

/// Mends a configuration, but for the files that are `frozen`.
///
/// When it is asked again what is to be mended, nothing is.
pub fn fix(subject: Subject<'_>, frozen: &Frozen) -> Fixed {
    let files = Files::new(subject);
    let mut frozen = frozen.clone();
    let mut taken_back = Vec::new();
    // Whatever a bad fix touches stays as it was from the start on.
    loop {
        match all_rounds(subject, &files, &frozen) {
            Ok((rounds, changes)) => {
                let files = if rounds.is_empty() { Vec::new() } else { changes.into_files() };
                return Fixed { rounds, files, taken_back };
            }
            Err(bad) => {
                taken_back.push(bad.taken_back);
                frozen.extend(bad.files);
            }
        }
    }
}

/// A fix that makes something worse.
struct Bad {
    taken_back: TakenBack,
    /// The files that it touches.
    files: Vec<FileKey>,
}

impl Bad {
    fn new(
        finding: &Finding,
        configuration: &Configuration,
        subject: Subject<'_>,
        worse: Worse,
    ) -> Self {
        let mut keys = Keys::new(&configuration.loaded.sources, subject);
        let edits = finding.fix.iter().flat_map(|fix| &fix.edits);
        let files = edits.map(|edit| keys.of(edit.file).clone()).collect();
        let place = finding.place;
        let (file, line) = line_of(configuration, place.file, place.span.start);
        Self { files, taken_back: TakenBack { rule: finding.rule.name, file, line, worse } }
    }
}

fn all_rounds(
    subject: Subject<'_>,
    files: &Files<'_>,
    frozen: &Frozen,
) -> Result<(Vec<Round>, Changes), Box<Bad>> {
    let mut rounds: Vec<Round> = Vec::new();
    let mut changes = Changes::default();
    let mut standing = None;
    loop {
        let now = rounds.last().map_or(subject.configuration, |round| &round.after);
        let findings = match subject.found.filter(|_| rounds.is_empty()) {
            Some(found) => Cow::Borrowed(found),
            None => Cow::Owned((subject.find)(now)),
        };
        let chosen = choose(&now.loaded.sources, &findings, subject, frozen);
        let Some(first) = chosen.first() else { return Ok((rounds, changes)) };
        if rounds.len() == MOST_ROUNDS || changes.growth() > MOST_GROWTH {
            return Err(Box::new(Bad::new(first, now, subject, Worse::Endless)));
        }
        let before = standing.take().unwrap_or_else(|| Standing::of(now, subject));
        let try_first = |count: usize| {
            let next = changes.with(now, &chosen[..count], subject).map_err(Worse::from)?;
            let configuration = files.load(&next);
            let standing = Standing::of(&configuration, subject);
            match standing.worse_than(&before, &configuration) {
                Some(worse) => Err(worse),
                None => Ok((next, configuration, standing)),
            }
        };
        match try_first(chosen.len()) {
            Ok((next, after, next_standing)) => {
                let applied = chosen.into_iter().cloned().collect();
                changes = next;
                standing = Some(next_standing);
                rounds.push(Round { applied, after });
            }
            Err(worse) => {
                let (number, worse) =
                    first_bad(chosen.len(), worse, |count| try_first(count).err());
                return Err(Box::new(Bad::new(chosen[number], now, subject, worse)));
            }
        }
    }
}

/// The number of the fix that makes it worse, in a list that is bad as a whole, and what becomes
/// worse; `try_first` says that of the first so many.
fn first_bad(
    count: usize,
    worse: Worse,
    try_first: impl Fn(usize) -> Option<Worse>,
) -> (usize, Worse) {
    let (mut good, mut bad, mut worse) = (0, count, worse);
    while bad - good > 1 {
        let middle = good.midpoint(bad);
        match try_first(middle) {
            None => good = middle,
            Some(worse_here) => {
                bad = middle;
                worse = worse_here;
            }
        }
    }
    (bad - 1, worse)
}
