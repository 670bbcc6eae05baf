//! The URI that a backend gets: the one behind the address in `proxy_pass`, and what a `rewrite`
//! makes of it.

use wslint_grammar::catalogue::directive as d;
use wslint_grammar::{Directive, DirectiveId, Edit, Span};
use wslint_model::resolve::{LevelId, LevelKind, Setting};
use wslint_model::text::address::split_url;

use super::block::{Block, merged, stands_everywhere};
use super::columns::NewLine;
use super::edits::Edits;
use super::spot::Spot;
use super::words::{append, part_of};
use crate::context::Context;
use crate::finding::{FileEdit, FindingFix};

/// What the rewrite module runs, in the order of the text: behind a `rewrite ... break` none of it
/// is run any more (`ngx_http_rewrite_handler`).
const REWRITE_MODULE: [DirectiveId; 5] = [d::SET, d::IF, d::REWRITE, d::RETURN, d::BREAK];

/// What is to become of the URI of a `proxy_pass`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum UriChange {
    /// It goes, so that the client's own is passed on.
    Delete,
    /// It goes, and a `rewrite` does what it was meant to do.
    Rewrite(Rewrite),
    /// It becomes this one.
    Write(String),
    /// This stands behind it.
    Append(&'static str),
}

/// Changes the URI of a `proxy_pass` as some locations that it stands in want it. `None` where one of
/// them wants something else, or where it stands in others too. A person has to agree, because the
/// backend is asked for something else.
pub(crate) fn change_uri(
    context: &Context<'_>,
    pass: Setting<'_>,
    wanted: &[(LevelId, Option<UriChange>)],
) -> Option<FindingFix> {
    let change = wanted.first()?.1.as_ref()?;
    let levels: Vec<LevelId> = wanted.iter().map(|&(level, _)| level).collect();
    if wanted.iter().any(|(_, other)| other.as_ref() != Some(change))
        || !stands_everywhere(context, pass.reference, &levels)
    {
        return None;
    }
    let mut edits = Edits::default();
    let (edit, message) = match change {
        UriChange::Delete => (Edit::delete(uri_place(pass)?), "delete the URI".to_owned()),
        UriChange::Rewrite(rewrite) => {
            let mut lines = Vec::new();
            for level in levels {
                lines.push((level, vec![rewrite.write(context, level, pass)?]));
            }
            edits.extend(merged(context, lines)?);
            (Edit::delete(uri_place(pass)?), format!("add `{}` and delete the URI", rewrite.line()))
        }
        UriChange::Write(uri) => {
            (Edit::replace(uri_place(pass)?, uri.as_str()), format!("write `{uri}` for the URI"))
        }
        UriChange::Append(text) => {
            (append(pass.directive.argument(0)?, text)?, format!("add `{text}`"))
        }
    };
    edits.add_in(pass.reference.file, edit);
    edits.ask_unless(false).into_fix(message)
}

/// The place of the URI of a `proxy_pass`.
fn uri_place(pass: Setting<'_>) -> Option<Span> {
    let word = pass.directive.argument(0)?;
    let value = word.value();
    let url = split_url(std::str::from_utf8(&value).ok()?)?;
    if url.uri.is_empty() {
        return None;
    }
    part_of(word, value.len() - url.uri.len()..value.len())
}

/// A `rewrite` that replaces the start of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rewrite {
    pattern: String,
    replacement: String,
}

impl Rewrite {
    /// Puts `uri` in the place of `name`, of a path that begins with it, so that neither a slash is
    /// lost nor one doubled. `None` where that would take quotes or escapes.
    pub(crate) fn of_prefix(name: &str, uri: &str, ignores_case: bool) -> Option<Self> {
        let is_plain = |text: &str| {
            text.starts_with('/')
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_.-~".contains(&byte))
        };
        if !is_plain(name) || !is_plain(uri) {
            return None;
        }
        let case = if ignores_case { "(?i)" } else { "" };
        let start = name.strip_suffix('/').unwrap_or(name).replace('.', "\\.");
        let uri = uri.strip_suffix('/').unwrap_or(uri);
        let (between, slash) = match (name.ends_with('/'), uri.is_empty()) {
            (true, _) => ("/", "/"),
            // nginx refuses to make a path empty.
            (false, true) => ("/?", "/"),
            (false, false) => ("", ""),
        };
        Some(Self {
            pattern: format!("{case}^{start}{between}(.*)$"),
            replacement: format!("{uri}{slash}$1"),
        })
    }

