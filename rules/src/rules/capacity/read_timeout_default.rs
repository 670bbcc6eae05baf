//! WebSockets on which nothing is sent are closed after 60 seconds.

use wslint_grammar::catalogue::directive as d;
use wslint_model::handshake::proxied_request::Forwarded;
use wslint_model::handshake::traffic::{Traffic, traffic};
use wslint_model::intent::{Proof, literal_path};
use wslint_model::resolve::{Configuration, LevelId, LevelKind, Setting};
use wslint_model::text::location::LocationPattern;

use crate::context::Context;
use crate::finding::Finding;
use crate::fix_writing::set_value_here;
use crate::groups::Groups;
use crate::rules::READ_TIMEOUT_DEFAULT as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut groups = Groups::default();
    for (forwarded, diagnosis) in context.websocket_locations() {
        let timeout = context.configuration.value(forwarded.level, d::PROXY_READ_TIMEOUT);
        // A folder that is not here may have files that set it.
        let may_be_set = || {
            let configuration = context.configuration;
            let mut around = configuration.ancestors(forwarded.level);
            around.any(|level| configuration.level(level).has_unread_include)
        };
        if timeout.is_default()
            && !may_be_set()
            && is_for_websockets(context, forwarded)
            && !sends_pings(context.configuration, forwarded.level)
        {
            let place = forwarded.pass.place();
            let finding = || finding(forwarded.pass, diagnosis.proof);
            groups.add_with(place, finding, place, forwarded.level);
        }
    }
    let mended = groups.into_mended("this backend", |levels| {
        let edits = set_value_here(context, d::PROXY_READ_TIMEOUT, "1h", levels)?;
        edits.into_fix("add `proxy_read_timeout 1h;`")
    });
    findings.extend(mended);
}

fn finding(pass: Setting<'_>, proof: Proof) -> Finding {
    Finding::new(
        &RULE,
        pass.place(),
        "a WebSocket on which nothing is sent for 60 seconds is closed: no `proxy_read_timeout` is \
         in effect, and that is its default",
    )
    .at_place("closed after 60 idle seconds")
    .label(proof.place, "meant for WebSockets")
    .help(
        "see that one side sends something more often, such as pings, or add `proxy_read_timeout \
         1h;`",
    )
}

/// Whether a location is for WebSockets before all: they alone come, or nothing speaks for pages
/// and the headers were written for it.
fn is_for_websockets(context: &Context<'_>, forwarded: &Forwarded<'_>) -> bool {
    match traffic(context, forwarded.level) {
        Traffic::WebSocketsAlone => true,
        Traffic::PagesToo => false,
        Traffic::Unclear => {
            forwarded.headers.set().is_some_and(|lines| lines.level == forwarded.level)
        }
    }
}

/// Words of a path whose protocol sends something at least every half minute, unless somebody
/// changed that: Engine.IO and SockJS every 25 seconds, SignalR every 15, Action Cable every 3.
const PINGING: [&str; 8] =
    ["socket.io", "engine.io", "sockjs", "sockjs-node", "signalr", "_blazor", "chathub", "cable"];

/// Whether the path of a location says that its protocol keeps the connection busy by itself.
fn sends_pings(configuration: &Configuration, level: LevelId) -> bool {
    let location = configuration.enclosing(level, LevelKind::Location);
    let head = location.and_then(|location| configuration.head(location));
    let path = head.and_then(|head| literal_path(&LocationPattern::read(head.directive)?));
    path.is_some_and(|path| path.split('/').any(|segment| PINGING.contains(&segment)))
}
