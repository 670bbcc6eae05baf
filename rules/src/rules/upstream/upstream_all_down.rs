//! An upstream all of whose servers are marked `down`.

use crate::context::Context;
use crate::finding::Finding;
use crate::groups::{Places, label_ways};
use crate::rules::UPSTREAM_ALL_DOWN as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for group in &context.backends().groups {
        if !group.is_seen
            || group.servers.is_empty()
            || !group.servers.iter().all(|server| server.has(b"down"))
        {
            continue;
        }
        let finding = Finding::new(
            &RULE,
            group.words(),
            format!(
                "all requests for upstream \"{}\" are answered 502: every server is marked `down`",
                group.name()
            ),
        )
        .at_place("has nobody to ask")
        .help("delete `down` from at least one server");
        let mut down = Places::default();
        for server in &group.servers {
            down.add(server.setting.place());
        }
        let finding = down.label(finding, "never asked");
        findings.push(label_ways(group, finding, "handshakes go there"));
    }
}
