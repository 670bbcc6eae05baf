//! Typographic quotes, which nginx takes for a part of the value.

use memchr::memmem;
use rustc_hash::FxHashMap;
use wslint_grammar::catalogue::directive;
use wslint_grammar::{Directive, Edit, Fix, Span, Word};
use wslint_model::damage::text_damage::{Damage, TYPOGRAPHIC_QUOTES as QUOTES, typographic};
use wslint_model::handshake::proxied_request::{is_handshake_field, without_damage};
use wslint_model::source::{DirectiveRef, FileId, Place};
use wslint_model::text::address;
use wslint_model::validate::ProblemKind;

use crate::context::Context;
use crate::finding::{Effect, Finding};
use crate::refusal::refusal;
use crate::rules::SMART_QUOTES as RULE;

/// What nginx says about directives that it refuses because of such quotes, and the word.
type Refusals = FxHashMap<DirectiveRef, (Span, String)>;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut refusals: Option<Refusals> = None;
    for (file, source) in context.configuration.loaded.sources.iter() {
        // Texts without any such quote are not walked.
        let text = source.tree.text();
        if text.is_ascii()
            || !QUOTES.iter().any(|quote| memmem::find(text, quote.as_bytes()).is_some())
        {
            continue;
        }
        for directive in source.tree.directives() {
            for word in std::iter::once(directive.name_word()).chain(directive.arguments()) {
                if typographic(word).is_some() {
                    let refusals = refusals.get_or_insert_with(|| refused(context));
                    let reference = DirectiveRef { file, index: directive.index() };
                    let refusal = refusals.get(&reference).filter(|(at, _)| *at == word.span());
                    let nginx = refusal.map(|(_, nginx)| nginx.clone());
                    let nginx = nginx.or_else(|| refused_address(directive, word));
                    findings.push(finding(file, directive, word, nginx.as_deref()));
                }
            }
        }
    }
}

/// What nginx says of an address: no port ends in such a quote, and no name of a host begins with one
/// (`ngx_http_upstream_server`, `ngx_http_core_listen`).
fn refused_address(directive: Directive<'_>, word: Word<'_>) -> Option<String> {
    if directive.is_block() || directive.argument(0)?.span() != word.span() {
        return None;
    }
    let text = String::from_utf8_lossy(word.raw()).into_owned();
    match directive.id()? {
        directive::SERVER if matches!(address::parse(&text), Some(Err(_))) => {
            Some(format!("invalid port in upstream \"{text}\""))
        }
        directive::SERVER => Some(format!("host not found in upstream \"{text}\"")),
        directive::LISTEN => {
            Some(format!("host not found in \"{text}\" of the \"listen\" directive"))
        }
        _ => None,
    }
}

fn refused(context: &Context<'_>) -> Refusals {
    let problems = context.problems().iter();
    let refused = problems.filter_map(|problem| {
        let ProblemKind::Damaged(Damage::Quotes(span), kind) = &problem.kind else { return None };
        let directive = context.configuration.setting(problem.reference).directive;
        Some((problem.reference, (*span, refusal(directive, kind))))
    });
    refused.collect()
}

fn finding(
    file: FileId,
    directive: Directive<'_>,
    word: Word<'_>,
    refusal: Option<&str>,
) -> Finding {
    let text = String::from_utf8_lossy(word.raw()).into_owned();
    let inner = QUOTES.iter().fold(text.clone(), |text, quote| text.replace(quote, ""));
    let right = format!("\"{}\"", inner.trim_matches(['"', '\'']));
    let place = Place { file, span: word.span() };
    // With a blank inside, the rest of the value is other words: only a person can mend that.
    let closed = QUOTES.iter().any(|quote| text.len() > 3 && text.ends_with(quote));
    let message = match refusal {
        Some(nginx) => {
            format!("{nginx}: typographic quotes are a part of the word, and quote nothing")
        }
        None => format!(
            "nginx takes typographic quotes for a part of the value: it is {text}, quotes and all"
        ),
    };
    let finding = Finding::new(&RULE, place, message)
        .at_place("these are no quotes to nginx")
        .help(format!("write `{right}`"));
    let finding = if closed {
        finding.fix(Fix::safe("write ASCII quotes", vec![Edit::replace(word.span(), right)]))
    } else {
        finding
    };
    if refusal.is_some() {
        return finding.effect(Effect::NotLoaded);
    }
    let header = directive.argument(0).map(Word::value).unwrap_or_default();
    let upgrades = directive.id() == Some(directive::PROXY_SET_HEADER)
        && is_handshake_field(without_damage(&header));
    if upgrades { finding.effect(Effect::HandshakeFails) } else { finding }
}
