//! What an unknown directive was meant to be.

use rustc_hash::FxHashMap;
use wslint_grammar::catalogue::{self, Context as Block};
use wslint_grammar::{DirectiveId, Edit, Fix, Quote, Span, Word};

/// A correction of an unknown name.
#[derive(Clone, Debug)]
pub(crate) struct Correction {
    /// What to do, for a person.
    pub(crate) help: String,
    /// The edit, where there is one that makes the obviously intended text.
    pub(crate) fix: Option<Fix>,
}

impl Correction {
    fn help(help: impl Into<String>) -> Self {
        Self { help: help.into(), fix: None }
    }

    fn replace(span: Span, with: &str, why: &str) -> Self {
        let message = if with.trim().is_empty() {
            "separate the name from its argument".to_owned()
        } else {
            format!("write `{with}`")
        };
        Self {
            help: why.to_owned(),
            fix: Some(Fix::safe(message, vec![Edit::replace(span, with)])),
        }
    }
}

/// The names that were nearest to mistyped ones: comparing one with all known ones takes a while.
#[derive(Debug, Default)]
pub(crate) struct Nearest(FxHashMap<(String, Block), Option<DirectiveId>>);

impl Nearest {
    /// How many different names are compared. In a file with more of them nearly all is unknown.
    const MOST: usize = 500;

    /// The directive whose name is nearest.
    pub(crate) fn to(&mut self, name: &str, block: Block) -> Option<DirectiveId> {
        let key = (name.to_owned(), block);
        if let Some(&known) = self.0.get(&key) {
            return known;
        }
        if self.0.len() >= Self::MOST {
            return None;
        }
        let nearest = catalogue::nearest(name, Some(block));
        self.0.insert(key, nearest);
        nearest
    }
}

/// What was meant by a name that stands in `block`, if that can be told.
pub(crate) fn correction(
    word: Word<'_>,
    block: Block,
    nearest: &mut Nearest,
) -> Option<Correction> {
    let value = word.value();
    let name = std::str::from_utf8(&value).ok()?;
    if word.quote() != Quote::None {
        // The whole directive in quotes.
        let (first, _) = name.split_once([' ', '\t'])?;
        let id = DirectiveId::lookup(first.as_bytes())?;
        let help = format!("take the quotes away: `{}` and what follows it are words", id.name());
        return Some(Correction::help(help));
    }
    let lower = name.to_ascii_lowercase();
    if let Some(id) = known(&lower) {
        let help = format!("write `{}`: names are case-sensitive", id.name());
        return Some(Correction::replace(word.span(), id.name(), &help));
    }
    if let Some(id) = known(&lower.replace('-', "_")) {
        let help = format!("write `{}`: names have underscores, no hyphens", id.name());
        return Some(Correction::replace(word.span(), id.name(), &help));
    }
    if let Some(correction) = separated(word, &lower) {
        return Some(correction);
    }
    if let Some(correction) = glued(&lower) {
        return Some(correction);
    }
    let letters: String = lower.chars().filter(|&letter| is_name_letter(letter)).collect();
    let nearest = match known(&letters) {
        Some(id) => Some(id),
        None => nearest.to(name, block),
    };
    if let Some(id) = nearest {
        return Some(Correction::help(format!("did you mean `{}`?", id.name())));
    }
    lower.contains("websocket").then(|| {
        Correction::help(
            "nginx has no directive for WebSockets: they need `proxy_http_version 1.1` and the \
             headers `Upgrade` and `Connection`",
        )
    })
}

