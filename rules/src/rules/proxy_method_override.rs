//! `proxy-method-override`

use wslint_grammar::Word;
use wslint_grammar::catalogue::directive as d;

use crate::context::Context;
use crate::evaluate::{Request, Value};
use crate::finding::{Category, Effect, Finding, Severity};
use crate::groups::Groups;
use crate::resolve::Setting;
use crate::rule::Rule;
use crate::source::Place;

/// See the rule's page.
pub(super) static RULE: Rule = Rule {
    name: "proxy-method-override",
    category: Category::Handshake,
    severity: Severity::Error,
    effect: Effect::HandshakeFails,
    summary: "`proxy_method` makes another method of a handshake's `GET`",
    page: include_str!("../../../docs/rules/proxy-method-override.md"),
    check,
};

fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut groups = Groups::default();
    for (forwarded, diagnosis) in context.websocket_locations() {
        let level = forwarded.level;
        let Some(line) = context.configuration.value(level, d::PROXY_METHOD).set() else {
            continue;
        };
        let text = line.directive.argument(0).map(Word::value).unwrap_or_default();
        let evaluated = context.variables.evaluate(&text, &Request::CHROME, level);
        // An empty method is the client's own (`ngx_http_proxy_create_request`).
        if let Value::Known(method) = &evaluated.value
            && !method.is_empty()
            && method != b"GET"
        {
            groups.add(
                line.place(),
                || finding(line, method, diagnosis.proof.place),
                forwarded.pass.place(),
            );
        }
    }
    findings.extend(groups.into_findings("handshakes for this backend"));
}

fn finding(line: Setting<'_>, method: &[u8], proof: Place) -> Finding {
    let method = String::from_utf8_lossy(method);
    Finding::new(
        &RULE,
        line.place(),
        format!(
            "a handshake is a `GET`, and reaches the backend as `{method}`, which it does not take \
             for a handshake"
        ),
    )
    .at_place("every request gets this method")
    .label(proof, "meant for WebSockets")
    .help("take it away, or set `proxy_method GET;` where the handshakes pass")
}
