//! `ip_hash` where the address is that of another proxy.

use rustc_hash::FxHashMap;
use wslint_grammar::Edit;
use wslint_grammar::catalogue::directive as d;
use wslint_model::handshake::backends::Group;
use wslint_model::resolve::Setting;

use crate::client_address::{client_address, evidence, may_be_told};
use crate::context::Context;
use crate::finding::{Finding, FindingFix};
use crate::fix_writing::Edits;
use crate::rules::IP_HASH_BEHIND_PROXY as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut takes_address_from_proxy = None;
    for group in &context.backends().groups {
        let Some(ip_hash) = group.own(context, d::IP_HASH) else { continue };
        if group.servers.iter().filter(|server| server.is_live()).count() < 2 {
            continue;
        }
        let mut seen = FxHashMap::default();
        let Some(evidence) = group.ways.iter().find_map(|way| evidence(context, way, &mut seen))
        else {
            continue;
        };
        if *takes_address_from_proxy.get_or_insert_with(|| may_be_told(context)) {
            return;
        }
        findings.push(
            Finding::new(
                &RULE,
                ip_hash.place(),
                "`ip_hash` may send every client to one server: the address that it sees is that \
                 of the proxy in front of nginx",
            )
            .at_place("hashes the address that the connection comes from")
            .label(evidence.place(), "a proxy in front sets this")
            .help(if evidence.directive.id() == Some(d::LISTEN) {
                "name that proxy with `set_real_ip_from` and add `real_ip_header proxy_protocol;`, \
                 or write `hash $proxy_protocol_addr consistent;`"
            } else {
                "name that proxy with `set_real_ip_from` and its field with `real_ip_header`, or \
                 hash what it says, as in `hash $http_x_forwarded_for consistent;`"
            })
            .mended_by(fix(context, group, ip_hash)),
        );
    }
}

/// Lets the servers be chosen by what the proxy says.
fn fix<'c>(context: &Context<'c>, group: &Group<'c>, ip_hash: Setting<'_>) -> Option<FindingFix> {
    let variable = client_address(context, group)?;
    if context.copies().of(ip_hash.reference) != 1 {
        return None;
    }
    let method = format!("hash {variable} consistent");
    let message = format!("write `{method};`");
    let mut edits = Edits::default().ask_unless(false);
    let words = ip_hash.directive.words_span();
    edits.add_in(ip_hash.reference.file, Edit::replace(words, method));
    edits.into_fix(message)
}
