//! The lines that a finding is about, as a small text of their own.
//!
//! miette would have to be handed whole files, which may be huge, in other encodings, and more than
//! one. It gets a [`Snippet`] instead: a few lines of each file, cleaned and cropped, that still
//! know their true names and numbers.

use std::ops::Range;

use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};
use wslint_grammar::Position;
use wslint_model::source::{FileId, Source};

use super::excerpt::{Excerpt, Room, indentation};
use super::spot::{self, Line, Spot};
use crate::report::diagnostic::Diagnostic;
use crate::report::theme::sign;
use crate::report::{Style, text};

/// Excerpts with at most that many lines between them are joined: a block is best seen whole.
const GAP: u32 = 6;

/// A label should not be wrapped into a narrower column; with what leads to it.
const LABEL_WIDTH: usize = 30;

/// What leads to a label: `╰──┤ `.
const LABEL_LEAD: usize = 5;

/// Indentation that is never left out: it shows that there are blocks around.
const INDENTATION: usize = 4;

/// Parts of files, and what is marked in them.
#[derive(Debug)]
pub(super) struct Snippet {
    /// The lines of all excerpts, each with its line end.
    text: String,
    hunks: Vec<Hunk>,
    marks: Vec<Mark>,
    left_out: usize,
}

/// Lines of one file that follow one another.
#[derive(Debug)]
struct Hunk {
    /// Where in the snippet's text.
    range: Range<usize>,
    /// The name of the file.
    name: String,
    /// The number of the first line, from 0.
    first_line: usize,
    /// How many lines there are.
    line_count: usize,
}

/// A part of the text with something to say about it.
#[derive(Debug)]
pub(super) struct Mark {
    /// Where in the snippet's text.
    range: Range<usize>,
    /// Where in the file.
    position: Position,
    /// What is to be seen there, wrapped.
    label: Option<String>,
    /// Whether the finding's own place is there.
    pub(super) is_cause: bool,
}

impl Snippet {
    /// What is to be shown of a finding's places.
    pub(super) fn new(diagnostic: &Diagnostic<'_>, style: Style) -> Self {
        let (spots, left_out) = spot::collect(diagnostic);
        let mut snippet =
            Self { text: String::new(), hunks: Vec::new(), marks: Vec::new(), left_out };
        // The sign that stands before the message leads to the cause when there is a choice.
        let sign = (spots.len() > 1).then(|| sign(diagnostic.finding.severity, style.unicode));
        let mut hunks = group(spots);
        // The cause comes first; everything else stays in its order.
        hunks.sort_by_key(|(_, lines)| !lines.iter().any(Line::has_cause));
        for (file, lines) in hunks {
            snippet.push(diagnostic.sources.get(file), &lines, sign, style);
        }
        snippet
    }

    /// The marks, in the order of the text.
    pub(super) fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// How many places are not shown because there are too many.
    pub(super) fn left_out(&self) -> usize {
        self.left_out
    }

    /// The marks as miette wants them.
    pub(super) fn labels(&self) -> impl Iterator<Item = LabeledSpan> {
        self.marks.iter().map(|Mark { range, label, is_cause, .. }| {
            let span = SourceSpan::from(range.clone());
            match is_cause {
                true => LabeledSpan::new_primary_with_span(label.clone(), span),
                false => LabeledSpan::new_with_span(label.clone(), span),
            }
        })
    }

    /// Adds lines of a file, with a line of context before and behind them.
    fn push(&mut self, source: &Source, marked: &[Line], sign: Option<&str>, style: Style) {
        let lines = with_context(source, marked);
        let Some(last) = lines.last() else { return };
        let gutter = last.number.to_string().len() + " ".len() + " │ ".chars().count();
        let columns = style.width.saturating_sub(gutter);
        let label = |spot: &Spot| spot.label(sign, style.unicode);
        let excerpts = lay_out(source.tree.text(), &lines, label, columns, style.unicode);

        let start = self.text.len();
        for (line, excerpt) in lines.iter().zip(&excerpts) {
            let offset = self.text.len();
            for (number, (spot, range)) in line.spots.iter().zip(&excerpt.marks).enumerate() {
                let room = columns.saturating_sub(excerpt.middle(number));
                self.marks.push(Mark {
                    range: offset + range.start..offset + range.end,
                    position: source.position(spot.start),
                    label: label(spot).map(|label| wrap_label(&label, room)),
                    is_cause: spot.is_cause,
                });
            }
            self.text.push_str(&excerpt.text);
            self.text.push('\n');
        }
        self.hunks.push(Hunk {
            range: start..self.text.len(),
            name: text::one_line(&source.name, style.unicode).into_owned(),
            first_line: lines[0].number as usize - 1,
            line_count: lines.len(),
        });
    }
}

