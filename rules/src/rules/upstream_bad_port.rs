//! `upstream-bad-port`

use wslint_grammar::Span;
use wslint_grammar::catalogue::directive;

use crate::address;
use crate::context::Context;
use crate::finding::{Category, Effect, Finding, Severity};
use crate::resolve::Setting;
use crate::rule::Rule;
use crate::source::Place;

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "upstream-bad-port",
    category: Category::Upstream,
    severity: Severity::Error,
    effect: Effect::NotLoaded,
    summary: "a port that is not a number from 1 to 65535",
    page: include_str!("../../../docs/rules/upstream-bad-port.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    findings.extend(configuration.upstream_servers().filter_map(|server| check_address(server, 0)));
    for (_, pass) in configuration.everywhere(directive::PROXY_PASS) {
        let Some(url) = pass.directive.argument(0).map(wslint_grammar::Word::value) else {
            continue;
        };
        if let Some(url) = std::str::from_utf8(&url).ok().and_then(address::split_url) {
            findings.extend(check_address(pass, url.host_at));
        }
    }
}

/// Checks the address in a directive's first argument, from `offset` on.
fn check_address(setting: Setting<'_>, offset: usize) -> Option<Finding> {
    let word = setting.directive.argument(0)?;
    let value = word.value();
    let text = std::str::from_utf8(&value).ok()?;
    let address = match address::split_url(text) {
        Some(url) if offset > 0 => url.authority,
        // A path or a scheme here is another mistake.
        _ if text.contains('/') => return None,
        _ => text,
    };
    let invalid = address::parse(address)?.err()?;
    let place = if word.is_escaped() {
        setting.argument_place(0)
    } else {
        let start = word.content_span().start + offset as u32;
        let range = invalid.range.start as u32..invalid.range.end as u32;
        let span = Span::new(start + range.start, start + range.end);
        Place { file: setting.reference.file, span }
    };
    let finding = Finding::new(
        &RULE,
        place,
        format!(
            "invalid port in upstream \"{}\": a port is a number from 1 to 65535",
            &text[offset..]
        ),
    )
    .at_place("not a port");
    Some(if invalid.looks_like_ipv6 {
        finding.help("an IPv6 address stands in brackets: `[::1]:3000`")
    } else {
        finding
    })
}
