//! A parameter of a server that nginx does not know.

use wslint_grammar::catalogue::Version;
use wslint_grammar::{Edit, Fix, Word};
use wslint_model::damage::text_damage::typographic;
use wslint_model::resolve::Setting;
use wslint_model::source::Place;
use wslint_model::text::{address, network};
use wslint_model::validate::parameter::is_server_parameter;

use crate::cause::upstream_line::bad_parameter;
use crate::context::Context;
use crate::finding::Finding;
use crate::fix_writing::{blanks_between, is_plain};
use crate::rules::UPSTREAM_BAD_PARAMETER as RULE;
use crate::suggest;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for &(_, server) in context.upstream_servers() {
        let Some(word) = bad_parameter(server, context.nginx_version) else { continue };
        let place = Place { file: server.reference.file, span: word.span() };
        // Typographic quotes have a rule of their own.
        if typographic(word).is_none() && !context.has_syntax_error_in(place) {
            let finding = finding(place, &String::from_utf8_lossy(&word.value()));
            findings.push(match fix(server, word, context.nginx_version) {
                Some(fix) => finding.fix(fix),
                None => finding,
            });
        }
    }
}

/// What was meant, where the words of the line say it.
fn fix(server: Setting<'_>, bad: Word<'_>, version: Option<Version>) -> Option<Fix> {
    let words: Vec<Word<'_>> = server.directive.arguments().collect();
    let at = words.iter().position(|word| word.span() == bad.span())?;
    let rest = &words[at..];
    let is_parameter = |text: &str| is_server_parameter(text.as_bytes(), version);
    joined_at_equals_sign(rest, is_parameter)
        .or_else(|| address_and_port(&words[..=at]))
        .or_else(|| misspelt(bad, is_parameter))
}

/// `weight = 2`, in two words or three.
fn joined_at_equals_sign(words: &[Word<'_>], is_parameter: impl Fn(&str) -> bool) -> Option<Fix> {
    [2, 3].into_iter().filter_map(|count| words.get(..count)).find_map(|words| {
        let text: String = texts(words)?.concat();
        (text.contains('=') && is_parameter(&text)).then_some(())?;
        let mut edits = Vec::new();
        for pair in words.windows(2) {
            edits.push(Edit::delete(blanks_between(pair[0], pair[1])?));
        }
        Some(Fix::not_safe(format!("write `{text}`"), edits))
    })
}

/// `127.0.0.1 :3000`, or without the colon, as the first words of a line.
fn address_and_port(words: &[Word<'_>]) -> Option<Fix> {
    let &[host, port] = words else { return None };
    let texts = texts(words)?;
    let [address, digits] = texts.as_slice() else { return None };
    let has_port = address::parse(address)?.ok()?.port.is_some();
    let colon = if digits.starts_with(':') { "" } else { ":" };
    network::port(digits.trim_start_matches(':').as_bytes()).filter(|_| !has_port)?;
    let edit = Edit::replace(blanks_between(host, port)?, colon);
    Some(Fix::not_safe(format!("write `{address}{colon}{digits}`"), vec![edit]))
}

/// A word that is but a letter or two away from one that nginx knows.
fn misspelt(word: Word<'_>, is_parameter: impl Fn(&str) -> bool) -> Option<Fix> {
    let texts = texts(&[word])?;
    let text = texts.first()?;
    let right = match text.split_once('=') {
        Some((key, value)) => format!("{}={value}", suggest::nearest(key, KEYS.into_iter())?),
        None => suggest::nearest(text, ["backup", "down"].into_iter())?.to_owned(),
    };
    let edit = Edit::replace(word.span(), right.as_str());
    is_parameter(&right).then(|| Fix::not_safe(format!("write `{right}`"), vec![edit]))
}

/// Words as they are written; `None` when one has quotes or escapes.
fn texts(words: &[Word<'_>]) -> Option<Vec<String>> {
    let text =
        |&word: &Word<'_>| is_plain(word).then(|| String::from_utf8_lossy(word.raw()).into_owned());
    words.iter().map(text).collect()
}

/// The parameters with a number or a time.
const KEYS: [&str; 5] = ["weight", "max_conns", "max_fails", "fail_timeout", "slow_start"];

fn finding(place: Place, parameter: &str) -> Finding {
    let help = if KEYS.contains(&parameter.trim_end_matches('=')) {
        "write it without blanks around `=`, as in `weight=2`"
    } else if parameter.starts_with(':') || parameter.bytes().all(|byte| byte.is_ascii_digit()) {
        "write address and port as one word, as in `127.0.0.1:3000`"
    } else {
        "nginx knows `weight=`, `max_conns=`, `max_fails=`, `fail_timeout=`, `backup`, `down`, \
         `resolve` and `service=`"
    };
    Finding::new(&RULE, place, format!("invalid parameter \"{parameter}\""))
        .at_place("no parameter of a server")
        .help(help)
}
