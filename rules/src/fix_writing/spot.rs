//! Where new lines go.

use wslint_grammar::{Directive, Edit};
use wslint_model::resolve::Setting;
use wslint_model::source::FileId;

use super::block::Block;
use super::edits::Edits;
use super::style::{FileStyle, own_indentation};
use crate::context::Context;
use crate::finding::{FileEdit, FindingFix};

/// A place between directives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    file: FileId,
    offset: u32,
    kind: Kind,
    /// By what lines there are indented; unused on a line that others stand on.
    indentation: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// At the end of a line: a line break comes first.
    EndOfLine,
    /// At the start of a line: a line break comes last.
    StartOfLine,
    /// On the line of other directives, behind one of them.
    Behind,
    /// On the line of other directives, before one of them.
    InFront,
}

impl Spot {
    /// Behind a directive of `block`, and behind a comment on its line. `None` for one that does
    /// not end.
    pub(crate) fn after(
        block: Block<'_>,
        style: &FileStyle,
        anchor: Directive<'_>,
    ) -> Option<Spot> {
        let end = if anchor.is_block() { anchor.close()? } else { anchor.terminator()? }.end;
        let indentation = block.indentation(style, Some(anchor));
        let (offset, kind) = rest_of_line(block.tree.text(), end);
        Some(Spot { file: block.file, offset, kind, indentation })
    }

    /// Before a directive of `block`, and before the comments directly above it.
    pub(crate) fn before(block: Block<'_>, style: &FileStyle, anchor: Directive<'_>) -> Spot {
        let indentation = block.indentation(style, Some(anchor));
        let start = anchor.name_word().span().start;
        let Some(own) = own_indentation(anchor) else {
            return Spot { file: block.file, offset: start, kind: Kind::InFront, indentation };
        };
        let line = start - own.len() as u32;
        let offset = above_comments(block.tree.text(), line);
        Spot { file: block.file, offset, kind: Kind::StartOfLine, indentation }
    }

    /// Behind the last directive of `block`, or behind its `{`.
    pub(crate) fn at_end(block: Block<'_>, style: &FileStyle) -> Option<Spot> {
        if let Some(last) = block.children().last() {
            return Spot::after(block, style, last);
        }
        let start = block.head?.terminator()?.end;
        let indentation = block.indentation(style, None);
        let (offset, kind) = rest_of_line(block.tree.text(), start);
        Some(Spot { file: block.file, offset, kind, indentation })
    }

    /// Whether lines that go there have it for themselves, so that comments may stand in them.
    pub(super) fn takes_lines(&self) -> bool {
        matches!(self.kind, Kind::EndOfLine | Kind::StartOfLine)
    }

    /// Writes lines there; an empty one is an empty line.
    pub(crate) fn write(&self, style: &FileStyle, lines: &[String]) -> FileEdit {
        let line_end = style.line_end;
        let mut text = String::new();
        match self.kind {
            Kind::EndOfLine | Kind::StartOfLine => {
                for line in lines {
                    let indentation = if line.is_empty() { "" } else { self.indentation.as_str() };
                    if self.kind == Kind::EndOfLine {
                        text.extend([line_end, indentation, line]);
                    } else {
                        text.extend([indentation, line, line_end]);
                    }
                }
            }
            Kind::Behind | Kind::InFront => {
                for line in lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty()) {
                    if self.kind == Kind::Behind {
                        text.extend([" ", line]);
                    } else {
                        text.extend([line, " "]);
                    }
                }
            }
        }
        FileEdit { file: self.file, edit: Edit::insert(self.offset, text) }
    }
}

/// Writes a line before a block, with an empty one between them.
pub(crate) fn add_before(
    context: &Context<'_>,
    directive: Setting<'_>,
    line: &str,
) -> Option<FindingFix> {
    let file = directive.reference.file;
    let (tree, head) = (directive.directive.tree(), directive.directive.parent());
    if context.copies().of(directive.reference) != 1 {
        return None;
    }
    let style = context.style(file);
    let spot = Spot::before(Block { file, tree, head }, style, directive.directive);
    let mut edits = Edits::default();
    edits.add(spot.write(style, &[line.to_owned(), String::new()]));
    edits.into_fix(format!("add `{line}`"))
}

/// Where a line can go behind `end`: at the end of its line, behind a comment there, or at once when
/// something else follows on it.
fn rest_of_line(text: &[u8], end: u32) -> (u32, Kind) {
    let rest = &text[end as usize..];
    let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let line_end = match &rest[blanks..] {
        [] | [b'\n', ..] | [b'\r', b'\n', ..] => blanks,
        [b'#', comment @ ..] => {
            let length = memchr::memchr(b'\n', comment).unwrap_or(comment.len());
            let returned = length > 0 && length < comment.len() && comment[length - 1] == b'\r';
            blanks + 1 + length - usize::from(returned)
        }
        _ => return (end, Kind::Behind),
    };
    (end + line_end as u32, Kind::EndOfLine)
}

/// The start of the first of the comments directly above the line that starts at `line`.
pub(super) fn above_comments(text: &[u8], line: u32) -> u32 {
    let mut start = line as usize;
    loop {
        let Some(above) = text[..start].strip_suffix(b"\n") else { return start as u32 };
        let first = memchr::memrchr(b'\n', above).map_or(0, |at| at + 1);
        if !above[first..].trim_ascii_start().starts_with(b"#") {
            return start as u32;
        }
        start = first;
    }
}
