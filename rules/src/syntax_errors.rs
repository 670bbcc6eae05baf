//! The errors that the parser finds, as findings of the rules that they belong to.

use wslint_grammar::{SyntaxError, SyntaxErrorKind};
use wslint_model::source::{FileId, Place};

use crate::context::Context;
use crate::finding::Finding;
use crate::rule::Rule;

/// Whether an error is reported by `missing-semicolon`.
pub(crate) fn is_about_semicolons(kind: &SyntaxErrorKind) -> bool {
    matches!(kind, SyntaxErrorKind::MissingSemicolon { .. })
}

/// Whether an error is reported by `unbalanced-braces`.
pub(crate) fn is_about_braces(kind: &SyntaxErrorKind) -> bool {
    matches!(
        kind,
        SyntaxErrorKind::MissingOpenBrace { .. }
            | SyntaxErrorKind::UnclosedBlock { .. }
            | SyntaxErrorKind::UnexpectedOpenBrace
            | SyntaxErrorKind::UnexpectedCloseBrace
            | SyntaxErrorKind::UnexpectedBlock { .. }
            | SyntaxErrorKind::LostBlock { .. }
    )
}

/// Whether an error has a rule of its own because of what stands in the text.
pub(crate) fn is_about_characters(kind: &SyntaxErrorKind) -> bool {
    is_about_entities(kind) || is_about_invisible_characters(kind)
}

/// Whether an error is reported by `html-entities`.
pub(crate) fn is_about_entities(kind: &SyntaxErrorKind) -> bool {
    matches!(kind, SyntaxErrorKind::HtmlEntity { .. })
}

/// Whether an error is reported by `invisible-characters`.
pub(crate) fn is_about_invisible_characters(kind: &SyntaxErrorKind) -> bool {
    matches!(kind, SyntaxErrorKind::InvisibleCharacter { .. })
}

/// Reports the errors of all files that a rule is for.
pub(crate) fn report(
    context: &Context<'_>,
    rule: &'static Rule,
    findings: &mut Vec<Finding>,
    is_for_rule: impl Fn(&SyntaxErrorKind) -> bool,
) {
    for (file, source) in context.configuration.loaded.sources.iter() {
        let errors = source.tree.errors().iter().filter(|error| is_for_rule(&error.kind));
        findings.extend(errors.map(|error| finding(file, rule, error)));
    }
}

fn finding(file: FileId, rule: &'static Rule, error: &SyntaxError) -> Finding {
    let place = Place { file, span: error.span };
    let mut finding =
        Finding::new(rule, place, error.kind.to_string()).at_place(at_place(&error.kind));
    if let Some(help) = help(&error.kind) {
        finding = finding.help(help);
    }
    for note in &error.notes {
        finding = finding.label(Place { file, span: note.span }, note.message.clone());
    }
    match &error.fix {
        Some(fix) => finding.fix(fix.clone()),
        None => finding,
    }
}

fn at_place(kind: &SyntaxErrorKind) -> &'static str {
    match kind {
        SyntaxErrorKind::MissingSemicolon { .. } => "`;` is missing here",
        SyntaxErrorKind::MissingOpenBrace { .. } => "`{` is missing behind this",
        SyntaxErrorKind::UnclosedBlock { .. } => "this block has no `}`",
        SyntaxErrorKind::UnexpectedSemicolon => "ends no directive",
        SyntaxErrorKind::UnexpectedOpenBrace => "opens nothing",
        SyntaxErrorKind::UnexpectedCloseBrace => "closes nothing",
        SyntaxErrorKind::UnexpectedBlock { .. } => "`;` should stand here",
        SyntaxErrorKind::UnclosedQuote { .. } => "this quote is not closed",
        SyntaxErrorKind::GluedToQuote { .. } => "a blank or `;` must follow a closing quote",
        SyntaxErrorKind::LostBlock { .. } => "belongs into a block of its own",
        SyntaxErrorKind::Split { .. } => "does not belong here",
        SyntaxErrorKind::UnquotedRegex { .. } => "its `{` begins a block",
        SyntaxErrorKind::HtmlEntity { .. } => "a character as web pages write it",
        SyntaxErrorKind::InvisibleCharacter { .. } => "nobody sees it",
        SyntaxErrorKind::Utf16 => "the mark of UTF-16",
        SyntaxErrorKind::TooLong { .. } => "too long",
        SyntaxErrorKind::UnclosedLua { .. } => "this block is not closed",
        SyntaxErrorKind::FileTooLarge | SyntaxErrorKind::TooManyErrors => "",
    }
}

fn help(kind: &SyntaxErrorKind) -> Option<&'static str> {
    match kind {
        SyntaxErrorKind::UnexpectedSemicolon => {
            Some("take it away: a block needs no `;`, and one `;` ends a directive")
        }
        SyntaxErrorKind::UnexpectedCloseBrace => {
            Some("take it away, or look above for a block that was closed too early")
        }
        SyntaxErrorKind::LostBlock { .. } => Some(
            "put the block's first line before it, as in `location /ws {`, or take its `}` away",
        ),
        SyntaxErrorKind::Split { .. } => Some("take it away"),
        SyntaxErrorKind::UnquotedRegex { .. } => Some("put quotes around it"),
        SyntaxErrorKind::HtmlEntity { .. } => Some("write the character itself"),
        SyntaxErrorKind::InvisibleCharacter { .. } => {
            Some("only spaces, tabs and line breaks are blank to nginx: type it anew")
        }
        SyntaxErrorKind::Utf16 => Some("save the file as UTF-8 without a byte order mark"),
        SyntaxErrorKind::UnexpectedOpenBrace => Some("take it away, or name the block"),
        SyntaxErrorKind::TooLong { .. } => Some(
            "nginx has a buffer of 4096 bytes for one word or comment: cut it into shorter ones",
        ),
        _ => None,
    }
}
