//! `smart-quotes`

use memchr::memmem;
use wslint_grammar::catalogue::directive;
use wslint_grammar::{Directive, Edit, Fix, Quote, Word};

use crate::context::Context;
use crate::finding::{Category, Effect, Finding, Severity};
use crate::handshake::{TYPOGRAPHIC_QUOTES as QUOTES, is_handshake_field, without_damage};
use crate::rule::Rule;
use crate::source::{FileId, Place};

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "smart-quotes",
    category: Category::Text,
    severity: Severity::Error,
    effect: Effect::Degraded,
    summary: "typographic quotes, which nginx takes for a part of the value",
    page: include_str!("../../../docs/rules/smart-quotes.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
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
                if word.quote() == Quote::None && is_quoted(word.raw()) {
                    findings.push(finding(file, directive, word));
                }
            }
        }
    }
}

fn is_quoted(word: &[u8]) -> bool {
    QUOTES.iter().any(|quote| word.starts_with(quote.as_bytes()))
}

fn finding(file: FileId, directive: Directive<'_>, word: Word<'_>) -> Finding {
    let text = String::from_utf8_lossy(word.raw()).into_owned();
    let inner = QUOTES.iter().fold(text.clone(), |text, quote| text.replace(quote, ""));
    let right = format!("\"{}\"", inner.trim_matches(['"', '\'']));
    let place = Place { file, span: word.span() };
    // With a blank inside, the rest of the value is other words: only a person can mend that.
    let closed = QUOTES.iter().any(|quote| text.len() > 3 && text.ends_with(quote));
    let finding = Finding::new(
        &RULE,
        place,
        format!(
            "nginx takes typographic quotes for a part of the value: it is {text}, quotes and all"
        ),
    )
    .at_place("these are no quotes to nginx")
    .help(format!("write `{right}`"));
    let finding = if closed {
        finding.fix(Fix::safe("write ASCII quotes", vec![Edit::replace(word.span(), right)]))
    } else {
        finding
    };
    let header = directive.argument(0).map(Word::value).unwrap_or_default();
    let upgrades = directive.id() == Some(directive::PROXY_SET_HEADER)
        && is_handshake_field(without_damage(&header));
    if upgrades { finding.effect(Effect::HandshakeFails) } else { finding }
}
