//! `proxy_method` makes another method of a handshake's `GET`.

use wslint_grammar::catalogue::directive as d;
use wslint_model::evaluate::{Request, Value};
use wslint_model::handshake::traffic::{Traffic, traffic};
use wslint_model::resolve::{LevelId, Setting};
use wslint_model::source::Place;

use crate::context::Context;
use crate::finding::{Finding, FindingFix};
use crate::fix_writing::set_value;
use crate::groups::Groups;
use crate::rules::PROXY_METHOD_OVERRIDE as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut groups = Groups::default();
    for (forwarded, diagnosis) in context.websocket_locations() {
        let level = forwarded.level;
        let Some(line) = context.configuration.value(level, d::PROXY_METHOD).set() else {
            continue;
        };
        let text = line.value(0).unwrap_or_default();
        let evaluated = context.evaluate(&text, &Request::CHROME, level);
        // An empty method is the client's own (`ngx_http_proxy_create_request`).
        if let Value::Known(method) = &evaluated.value
            && !method.is_empty()
            && method != b"GET"
        {
            groups.add_with(
                line.place(),
                || finding(line, method, diagnosis.proof.place),
                forwarded.pass.place(),
                level,
            );
        }
    }
    findings
        .extend(groups.into_mended("handshakes for this backend", |levels| fix(context, levels)));
}

/// Lets a handshake be the `GET` that it is. Where pages come too, each request keeps its own method,
/// which it does not today.
fn fix(context: &Context<'_>, levels: &[LevelId]) -> Option<FindingFix> {
    let is_alone = |&level: &LevelId| traffic(context, level) == Traffic::WebSocketsAlone;
    let alone = levels.iter().all(is_alone);
    let method = if alone { "GET" } else { "$request_method" };
    let edits = set_value(context, d::PROXY_METHOD, method, levels.iter().copied())?;
    edits.ask_unless(alone).into_fix(format!("set the method to `{method}`"))
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
