//! Locations that take what another one is meant to get: regular expressions are asked after the
//! paths, and win.

use rustc_hash::FxHashMap;
use wslint_model::evaluate::Pattern;
use wslint_model::handshake::Kind;
use wslint_model::resolve::LevelId;
use wslint_model::routing::sample;
use wslint_model::text::location::LocationPattern;

use crate::context::Context;

/// How often locations are compared with regular expressions, in all. Each location for WebSockets is
/// compared with the regular expressions beside it, one after the other as nginx does, which takes
/// quadratic time. Four hundred of both in one server are more than anybody has written; where a
/// program has written thousands, those that come later are not looked at.
const ENOUGH: usize = 200_000;

/// The regular expressions beside locations, read once.
#[derive(Default)]
pub(super) struct Rivals {
    by_level: FxHashMap<LevelId, Vec<(Pattern, LevelId)>>,
    /// How many comparisons were made.
    compared: usize,
}

/// A location that takes the handshakes of another one.
pub(super) struct Rival {
    pub(super) level: LevelId,
    /// Whether it is certain that it takes all of them.
    pub(super) takes_all: bool,
}

impl Rivals {
    /// The location that takes what a location is meant to get, and makes no WebSocket of it.
    pub(super) fn of(
        &mut self,
        context: &Context<'_>,
        level: LevelId,
        pattern: &LocationPattern,
    ) -> Option<Rival> {
        let (start, is_regex, takes_all_below) = match pattern {
            LocationPattern::Prefix { name, keeps_regexes_out: false } => {
                (String::from_utf8(name.clone()).ok()?, false, true)
            }
            // One regular expression after another: what both of them take can be told only of what
            // begins with a plain text.
            LocationPattern::Regex(regex) => {
                let start = literal_start(regex.text.strip_prefix('^')?)?;
                let start = Some(start).filter(|start| start.len() > 1)?;
                let takes_all_below = takes_all(regex, &start);
                (start, true, takes_all_below)
            }
            _ => return None,
        };
        let around = context.configuration.level(level).parent?;
        let beside = self.by_level.entry(around).or_insert_with(|| read(context, around));
        let left = ENOUGH.saturating_sub(self.compared);
        let compared = &mut self.compared;
        let beside = beside.iter().take(left).inspect(|_| *compared += 1);
        let below = format!("{start}{}wslint", if start.ends_with('/') { "" } else { "/" });
        let takes = |(regex, rival): &(Pattern, LevelId)| {
            let takes_all = takes_all(regex, &start);
            let takes = takes_all
                || takes_all_below
                    && may_match(regex, &start)
                    && regex.is_match(start.as_bytes()) == Some(true)
                    && regex.is_match(below.as_bytes()) == Some(true);
            takes.then_some(Rival { level: *rival, takes_all })
        };
        // Of regular expressions the first one wins.
        let mut earlier = beside.take_while(|(_, rival)| !is_regex || *rival != level);
        let rival = earlier.find_map(takes)?;
        is_lost(context, level, &rival, pattern).then_some(rival)
    }
}

/// Whether a handshake for a location comes to another one, and becomes no WebSocket there.
fn is_lost(
    context: &Context<'_>,
    level: LevelId,
    rival: &Rival,
    pattern: &LocationPattern,
) -> bool {
    let server = context.configuration.level(level).server;
    let target = sample::target(pattern);
    let (Some(server), Some(target)) = (server, target) else { return false };
    let Some(trace) = context.tracer().through(server, &target) else { return false };
    // An `error_page` or a `rewrite` there may lead on.
    let comes_there = context
        .configuration
        .head(rival.level)
        .is_some_and(|head| trace.steps.iter().any(|step| step.place == Some(head.place())));
    trace.outcome.kind == Kind::Refused && comes_there && trace.location != Some(level)
}

