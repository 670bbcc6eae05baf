//! `upstream-name-malformed`

use wslint_grammar::catalogue::directive as d;
use wslint_grammar::{Edit, Fix, Quote};

use crate::context::Context;
use crate::finding::{Category, Effect, Finding, Severity};
use crate::groups::Few;
use crate::nginx_text::address;
use crate::nginx_text::placeholder::may_stand_in;
use crate::resolve::{LevelId, LevelKind, Setting};
use crate::rule::Rule;

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "upstream-name-malformed",
    category: Category::Upstream,
    severity: Severity::Warning,
    effect: Effect::NotLoaded,
    summary: "an upstream whose name has a scheme, a port or a path in it",
    page: include_str!("../../../docs/rules/upstream-name-malformed.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    for &level in &context.upstream_groups().levels {
        let Some(head) = configuration.head(level) else { continue };
        let Some(word) = head.directive.argument(0) else { continue };
        // Names have neither of these.
        if !word.raw().iter().any(|byte| b":/".contains(byte)) {
            continue;
        }
        let value = word.value();
        let Ok(name) = std::str::from_utf8(&value) else { continue };
        let place = head.argument_place(0);
        let Some(meant) = meant(name) else { continue };
        if may_stand_in(&value) || context.has_syntax_error_in(place) {
            continue;
        }
        let passes = passes_to(context, level, meant);
        let mut finding = Finding::new(
            &RULE,
            place,
            format!(
                "host not found in upstream \"{meant}\": no `proxy_pass` can name an upstream that \
                 is called `{name}`, and nginx looks for a machine"
            ),
        )
        .at_place("a name, and no address")
        .help(format!("write `upstream {meant}`, and `http://{meant}` in `proxy_pass`"));
        let is_free = !meant.is_empty()
            && context
                .upstream_groups()
                .named(meant.as_bytes(), in_stream(context, level))
                .is_none()
            && passes.iter().all(|pass| !pass.has_port);
        if is_free && word.quote() == Quote::None && !word.is_escaped() {
            let edit = Edit::replace(word.span(), meant);
            finding = finding.fix(Fix::safe(format!("call it `{meant}`"), vec![edit]));
        }
        let mut few = Few::default();
        for pass in &passes {
            few.add(pass.setting.argument_place(0));
        }
        findings.push(few.label(finding, "does not name it"));
    }
}

/// The name in a text that is an address; `None` for other texts.
pub(super) fn meant(name: &str) -> Option<&str> {
    if name.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("unix:")) {
        return None;
    }
    let host = name.find("://").map_or(name, |scheme| &name[scheme + 3..]);
    let host = &host[..host.find([':', '/']).unwrap_or(host.len())];
    (host.len() < name.len() && !host.is_empty()).then_some(host)
}

/// A line that passes requests to a host.
struct Pass<'c> {
    setting: Setting<'c>,
    has_port: bool,
}

/// The lines that seem to mean an upstream by that name.
fn passes_to<'c>(context: &Context<'c>, upstream: LevelId, meant: &str) -> Vec<Pass<'c>> {
    let configuration = context.configuration;
    let in_stream = in_stream(context, upstream);
    let passes = [d::PROXY_PASS, d::GRPC_PASS, d::FASTCGI_PASS, d::UWSGI_PASS, d::SCGI_PASS];
    let lines = passes.into_iter().flat_map(|id| context.occurrences().of(configuration, id));
    lines
        .filter_map(|(level, setting)| {
            let value = setting.directive.argument(0)?.value();
            let text = std::str::from_utf8(&value).ok()?;
            let rest = text.find("://").map_or(text, |scheme| &text[scheme + 3..]);
            let authority = &rest[..rest.find(['/', '?']).unwrap_or(rest.len())];
            let (host, port) = address::split_port(authority);
            let same = host.eq_ignore_ascii_case(meant)
                && (configuration.level(level).kind == LevelKind::StreamServer) == in_stream;
            same.then_some(Pass { setting, has_port: port.is_some() })
        })
        .collect()
}

fn in_stream(context: &Context<'_>, upstream: LevelId) -> bool {
    context.configuration.level(upstream).kind == LevelKind::StreamUpstream
}

#[cfg(test)]
mod tests {
    use super::meant;

    #[test]
    fn names_in_addresses() {
        for name in ["http://b", "ws://b:80/", "b:80", "b/ws", "https://b/"] {
            assert_eq!(meant(name), Some("b"), "{name}");
        }
        for name in ["b", "b.example.com", "unix:/run/b", ":80", "/b"] {
            assert_eq!(meant(name), None, "{name}");
        }
    }
}
