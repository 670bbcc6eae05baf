//! Two `listen` that claim the same of an address.

use rustc_hash::{FxHashMap, FxHashSet};
use wslint_grammar::catalogue::Version;
use wslint_model::declarations::listens::{Listen, Protocol, SocketAddress, Transport};
use wslint_model::resolve::LevelId;
use wslint_model::source::{DirectiveRef, Place};

use crate::context::Context;
use crate::finding::{Finding, VersionRange};
use crate::rules::LISTEN_DUPLICATE as RULE;

/// Servers of `stream` may share an address from this version on.
const VIRTUAL_STREAM_SERVERS: Version = Version::new(1, 25, 5);

/// What is known of an address after the `listen`s before.
struct Known {
    first: DirectiveRef,
    last_server: LevelId,
    options: Option<DirectiveRef>,
    default_server: Option<DirectiveRef>,
}

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    if context.structure_is_damaged() {
        return;
    }
    let mut known: FxHashMap<(Protocol, Transport, &SocketAddress), Known> = FxHashMap::default();
    let mut reported = FxHashSet::default();
    for listen in &context.listens().known {
        let Some(reference) = listen.reference else { continue };
        let key = (listen.protocol, listen.transport, &listen.address);
        match known.get_mut(&key) {
            None => {
                known.insert(
                    key,
                    Known {
                        first: reference,
                        last_server: listen.server,
                        options: listen.sets_options.then_some(reference),
                        default_server: listen.default_server.then_some(reference),
                    },
                );
            }
            Some(known) => {
                if let Some(conflict) = conflict(listen, known)
                    && reported.insert(reference)
                {
                    findings.extend(finding(context, reference, conflict));
                }
                known.last_server = listen.server;
                known.options = known.options.or(listen.sets_options.then_some(reference));
                known.default_server =
                    known.default_server.or(listen.default_server.then_some(reference));
            }
        }
    }
}

/// What nginx says, the `listen` that it collides with, and what to do.
struct Conflict {
    message: String,
    first: DirectiveRef,
    help: &'static str,
    versions: Option<VersionRange>,
}

/// What nginx looks for, in its order (`ngx_http_add_addresses`, `ngx_mail_core_listen`).
fn conflict(listen: &Listen, known: &Known) -> Option<Conflict> {
    let address = &listen.address;
    let conflict = |message, first, help| Some(Conflict { message, first, help, versions: None });
    if listen.protocol == Protocol::Mail {
        let message = format!("duplicate \"{address}\" address and port pair");
        return conflict(message, known.first, "give each server of `mail` a port of its own");
    }
    if known.last_server == listen.server {
        let message = format!("a duplicate listen {address}");
        return conflict(message, known.first, "keep one of them");
    }
    if let Some(first) = known.options.filter(|_| listen.sets_options) {
        let message = format!("duplicate listen options for {address}");
        let help = "keep the options of the socket (`reuseport`, `backlog=`, `ipv6only=` and the \
                    like) in one `listen` of this address: they hold for all of its servers";
        return conflict(message, first, help);
    }
    if let Some(first) = known.default_server.filter(|_| listen.default_server) {
        let message = format!("a duplicate default server for {address}");
        return conflict(message, first, "keep `default_server` in one server of this address");
    }
    if listen.protocol == Protocol::Stream {
        let mut conflict = conflict(
            format!("duplicate \"{address}\" address and port pair"),
            known.first,
            "servers of `stream` may share an address from nginx 1.25.5 on",
        );
        if let Some(conflict) = &mut conflict {
            conflict.versions = Some(VersionRange::before(VIRTUAL_STREAM_SERVERS));
        }
        return conflict;
    }
    None
}

fn finding(context: &Context<'_>, reference: DirectiveRef, conflict: Conflict) -> Option<Finding> {
    let place = context.configuration.setting(reference).place();
    if context.has_syntax_error_in(place) {
        return None;
    }
    let first: Place = context.configuration.setting(conflict.first).place();
    let finding =
        Finding::new(&RULE, place, conflict.message).at_place("claimed again").help(conflict.help);
    let finding = match conflict.versions {
        Some(versions) => finding.versions(versions),
        None => finding,
    };
    Some(match first {
        first if first == place => finding.help("the file with it is included twice"),
        first => finding.label(first, "claimed here already"),
    })
}
