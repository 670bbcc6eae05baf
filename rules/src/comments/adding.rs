//! Writing `# wslint: ignore[RULE]` above what was found.

use std::collections::{BTreeMap, BTreeSet};

use wslint_grammar::{Directive, Edit, Token, TokenKind, Tree, apply_edits};
use wslint_model::source::{Source, Sources};

use crate::comments::Comments;
use crate::finding::Finding;

/// The reason that the comments give.
const REASON: &str = "found when wslint was introduced";

/// A text with comments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commented {
    /// The text.
    pub text: Vec<u8>,
    /// How many comments were added.
    pub comments: usize,
}

/// Why no comment can silence a finding: it would have to stand within a quoted text, or a mistake
/// of the syntax makes something else of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no comment can stand where it would silence `{rule}` in line {line}")]
pub struct NotCoverable {
    rule: &'static str,
    line: u32,
}

/// The text of a file with a comment above each line on which one of `findings` begins, which are
/// all in this file. Nothing else is changed: nginx reads the same as before.
///
/// # Errors
/// When a finding cannot be silenced by a comment.
pub fn with_ignores(source: &Source, findings: &[&Finding]) -> Result<Commented, NotCoverable> {
    let tree = &source.tree;
    let not_coverable = |finding: &Finding| NotCoverable {
        rule: finding.rule.name,
        line: source.position(finding.place.span.start).line,
    };
    let mut lines: BTreeMap<u32, BTreeSet<&str>> = BTreeMap::new();
    for finding in findings {
        let line = source.lines().line_start(target(tree, finding.place.span.start));
        lines.entry(line).or_default().insert(finding.rule.name);
    }
    let edits: Vec<Edit> = lines
        .iter()
        .map(|(&line, rules)| {
            let rules: Vec<&str> = rules.iter().copied().collect();
            let (indent, end) = layout(tree.text(), line as usize);
            let comment = format!("{indent}# wslint: ignore[{}] {REASON}{end}", rules.join(", "));
            Edit::insert(line, comment)
        })
        .collect();
    let changed = apply_edits(tree.text(), &edits).ok();
    let changed = changed.map(|text| Source::new(source.name.clone(), None, text));
    let Some(changed) = changed.filter(|changed| says_the_same(tree, &changed.tree)) else {
        // Which one it is does not matter: none is written.
        return match findings.first() {
            Some(finding) => Err(not_coverable(finding)),
            None => Ok(Commented { text: tree.text().to_owned(), comments: 0 }),
        };
    };
    let mut sources = Sources::default();
    let file = sources.push(changed);
    let comments = Comments::read(&sources);
    // Findings in the order of their places, each with the ignores that begin before it.
    let shift = Shift::new(&edits);
    for finding in findings {
        let offset = shift.of(finding.place.span.start);
        // Only a comment that begins behind the line before can be the one that was written; older
        // ones that cover the place would have silenced the finding.
        let line = source.lines().line_start(target(tree, finding.place.span.start));
        let from = shift.before(line);
        let first = comments.ignores.partition_point(|ignore| ignore.comment.start < from);
        let is_covered = comments.ignores[first..]
            .iter()
            .take_while(|ignore| ignore.comment.start < offset)
            .any(|ignore| {
                ignore.place.file == file
                    && ignore.rules.contains(finding.rule)
                    && (ignore.covered.start..ignore.covered.end).contains(&offset)
            });
        if !is_covered {
            return Err(not_coverable(finding));
        }
    }
    let text = sources.get(file).tree.text().to_owned();
    Ok(Commented { text, comments: edits.len() })
}

/// The beginning of the directive in whose head a place lies, or the place.
fn target(tree: &Tree, offset: u32) -> u32 {
    let (mut low, mut high) = (0, tree.directive_count() as u32);
    while low < high {
        let middle = low.midpoint(high);
        if tree.directive(middle).words_span().start <= offset {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    let head = low.checked_sub(1).map(|it| tree.directive(it)).map(Directive::head_span);
    head.filter(|head| offset <= head.end).map_or(offset, |head| head.start)
}

/// The blanks at the beginning of the line at `start`, and how lines end there.
fn layout(text: &[u8], start: usize) -> (String, &'static str) {
    let is_indent = |byte: &&u8| matches!(byte, b' ' | b'\t');
    let indent = text[start..].iter().take_while(is_indent).map(|&byte| char::from(byte)).collect();
    let newline = memchr::memchr(b'\n', &text[start..]).map(|length| start + length);
    // The last line may have no end: it is the one before it then.
    let newline = newline.or(start.checked_sub(1));
    let has_return = newline.and_then(|at| at.checked_sub(1)).is_some_and(|at| text[at] == b'\r');
    (indent, if has_return { "\r\n" } else { "\n" })
}

/// Whether two texts differ in blanks and comments alone.
fn says_the_same(before: &Tree, after: &Tree) -> bool {
    fn solid(tree: &Tree) -> impl Iterator<Item = (TokenKind, &[u8])> {
        let is_solid = |token: &Token| !matches!(token.kind, TokenKind::Blank | TokenKind::Comment);
        let tokens = tree.tokens().into_iter().filter(is_solid);
        tokens.map(|token| (token.kind, tree.slice(token.span)))
    }
    before.errors().len() == after.errors().len() && solid(before).eq(solid(after))
}

/// Where places are after insertions.
struct Shift {
    /// Where something was inserted, with the length of all that was inserted up to there.
    inserted: Vec<(u32, u32)>,
}

impl Shift {
    fn new(edits: &[Edit]) -> Self {
        let mut total = 0;
        let inserted = edits.iter().map(|edit| {
            total += edit.text.len() as u32;
            (edit.span.start, total)
        });
        Self { inserted: inserted.collect() }
    }

    /// Where the byte at `offset` is now.
    fn of(&self, offset: u32) -> u32 {
        let number = self.inserted.partition_point(|&(at, _)| at <= offset);
        offset + number.checked_sub(1).map_or(0, |last| self.inserted[last].1)
    }

    /// Where that begins what was inserted at `offset`.
    fn before(&self, offset: u32) -> u32 {
        let number = self.inserted.partition_point(|&(at, _)| at < offset);
        offset + number.checked_sub(1).map_or(0, |last| self.inserted[last].1)
    }
}