fn read(context: &Context<'_>, around: LevelId) -> Vec<(Pattern, LevelId)> {
    let configuration = context.configuration;
    let regexes = configuration.children(around).filter_map(|level| {
        match LocationPattern::read(configuration.head(level)?.directive)? {
            LocationPattern::Regex(regex) => Some((regex, level)),
            _ => None,
        }
    });
    regexes.collect()
}

/// Whether a pattern matches every text that begins with `start`: it is a plain text that is in
/// there, and asks for nothing behind it.
fn takes_all(regex: &Pattern, start: &str) -> bool {
    let text = regex.text.as_str();
    let (text, is_anchored) = match text.strip_prefix('^') {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    let ends = ["(.*)$", ".*$", "(.*)", ".*"];
    let text = ends.into_iter().find_map(|end| text.strip_suffix(end)).unwrap_or(text);
    let Some(literal) = unescaped(text) else { return false };
    let (literal, start) = match regex.ignores_case {
        true => (literal.to_ascii_lowercase(), start.to_ascii_lowercase()),
        false => (literal, start.to_owned()),
    };
    if is_anchored { start.starts_with(&literal) } else { start.contains(&literal) }
}

/// The text that a pattern without operators stands for.
fn unescaped(text: &str) -> Option<String> {
    let mut literal = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        literal.push(match character {
            '\\' => characters.next().filter(|next| !next.is_ascii_alphanumeric())?,
            '.' | '*' | '+' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '|' | '^' | '$' => {
                return None;
            }
            character => character,
        });
    }
    Some(literal)
}

/// Whether a pattern can match a text at all, for all that its plain start says: to compile it
/// costs more than all else.
fn may_match(regex: &Pattern, text: &str) -> bool {
    let (pattern, is_anchored) = match regex.text.strip_prefix('^') {
        Some(rest) => (rest, true),
        None => (regex.text.as_str(), false),
    };
    let Some(literal) = literal_start(pattern) else { return true };
    let (literal, text) = match regex.ignores_case {
        true => (literal.to_ascii_lowercase(), text.to_ascii_lowercase()),
        false => (literal, text.to_owned()),
    };
    if is_anchored { text.starts_with(&literal) } else { text.contains(&literal) }
}

/// The plain text that every match of a pattern, without its `^`, begins with.
fn literal_start(text: &str) -> Option<String> {
    let mut literal = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some(next) if !next.is_ascii_alphanumeric() => literal.push(next),
                _ => break,
            },
            // The character before it may be missing.
            '*' | '?' | '{' => {
                literal.pop();
                break;
            }
            '|' => return None,
            '.' | '+' | '(' | '[' | '$' | ')' | ']' | '}' | '^' => break,
            character => literal.push(character),
        }
    }
    // Alternatives outside of groups would make it no start at all.
    let is_plain = !text.contains('|') || text.contains('(');
    is_plain.then_some(literal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(regex: &str, start: &str) -> bool {
        takes_all(&Pattern::new(regex.to_owned(), false), start)
    }

    #[test]
    fn a_pattern_takes_all_when_it_asks_for_nothing_more() {
        for regex in ["^/", "^/w", "^/ws", "/ws", ".*", "", "^/ws.*", "^/(.*)$", "s"] {
            assert!(takes(regex, "/ws"), "{regex}");
        }
        for regex in ["^/ws/", "^/ws$", "^/(ws|api)", "\\.js$", "^/x", "ws/?", "^/w+s"] {
            assert!(!takes(regex, "/ws"), "{regex}");
        }
    }

    #[test]
    fn every_match_begins_with_the_plain_start() {
        assert_eq!(literal_start("/ws/(.*)$").as_deref(), Some("/ws/"));
        assert_eq!(literal_start("/rooms?/x").as_deref(), Some("/room"));
        assert_eq!(literal_start("\\.(js|css)$").as_deref(), Some("."));
        assert_eq!(literal_start("(a|b)").as_deref(), Some(""));
        assert_eq!(literal_start("/a|/b"), None);
    }
}
