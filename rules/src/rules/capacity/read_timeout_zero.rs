//! A `proxy_read_timeout` of zero, which is no time at all.

use wslint_grammar::catalogue::directive as d;
use wslint_grammar::{Edit, Fix};
use wslint_model::resolve::Setting;

use crate::context::Context;
use crate::finding::Finding;
use crate::groups::Groups;
use crate::rules::READ_TIMEOUT_ZERO as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut groups = Groups::default();
    for (forwarded, _) in context.websocket_locations() {
        let timeout = context.configuration.value(forwarded.level, d::PROXY_READ_TIMEOUT).set();
        if let Some(timeout) = timeout
            && timeout.milliseconds() == Some(0)
        {
            groups.add(timeout.place(), || finding(timeout), forwarded.pass.place());
        }
    }
    findings.extend(groups.into_findings("handshakes for this backend get 504"));
}

fn finding(timeout: Setting<'_>) -> Finding {
    let place = timeout.argument_place(0);
    Finding::new(
        &RULE,
        timeout.place(),
        "zero is no time at all, not an endless one: nginx gives the backend up before it can \
         answer, and the client gets 504",
    )
    .at_place("no time to answer")
    .help("write how long a WebSocket may be idle, such as `1h`")
    .fix(Fix::not_safe("write `1h`", vec![Edit::replace(place.span, "1h")]))
}