impl SourceCode for Snippet {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        lines_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (start, end) = (span.offset(), span.offset() + span.len());
        // What reaches over two excerpts is refused: miette asks so whether it may join them.
        let hunk = self
            .hunks
            .iter()
            .find(|hunk| hunk.range.start <= start && end <= hunk.range.end)
            .ok_or(MietteError::OutOfBounds)?;
        let contents = |range: Range<usize>, line, column| {
            MietteSpanContents::new_named(
                hunk.name.clone(),
                &self.text.as_bytes()[range.clone()],
                range.into(),
                line,
                column,
                hunk.line_count,
            )
        };
        // Without context, miette asks for the place that it writes above the excerpt.
        let asked = self.marks.iter().find(|mark| mark.range.start == start);
        Ok(Box::new(match asked {
            Some(Mark { position, .. }) if lines_before == 0 && lines_after == 0 => {
                contents(start..end, position.line as usize - 1, position.column as usize - 1)
            }
            _ => contents(hunk.range.clone(), hunk.first_line, 0),
        }))
    }
}

/// The lines of each file, in groups that are shown together: files in the order in which they are
/// first mentioned, lines in the order of the file.
fn group(spots: Vec<Spot>) -> Vec<(FileId, Vec<Line>)> {
    let mut files: Vec<(FileId, Vec<Spot>)> = Vec::new();
    for spot in spots {
        match files.iter_mut().find(|(file, _)| *file == spot.file) {
            Some((_, spots)) => spots.push(spot),
            None => files.push((spot.file, vec![spot])),
        }
    }
    let mut groups = Vec::new();
    for (file, spots) in files {
        let mut lines: Vec<Line> = Vec::new();
        for line in spot::lines(spots) {
            // Each group shows one more line before and behind.
            if lines.last().is_some_and(|last| line.number - last.number > GAP + 3) {
                groups.push((file, std::mem::take(&mut lines)));
            }
            lines.push(line);
        }
        groups.push((file, lines));
    }
    groups
}

/// `marked` with the lines between them, and those next to them that are not empty.
fn with_context(source: &Source, marked: &[Line]) -> Vec<Line> {
    let bytes = source.tree.text();
    let mut lines: Vec<Line> = Vec::new();
    for line in marked {
        match lines.last().map(|last| last.number) {
            None => lines.extend(line.previous(source).filter(|line| !line.is_blank(bytes))),
            Some(_) => {
                while let Some(next) = lines
                    .last()
                    .filter(|last| last.number + 1 < line.number)
                    .and_then(|last| last.next(source))
                {
                    lines.push(next);
                }
            }
        }
        lines.push(line.clone());
    }
    let behind = lines.last().and_then(|last| last.next(source));
    lines.extend(behind.filter(|line| !line.is_blank(bytes)));
    lines
}

/// How much indentation all `lines` share and nobody misses.
fn common_indentation(bytes: &[u8], lines: &[Line], limit: usize) -> usize {
    lines
        .iter()
        .filter(|line| !line.is_blank(bytes))
        .map(|line| indentation(line.before_marks(bytes), limit))
        .min()
        .unwrap_or(0)
        .saturating_sub(INDENTATION)
}

/// What is shown of each line, so that there is room for the labels beside what they are about.
fn lay_out(
    bytes: &[u8],
    lines: &[Line],
    label: impl Fn(&Spot) -> Option<String>,
    columns: usize,
    unicode: bool,
) -> Vec<Excerpt> {
    let needed =
        |spot: &Spot| label(spot).map_or(0, |it| LABEL_LEAD + text::width(&it)).min(LABEL_WIDTH);
    let reach = |line: &Line| columns - line.spots.iter().map(needed).max().unwrap_or(0);
    let reaches: Vec<usize> = lines.iter().map(reach).collect();
    let whole: Vec<Excerpt> = lines
        .iter()
        .map(|line| line.excerpt(bytes, Room { columns, reach: columns, dedent: 0, unicode }))
        .collect();
    let is_cramped = |(excerpt, &reach): (&Excerpt, &usize)| {
        (0..excerpt.marks.len()).any(|mark| excerpt.middle(mark) > reach)
    };
    if !whole.iter().zip(&reaches).any(is_cramped) {
        return whole;
    }
    let dedent = common_indentation(bytes, lines, columns);
    let cropped = lines.iter().zip(reaches);
    cropped
        .map(|(line, reach)| line.excerpt(bytes, Room { columns, reach, dedent, unicode }))
        .collect()
}

/// A label on as many lines as it needs beside the text, of which `columns` are left.
fn wrap_label(label: &str, columns: usize) -> String {
    let columns = columns.saturating_sub(LABEL_LEAD).max(LABEL_WIDTH / 2);
    textwrap::wrap(label, text::wrapping(columns)).join("\n")
}
