//! `proxy_pass` with a path where nothing can be replaced by it.

use wslint_grammar::{Edit, Span, Word};
use wslint_model::resolve::{LevelId, LevelKind, Setting};
use wslint_model::source::Place;
use wslint_model::text::location::LocationPattern;

use crate::context::Context;
use crate::finding::{Finding, FindingFix};
use crate::fix_writing::{Edits, Rewrite};
use crate::rules::URI_IN_SPECIAL_LOCATION as RULE;

/// A place that has no path for the one in `proxy_pass` to take the place of
/// (`ngx_http_proxy_pass`).
#[derive(Clone, Copy)]
enum Special {
    Regex,
    Named,
    If,
    LimitExcept,
}

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    let mut seen = rustc_hash::FxHashSet::default();
    for (level, pass) in configuration.proxied() {
        let Some(special) = special(context, level) else { continue };
        let Some(word) = pass.directive.argument(0) else { continue };
        let Some(uri) = uri_part(word) else { continue };
        let place = pass.words_place();
        if pass.directive.argument_count() == 1
            && !context.has_syntax_error_in(place)
            && seen.insert(pass.reference)
        {
            let finding = finding(context, level, pass, special, uri);
            findings.push(finding.mended_by(fix(context, level, pass, uri)));
        }
    }
}

fn special(context: &Context<'_>, level: LevelId) -> Option<Special> {
    let configuration = context.configuration;
    match configuration.level(level).kind {
        LevelKind::If => Some(Special::If),
        LevelKind::LimitExcept => Some(Special::LimitExcept),
        LevelKind::Location => match LocationPattern::read(configuration.head(level)?.directive)? {
            LocationPattern::Regex(_) => Some(Special::Regex),
            LocationPattern::Named(_) => Some(Special::Named),
            LocationPattern::Exact(_) | LocationPattern::Prefix { .. } => None,
        },
        _ => None,
    }
}

/// The place of the URI part of an address (`ngx_parse_url`). One with variables is read later, and
/// may have any.
fn uri_part(word: Word<'_>) -> Option<Span> {
    let value = word.value();
    // A placeholder may stand for anything; an escaped character moves the places.
    if value.iter().any(|byte| b"${}<>%@".contains(byte))
        || value.len() != word.content_span().len()
    {
        return None;
    }
    let scheme = [b"http://".as_slice(), b"https://"].into_iter().find(|scheme| {
        value.len() >= scheme.len() && value[..scheme.len()].eq_ignore_ascii_case(scheme)
    })?;
    let address = &value[scheme.len()..];
    let at = if address.len() >= 5 && address[..5].eq_ignore_ascii_case(b"unix:") {
        // Without a path behind it, the colon ends an address all the same.
        5 + memchr::memchr(b':', &address[5..])? + 1
    } else {
        memchr::memchr2(b'/', b'?', address)?
    };
    let start = word.content_span().start + (scheme.len() + at) as u32;
    let end = word.content_span().end;
    (start < end).then(|| Span::new(start, end))
}

/// Takes the path away where nothing is lost by that, and lets a `rewrite` do what it was meant to do
/// where the regular expression says what it was to replace. Elsewhere only the author knows.
fn fix(context: &Context<'_>, level: LevelId, pass: Setting<'_>, uri: Span) -> Option<FindingFix> {
    let file = pass.reference.file;
    if context.copies().of(pass.reference) != 1 {
        return None;
    }
    let text = String::from_utf8_lossy(pass.directive.tree().slice(uri)).into_owned();
    let (_, pattern) = context.location_of(level)?;
    let is = |path: &str| path.trim_end_matches('/') == text.trim_end_matches('/');
    let mut edits = Edits::default().ask_unless(false);
    let mut message = "delete the path".to_owned();
    let is_needless = match &pattern {
        LocationPattern::Exact(name) | LocationPattern::Prefix { name, .. } => {
            is(&String::from_utf8_lossy(name))
        }
        LocationPattern::Regex(regex) => start_of(&regex.text).is_some_and(|start| is(&start)),
        LocationPattern::Named(_) => false,
    };
    if text != "/" && !is_needless {
        let LocationPattern::Regex(regex) = &pattern else { return None };
        let rewrite = Rewrite::of_prefix(&start_of(&regex.text)?, &text, regex.ignores_case)?;
        edits.add(rewrite.write(context, level, pass)?);
        message = format!("add `{}` and delete the path", rewrite.line());
    }
    // The colon between a socket and its path is of no use then.
    let before = pass.directive.tree().text().get(uri.start as usize - 1);
    let colon = u32::from(before == Some(&b':'));
    edits.add_in(file, Edit::delete(Span::new(uri.start - colon, uri.end)));
    edits.into_fix(message)
}

/// The path that a regular expression asks for at the start, when it asks for nothing else.
fn start_of(regex: &str) -> Option<String> {
    let path = regex.strip_prefix('^')?;
    let path = ["(.*)$", ".*$", "(.*)", ".*"]
        .into_iter()
        .find_map(|end| path.strip_suffix(end))
        .unwrap_or(path);
    // Without its backslash a dot is any character.
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/_-".contains(&byte);
    let without_dots = path.replace("\\.", "");
    let is_path = path.starts_with('/') && without_dots.bytes().all(is_plain);
    is_path.then(|| path.replace("\\.", "."))
}

fn finding(
    context: &Context<'_>,
    level: LevelId,
    pass: Setting<'_>,
    special: Special,
    uri: Span,
) -> Finding {
    let file = pass.reference.file;
    let (place, instead) = match special {
        Special::Regex => ("a location given by a regular expression", REWRITE),
        Special::Named => ("a named location", REWRITE),
        Special::If => ("an `if`", "give the case a location of its own, or take the path away"),
        Special::LimitExcept => {
            ("`limit_except`", "put `proxy_pass` into the location, or take the path away")
        }
    };
    let finding = Finding::new(
        &RULE,
        Place { file, span: uri },
        "\"proxy_pass\" cannot have URI part in location given by regular expression, or inside \
         named location, or inside \"if\" statement, or inside \"limit_except\" block",
    )
    .at_place(format!("no path can stand here, in {place}"))
    .help(instead);
    match context.configuration.head(level) {
        Some(head) => {
            let span = head.directive.words_span();
            finding.label(Place { file: head.reference.file, span }, "in this block")
        }
        None => finding,
    }
}

const REWRITE: &str = "take the path away: the client's own is passed on; to change it, put `rewrite ... break` \
                       before `proxy_pass`";
