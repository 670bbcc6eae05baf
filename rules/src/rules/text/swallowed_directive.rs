//! A directive that the line before it swallows, because its `;` is missing.

use rustc_hash::FxHashSet;
use wslint_grammar::catalogue::directive;
use wslint_grammar::{DirectiveId, Edit, Fix, Span, Word};
use wslint_model::handshake::proxied_request::is_handshake_field;
use wslint_model::resolve::Setting;
use wslint_model::source::Place;

use crate::cause::swallowed::swallowed;
use crate::context::Context;
use crate::finding::{Effect, Finding, Severity};
use crate::rules::SWALLOWED_DIRECTIVE as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    let mut seen = FxHashSet::default();
    for (level, _) in configuration.levels() {
        for setting in configuration.own_settings(level) {
            // Almost all directives stand on one line.
            if setting.directive.argument_count() < 2 {
                continue;
            }
            if let Some((word, id)) = swallowed(setting).next()
                && seen.insert(setting.reference)
            {
                findings.push(finding(setting, word, id));
            }
        }
    }
}

/// A `;` before everything that was swallowed.
fn semicolons(setting: Setting<'_>) -> Vec<Edit> {
    let mut words =
        std::iter::once(setting.directive.name_word()).chain(setting.directive.arguments());
    let mut before = words.next();
    let starts: FxHashSet<Span> = swallowed(setting).map(|(word, _)| word.span()).collect();
    let mut edits = Vec::new();
    for word in words {
        if let Some(before) = before.filter(|_| starts.contains(&word.span())) {
            edits.push(Edit::insert(before.span().end, ";"));
        }
        before = Some(word);
    }
    edits
}

fn finding(setting: Setting<'_>, word: Word<'_>, id: DirectiveId) -> Finding {
    let name = setting.name();
    let before = setting
        .directive
        .arguments()
        .take_while(|argument| argument.span() != word.span())
        .last()
        .unwrap_or(setting.directive.name_word());
    let end = before.span().end;
    let place = Place { file: setting.reference.file, span: Span::at(end) };
    let finding = Finding::new(
        &RULE,
        place,
        format!(
            "`{name}` swallows the `{}` {}: nginx takes it for more arguments and says nothing",
            id.name(),
            if word.starts_line() { "on the next line" } else { "behind it" },
        ),
    )
    .at_place("`;` is missing here")
    .label(Place { file: setting.reference.file, span: word.span() }, "not a directive any more")
    .fix(Fix::not_safe("insert `;`", semicolons(setting)));
    let is_part_of_handshake = match id {
        directive::PROXY_SET_HEADER => {
            let header = setting.directive.arguments().find(|it| it.span().start > word.span().end);
            header.is_some_and(|header| is_handshake_field(&header.value()))
        }
        directive::PROXY_HTTP_VERSION | directive::PROXY_PASS => true,
        _ => false,
    };
    if is_part_of_handshake {
        finding.effect(Effect::HandshakeFails)
    } else {
        finding.severity(Severity::Warning)
    }
}