/// `proxy_http_version: 1.1`, `proxy_read_timeout=60s`: a known name, and a character that nginx
/// does not have there.
fn separated(word: Word<'_>, lower: &str) -> Option<Correction> {
    let end = lower.find(|letter| !is_name_letter(letter))?;
    let id = known(&lower[..end])?;
    let rest = &lower[end..];
    let is_separator = |letter: char| matches!(letter, ':' | '=' | ',');
    let argument = rest.trim_start_matches(is_separator);
    let length = rest.len() - argument.len();
    // Behind an `=` a name would have an argument of its own, as in `set=x`.
    if length == 0 {
        let help = format!("did you mean `{}`? A blank must follow it", id.name());
        return Some(Correction::help(help));
    }
    let separator = &rest[..length];
    let start = word.span().start + end as u32;
    let span = Span::new(start, start + length as u32);
    let help = format!("a name and its arguments are separated by blanks, not by `{separator}`");
    if word.is_escaped() {
        return Some(Correction::help(help));
    }
    let (with, message) = match argument.is_empty() {
        true => ("", format!("take the `{separator}` away")),
        false => (" ", format!("write a blank in place of `{separator}`")),
    };
    let fix = Fix::safe(message, vec![Edit::replace(span, with)]);
    Some(Correction { help, fix: Some(fix) })
}

/// `listen80`, `proxy_passhttp://b`: a known name with its argument glued to it.
fn glued(lower: &str) -> Option<Correction> {
    let begins_argument = |rest: &str| {
        rest.starts_with(|letter: char| letter.is_ascii_digit() || "/$~@\"'[".contains(letter))
            || rest.starts_with("http:")
            || rest.starts_with("https:")
            || matches!(rest, "on" | "off")
    };
    let longest = lower.len().min(64);
    let (name, rest) = (3..longest)
        .rev()
        .filter(|&end| lower.is_char_boundary(end))
        .map(|end| lower.split_at(end))
        .find(|(name, rest)| begins_argument(rest) && known(name).is_some())?;
    Some(Correction::help(format!("did you mean `{name} {rest}`? A blank is missing")))
}

fn known(name: &str) -> Option<DirectiveId> {
    DirectiveId::lookup(name.as_bytes())
}

fn is_name_letter(letter: char) -> bool {
    letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_'
}

#[cfg(test)]
mod tests {
    use wslint_grammar::{apply_edits, parse};

    use super::*;

    fn corrected(text: &str) -> (String, String) {
        let tree = parse(text.as_bytes().to_vec());
        let word = tree.top_level().next().unwrap().name_word();
        let Some(correction) = correction(word, Block::Location, &mut Nearest::default()) else {
            return (String::new(), text.to_owned());
        };
        let edits = correction.fix.map(|fix| fix.edits).unwrap_or_default();
        let text = apply_edits(text.as_bytes(), &edits).unwrap();
        (correction.help, String::from_utf8(text).unwrap())
    }

    #[test]
    fn damaged_names_are_mended() {
        for (text, expected) in [
            ("Proxy_Pass http://b;", "proxy_pass http://b;"),
            ("proxy-pass http://b;", "proxy_pass http://b;"),
            ("proxy_http_version: 1.1;", "proxy_http_version 1.1;"),
            ("proxy_http_version:1.1;", "proxy_http_version 1.1;"),
            ("proxy_read_timeout=60s;", "proxy_read_timeout 60s;"),
            ("proxy_read_timeout= 60s;", "proxy_read_timeout 60s;"),
            ("listen, 80;", "listen 80;"),
        ] {
            assert_eq!(corrected(text).1, expected);
        }
    }

    #[test]
    fn what_was_meant_is_told() {
        for (text, expected) in [
            ("\"proxy_pass http://b\";", "take the quotes away"),
            ("proxy_passhttp://b;", "did you mean `proxy_pass http://b`?"),
            ("proxy_http_version1.1;", "did you mean `proxy_http_version 1.1`?"),
            ("proxy_pa}ss x;", "did you mean `proxy_pass`?"),
            ("proxy_set_headers X y;", "did you mean `proxy_set_header`?"),
            ("proxy_set_header\"Host\" y;", "did you mean `proxy_set_header`?"),
            ("enable_websocket_now on;", "nginx has no directive for WebSockets"),
        ] {
            let (help, unchanged) = corrected(text);
            assert!(help.starts_with(expected), "{text}: {help}");
            assert_eq!(unchanged, text);
        }
        for text in ["entirely_of_somebody_else x;", "\u{e9}\u{e9}\u{e9} x;", "10.0.0.1 x;"] {
            assert_eq!(corrected(text).0, "", "{text}");
        }
    }
}
