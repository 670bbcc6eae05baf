//! The backend gets the name of its `upstream` as `Host`.

use wslint_model::handshake::proxied_request::Forwarded;
use wslint_model::resolve::Setting;

use crate::cause::lost_host::{OwnHost, own_host};
use crate::context::Context;
use crate::finding::{Effect, Finding, Severity};
use crate::fix_writing::pass_clients_host;
use crate::groups::Groups;
use crate::rules::UPSTREAM_NAME_AS_HOST as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut groups: Groups<(&Forwarded<'_>, Option<Setting<'_>>)> = Groups::default();
    for (forwarded, diagnosis) in context.websocket_locations() {
        if let Some(own) = own_host(context, forwarded, diagnosis)
            && own.is_name_of_backend()
        {
            // One line at the level that sets the headers mends all locations of that level.
            let cause = match forwarded.headers.set().and_then(|lines| lines.iter().next()) {
                Some(first) => first.place(),
                None => forwarded.pass.place(),
            };
            let part = (forwarded, own.line);
            let finding = || finding(context, forwarded, &own);
            groups.add_with(cause, finding, forwarded.pass.place(), part);
        }
    }
    findings.extend(groups.into_mended("this backend", |felt| pass_clients_host(context, felt)));
}

fn finding(context: &Context<'_>, forwarded: &Forwarded<'_>, own: &OwnHost<'_>) -> Finding {
    let host = own.backend.proxy_host();
    let help = "add `proxy_set_header Host $http_host;` beside the other headers, so that the \
                backend gets the client's";
    let place = own.line.unwrap_or(forwarded.pass).place();
    let finding = if own.is_no_host_name() {
        Finding::new(
            &RULE,
            place,
            format!(
                "the backend gets `Host: {host}`, which is no host name because of its `_`: Tomcat, \
                 Django and others refuse such requests"
            ),
        )
    } else {
        Finding::new(
            &RULE,
            place,
            format!(
                "the backend gets `Host: {host}`, the name of the `upstream`: it does not know the \
                 client's host, and one that compares `Origin` with it refuses the handshake"
            ),
        )
        .severity(Severity::Info)
        .effect(Effect::Advice)
    };
    let finding = finding.at_place("no client's `Host` here").help(help);
    match own.backend.group.and_then(|group| context.configuration.head(group)) {
        Some(head) => finding.label(head.argument_place(0), "the name that is sent"),
        None => finding,
    }
}
