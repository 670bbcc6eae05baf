//! A limit of a few connections for each client, in which every open WebSocket counts.

use wslint_grammar::catalogue::directive as d;
use wslint_model::declarations::zones::{Use, zone_used_by};
use wslint_model::resolve::{Effective, Setting};
use wslint_model::text::value::number;

use crate::context::Context;
use crate::finding::Finding;
use crate::groups::Groups;
use crate::rules::LIMIT_CONN_ON_WS as RULE;

/// A few tabs, or a few people behind one address, take as many.
const FEW: i64 = 10;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    let mut groups = Groups::default();
    for (forwarded, _) in context.websocket_locations() {
        let level = forwarded.level;
        let Some(limits) = configuration.effective(level, d::LIMIT_CONN).set() else { continue };
        let dry_run = configuration.value(level, d::LIMIT_CONN_DRY_RUN);
        if matches!(dry_run, Effective::Set(line) if line.is_switched("on")) {
            continue;
        }
        for limit in limits.iter() {
            let Some(most) = most(limit).filter(|&most| most < FEW) else { continue };
            if let Some(zone) = zone_for_each_client(context, limit) {
                let finding = || finding(limit, zone, most);
                groups.add(limit.place(), finding, forwarded.pass.place());
            }
        }
    }
    findings.extend(groups.into_findings("WebSockets pass here"));
}

fn most(limit: Setting<'_>) -> Option<i64> {
    number(&limit.value(1)?)
}

/// The `limit_conn_zone` of a limit, if it counts by the client's address.
fn zone_for_each_client<'c>(context: &Context<'c>, limit: Setting<'_>) -> Option<Setting<'c>> {
    let name = zone_used_by(limit)?;
    let declared = context
        .zones()
        .mentions(&name)
        .iter()
        .find(|mention| mention.purpose == Use::LimitConn && mention.size.is_some())?;
    let zone = context.configuration.setting(declared.reference);
    let key = zone.value(0)?.to_ascii_lowercase();
    let addresses: [&[u8]; 4] =
        [b"$binary_remote_addr", b"$remote_addr", b"${binary_remote_addr}", b"${remote_addr}"];
    addresses.contains(&key.as_slice()).then_some(zone)
}

fn finding(limit: Setting<'_>, zone: Setting<'_>, most: i64) -> Finding {
    let s = if most == 1 { " is" } else { "s are" };
    Finding::new(
        &RULE,
        limit.place(),
        format!(
            "a WebSocket counts as long as it is open: while {most} connection{s} open from one \
             address, everybody behind it is refused another one"
        ),
    )
    .at_place("counts open WebSockets")
    .label(zone.place(), "counts by the client's address")
    .help("allow as many as people have tabs and neighbours, or limit WebSockets in a zone apart")
}