    /// The line.
    pub(crate) fn line(&self) -> String {
        self.new_line().plain()
    }

    fn new_line(&self) -> NewLine {
        NewLine::new("rewrite", &[&self.pattern, &self.replacement, "break"])
    }

    /// Writes the line before the `proxy_pass` of a location, and behind all that the rewrite module
    /// runs there. `None` where the location changes its path already, or has an `if` with a
    /// backend of its own.
    pub(crate) fn write(
        &self,
        context: &Context<'_>,
        level: LevelId,
        pass: Setting<'_>,
    ) -> Option<FileEdit> {
        let configuration = context.configuration;
        let block = Block::of(context, level)?;
        let has_own = |level, id| configuration.own(level, id).iter().next().is_some();
        let mut inner = configuration
            .children(level)
            .filter(|&it| configuration.level(it).kind == LevelKind::If);
        let is_elsewhere = |id| configuration.own(level, id).iter().any(|line| !block.holds(line));
        if configuration.level(level).kind != LevelKind::Location
            || !block.holds(pass)
            || has_own(level, d::REWRITE)
            || REWRITE_MODULE.into_iter().any(is_elsewhere)
            || inner.any(|it| {
                has_own(it, d::PROXY_PASS)
                    || has_own(it, d::REWRITE)
                    || configuration.head(it).is_none_or(|head| !block.holds(head))
            })
        {
            return None;
        }
        let style = context.style(block.file);
        let runs =
            |child: &Directive<'_>| child.id().is_some_and(|id| REWRITE_MODULE.contains(&id));
        let last = block.children().filter(runs).last();
        let spot = match last.filter(|last| last.index() > pass.directive.index()) {
            Some(last) => Spot::after(block, style, last)?,
            None => Spot::before(block, style, pass.directive),
        };
        Some(spot.write(style, &[self.new_line().beside(block)]))
    }
}

/// Sets a variable before a `proxy_pass` of a location that it is to be used in, and before what may
/// keep the rewrite module from going on.
pub(crate) fn set_before(
    context: &Context<'_>,
    level: LevelId,
    pass: Setting<'_>,
    variable: &str,
    value: &str,
) -> Option<FileEdit> {
    let block = Block::of(context, level)?;
    let is_elsewhere =
        |id| context.configuration.own(level, id).iter().any(|line| !block.holds(line));
    if !block.holds(pass) || REWRITE_MODULE.into_iter().any(is_elsewhere) {
        return None;
    }
    let is_next = |child: &Directive<'_>| {
        child.index() == pass.directive.index()
            || child.id().is_some_and(|id| REWRITE_MODULE.contains(&id))
    };
    let next = block.children().find(is_next)?;
    let style = context.style(block.file);
    let line = NewLine::new("set", &[variable, value]).beside(block);
    Some(Spot::before(block, style, next).write(style, &[line]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(name: &str, uri: &str) -> String {
        Rewrite::of_prefix(name, uri, false).map(|it| it.line()).unwrap_or_default()
    }

    #[test]
    fn no_slash_is_lost_or_doubled() {
        assert_eq!(line("/ws/", "/"), "rewrite ^/ws/(.*)$ /$1 break;");
        assert_eq!(line("/ws", "/"), "rewrite ^/ws/?(.*)$ /$1 break;");
        assert_eq!(line("/ws/", "/chat"), "rewrite ^/ws/(.*)$ /chat/$1 break;");
        assert_eq!(line("/ws", "/chat/"), "rewrite ^/ws(.*)$ /chat$1 break;");
        assert_eq!(line("/", "/chat/"), "rewrite ^/(.*)$ /chat/$1 break;");
        assert_eq!(line("/socket.io/", "/"), "rewrite ^/socket\\.io/(.*)$ /$1 break;");
        assert_eq!(line("/ws", "/chat?a=1"), "");
        assert_eq!(line("/a b", "/"), "");
    }
}
