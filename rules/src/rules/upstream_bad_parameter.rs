//! `upstream-bad-parameter`

use wslint_grammar::catalogue::Version;

use crate::context::Context;
use crate::directive_check::parameter::is_server_parameter;
use crate::finding::{Category, Effect, Finding, Severity};
use crate::nginx_text::placeholder;
use crate::resolve::Setting;
use crate::rule::Rule;
use crate::source::Place;

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "upstream-bad-parameter",
    category: Category::Upstream,
    severity: Severity::Error,
    effect: Effect::NotLoaded,
    summary: "a parameter of a server that nginx does not know",
    page: include_str!("../../../docs/rules/upstream-bad-parameter.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for &(_, server) in context.upstream_servers() {
        let Some(word) = bad_parameter(server, context.nginx_version) else { continue };
        let place = Place { file: server.reference.file, span: word.span() };
        if !context.has_syntax_error_in(place) {
            findings.push(finding(place, &String::from_utf8_lossy(&word.value())));
        }
    }
}

/// The first parameter that nginx refuses. What a template has yet to fill in is not judged.
pub(super) fn bad_parameter(
    server: Setting<'_>,
    version: Option<Version>,
) -> Option<wslint_grammar::Word<'_>> {
    server.directive.arguments().skip(1).find(|word| {
        let value = word.value();
        !is_server_parameter(&value, version) && !placeholder::stands_in(&value)
    })
}

fn finding(place: Place, parameter: &str) -> Finding {
    const KEYS: [&str; 4] = ["weight", "max_conns", "max_fails", "fail_timeout"];
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
