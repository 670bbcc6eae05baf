//! The places that a finding names, put on the lines where they are shown.

use std::collections::HashMap;
use std::ops::Range;

use wslint_grammar::Span;
use wslint_model::source::{FileId, Place, Source};

use super::excerpt::{Excerpt, Room};
use crate::report::diagnostic::Diagnostic;
use crate::report::text;

/// How many places are shown beside the cause.
const MOST: usize = 6;

/// How many places are shown of those at which the same is to be seen.
const MOST_ALIKE: usize = 3;

/// A place on one line.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    /// The file.
    pub(super) file: FileId,
    /// Where the place starts in the file: what is marked may start later.
    pub(super) start: u32,
    /// Whether it is the finding's own place.
    pub(super) is_cause: bool,
    /// What is marked.
    mark: Span,
    /// What is to be seen there.
    messages: Vec<String>,
    /// The line that it starts on, from 1.
    line: u32,
    /// Where that line is in the file.
    line_span: Span,
}

/// A line of a file, and what is marked on it.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// Its number, from 1.
    pub(super) number: u32,
    /// Its bytes, without the line end.
    span: Span,
    /// What is marked, from left to right and without overlap.
    pub(super) spots: Vec<Spot>,
}

/// The places that are shown, the cause first, and how many are not.
pub(super) fn collect(diagnostic: &Diagnostic<'_>) -> (Vec<Spot>, usize) {
    let finding = diagnostic.finding;
    // Under the message, the same words say nothing more.
    let at_cause = Some(finding.at_place.as_str()).filter(|&text| text != finding.message);
    let spot = |place: Place, message: Option<&str>| {
        Spot::new(diagnostic.sources.get(place.file), place, message)
    };
    let mut spots = vec![Spot { is_cause: true, ..spot(finding.place, at_cause) }];
    let mut left_out = 0;
    let mut alike: HashMap<&str, usize> = HashMap::new();
    for label in &finding.labels {
        *alike.entry(&label.message).or_default() += 1;
    }
    let mut shown: HashMap<&str, usize> = HashMap::new();
    for label in &finding.labels {
        let shown = shown.entry(&label.message).or_default();
        *shown += 1;
        if *shown > MOST_ALIKE {
            continue;
        }
        let more = alike[label.message.as_str()].saturating_sub(MOST_ALIKE);
        let folded = format!("{} (and {more} more)", label.message);
        let is_last = more > 0 && *shown == MOST_ALIKE;
        let new = spot(label.place, Some(if is_last { &folded } else { &label.message }));
        match spots.iter().position(|known| known.file == new.file && known.mark == new.mark) {
            Some(known) => spots[known].add(new),
            None if spots.len() <= MOST => spots.push(new),
            None => left_out += 1,
        }
    }
    (spots, left_out)
}

/// `spots` of one file by the lines that they are on, from the top of the file.
pub(super) fn lines(mut spots: Vec<Spot>) -> Vec<Line> {
    spots.sort_by_key(|spot| (spot.mark.start, spot.mark.end));
    let mut lines: Vec<Line> = Vec::new();
    for spot in spots {
        match lines.last_mut() {
            Some(line) if line.number == spot.line => line.spots.push(spot),
            _ => lines.push(Line { number: spot.line, span: spot.line_span, spots: vec![spot] }),
        }
    }
    for line in &mut lines {
        separate(&mut line.spots);
    }
    lines
}

/// Takes away what two marks have in common from the longer one, since there is only one row of
/// marks below a line.
fn separate(spots: &mut Vec<Spot>) {
    // Every step makes a mark shorter or takes one away, so this ends.
    while let Some(right) =
        (1..spots.len()).find(|&right| spots[right].mark.start < spots[right - 1].mark.end)
    {
        let (outer, inner) = (spots[right - 1].mark, spots[right].mark);
        if outer.start < inner.start {
            spots[right - 1].mark.end = inner.start;
        } else if outer.end < inner.end {
            spots[right].mark.start = outer.end;
        } else {
            let same = spots.remove(right);
            spots[right - 1].add(same);
        }
        spots.sort_by_key(|spot| (spot.mark.start, spot.mark.end));
    }
}

