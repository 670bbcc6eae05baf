//! `proxy_pass` with `ws://` or `wss://`.

use rustc_hash::FxHashSet;
use wslint_grammar::catalogue::directive;
use wslint_grammar::{Edit, Fix, Span};
use wslint_model::evaluate::{Request, Value};
use wslint_model::resolve::Setting;
use wslint_model::source::Place;

use crate::context::Context;
use crate::finding::{Effect, Finding};
use crate::rules::PROXY_PASS_WS_SCHEME as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for (_, pass) in context.configuration.everywhere(directive::PROXY_PASS) {
        if let Some((written, right)) = scheme(pass) {
            findings.push(finding(pass, written, right));
        }
    }
    from_variables(context, findings);
}

/// Schemes that a variable gives a handshake.
fn from_variables(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut seen = FxHashSet::default();
    for (forwarded, _) in context.websocket_locations() {
        let pass = forwarded.pass;
        let Some(word) = pass.directive.argument(0) else { continue };
        let url = word.value();
        if !url.starts_with(b"$") {
            continue;
        }
        let evaluated = context.evaluate(&url, &Request::CHROME, forwarded.level);
        let Value::Known(url) = &evaluated.value else { continue };
        if let Some((written, right)) = scheme_of(url)
            && seen.insert(pass.reference)
        {
            findings.push(finding_of_variable(pass, written, right));
        }
    }
}

/// A scheme of WebSockets, and the one that nginx takes for the same.
fn scheme(pass: Setting<'_>) -> Option<(&'static str, &'static str)> {
    scheme_of(&pass.value(0)?)
}

fn scheme_of(url: &[u8]) -> Option<(&'static str, &'static str)> {
    [("ws://", "http://"), ("wss://", "https://")].into_iter().find(|(written, _)| {
        url.get(..written.len()).is_some_and(|start| start.eq_ignore_ascii_case(written.as_bytes()))
    })
}

fn finding_of_variable(pass: Setting<'_>, written: &str, right: &str) -> Finding {
    Finding::new(
        &RULE,
        pass.argument_place(0),
        format!(
            "this becomes `{written}`, a scheme that nginx does not know: it answers every handshake \
             with 500"
        ),
    )
    .effect(Effect::HandshakeFails)
    .at_place("no scheme of nginx")
    .help(format!("let the variable give `{right}`"))
}

fn finding(pass: Setting<'_>, written: &str, right: &str) -> Finding {
    let word =
        pass.directive.argument(0).map(wslint_grammar::Word::content_span).unwrap_or_default();
    let span = Span::new(word.start, word.start + written.len() as u32);
    let place = Place { file: pass.reference.file, span };
    let finding = Finding::new(
        &RULE,
        place,
        format!(
            "invalid URL prefix: nginx knows no `{written}`, a WebSocket to the backend begins as an \
             `{}` request",
            right.trim_end_matches("://")
        ),
    )
    .at_place("no scheme of nginx")
    .help(format!("write `{right}`"))
    .fix(Fix::safe(format!("write `{right}`"), vec![Edit::replace(span, right)]));
    // With a variable in it the URL is looked at when a request comes, and answered with 500.
    let has_variable = pass.directive.argument(0).is_some_and(|word| word.value().contains(&b'$'));
    if has_variable { finding.effect(Effect::HandshakeFails) } else { finding }
}
