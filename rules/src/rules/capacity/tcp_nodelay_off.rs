//! Small messages are held back, because `tcp_nodelay` is switched off.

use wslint_grammar::catalogue::directive as d;
use wslint_grammar::{Edit, Fix};
use wslint_model::resolve::Setting;

use crate::context::Context;
use crate::finding::Finding;
use crate::groups::Groups;
use crate::rules::TCP_NODELAY_OFF as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut groups = Groups::default();
    for (forwarded, _) in context.websocket_locations() {
        let line = context.configuration.value(forwarded.level, d::TCP_NODELAY).set();
        if let Some(line) = line.filter(|line| line.is_switched("off")) {
            groups.add(line.place(), || finding(line), forwarded.pass.place());
        }
    }
    findings.extend(groups.into_findings("WebSockets pass here"));
}

fn finding(line: Setting<'_>) -> Finding {
    let place = line.argument_place(0);
    Finding::new(
        &RULE,
        line.place(),
        "a small message waits until the one before it is acknowledged, in both directions: nginx \
         leaves `TCP_NODELAY` off for WebSockets",
    )
    .at_place("holds small messages back")
    .help("leave it out: `on` is the default")
    .fix(Fix::not_safe("write `on`", vec![Edit::replace(place.span, "on")]))
}