impl Spot {
    /// A place, as far as it is on the line where it starts.
    fn new(source: &Source, Place { file, span }: Place, message: Option<&str>) -> Self {
        let line_span = line_around(source, span.start);
        let start = span.start.min(line_span.end);
        let end = span.end.clamp(start, line_span.end);
        Self {
            file,
            start: span.start,
            is_cause: false,
            mark: Span::new(start, end),
            messages: message.filter(|it| !it.is_empty()).map(str::to_owned).into_iter().collect(),
            line: source.position(span.start).line,
            line_span,
        }
    }

    /// Says here what is to be said about the same place.
    fn add(&mut self, other: Spot) {
        self.is_cause |= other.is_cause;
        for message in other.messages {
            if !self.messages.contains(&message) {
                self.messages.push(message);
            }
        }
    }

    /// The label, led by `sign` at the cause.
    pub(super) fn label(&self, sign: Option<&str>, unicode: bool) -> Option<String> {
        let sign = sign.filter(|_| self.is_cause);
        let message = self.messages.join("; ");
        let message = Some(text::one_line(&message, unicode)).filter(|it| !it.is_empty());
        match (sign, message) {
            (Some(sign), Some(message)) => Some(format!("{sign} {message}")),
            (Some(sign), None) => Some(sign.to_owned()),
            (None, message) => message.map(std::borrow::Cow::into_owned),
        }
    }
}

impl Line {
    /// Whether the finding's own place is on this line.
    pub(super) fn has_cause(&self) -> bool {
        self.spots.iter().any(|spot| spot.is_cause)
    }

    /// Whether there is nothing to be seen on it. Its start tells: nobody fills a screen with blanks.
    pub(super) fn is_blank(&self, text: &[u8]) -> bool {
        text[self.span.range()].iter().take(4096).all(u8::is_ascii_whitespace)
    }

    /// The part of the line that nothing is marked in.
    pub(super) fn before_marks<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        let end = self.spots.first().map_or(self.span.end, |spot| spot.mark.start);
        &text[Span::new(self.span.start, end).range()]
    }

    /// What is shown of the line.
    pub(super) fn excerpt(&self, text: &[u8], room: Room) -> Excerpt {
        let origin = self.span.range().start;
        let marks: Vec<Range<usize>> = self
            .spots
            .iter()
            .map(|spot| spot.mark.range())
            .map(|mark| mark.start - origin..mark.end - origin)
            .collect();
        Excerpt::new(&text[self.span.range()], &marks, room)
    }

    /// The line above.
    pub(super) fn previous(&self, source: &Source) -> Option<Line> {
        let end = self.span.start.checked_sub(1)?;
        Some(Line::unmarked(self.number - 1, line_around(source, end)))
    }

    /// The line below.
    pub(super) fn next(&self, source: &Source) -> Option<Line> {
        let start = line_end(source, self.span.start) + 1;
        let exists = start as usize <= source.tree.text().len();
        exists.then(|| Line::unmarked(self.number + 1, line_around(source, start)))
    }

    fn unmarked(number: u32, span: Span) -> Self {
        Self { number, span, spots: Vec::new() }
    }
}

/// The line that `offset` is on, without its line end.
fn line_around(source: &Source, offset: u32) -> Span {
    let start = source.lines().line_start(offset);
    let end = line_end(source, offset);
    let text = &source.tree.text()[Span::new(start, end).range()];
    let carriage_return = u32::from(text.ends_with(b"\r"));
    Span::new(start, end - carriage_return)
}

/// The offset of the LF that ends the line with `offset` on it, or of the end of the file.
///
/// The line table is searched, not the text: a line may be as long as the file.
fn line_end(source: &Source, offset: u32) -> u32 {
    let lines = source.lines();
    let start = lines.line_start(offset);
    let (mut inside, mut outside) = (offset, source.tree.text().len() as u32 + 1);
    while outside - inside > 1 {
        let middle = inside.midpoint(outside);
        if lines.line_start(middle) == start {
            inside = middle;
        } else {
            outside = middle;
        }
    }
    inside
}
