//! Clients that poll come to another server with each request.

use rustc_hash::FxHashSet;
use wslint_grammar::catalogue::directive as d;
use wslint_grammar::{DirectiveId, Edit};
use wslint_model::evaluate::{Part, parts};
use wslint_model::handshake::backends::Group;
use wslint_model::handshake::traffic::is_behind_test;
use wslint_model::intent::polling;
use wslint_model::resolve::Setting;

use crate::client_address::{client_address, hides_clients};
use crate::context::Context;
use crate::finding::{Finding, FindingFix};
use crate::fix_writing::{Edits, add_to_upstream};
use crate::groups::Places;
use crate::rules::STICKY_MISSING_FOR_POLLING as RULE;

/// What may stand in an upstream without keeping a client at its server: `least_conn` and its like
/// choose anew for each request. What else stands there may keep it.
const NO_AFFINITY: [DirectiveId; 11] = [
    d::SERVER,
    d::LEAST_CONN,
    d::LEAST_TIME,
    d::RANDOM,
    d::ZONE,
    d::KEEPALIVE,
    d::KEEPALIVE_TIMEOUT,
    d::KEEPALIVE_REQUESTS,
    d::KEEPALIVE_TIME,
    d::RESOLVER,
    d::RESOLVER_TIMEOUT,
];

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    for group in &context.backends().groups {
        if !group.is_seen || !has_several_servers(group) {
            continue;
        }
        let name = group.name();
        let mut felt = Places::default();
        let mut library = None;
        for way in &group.ways {
            let Some(found) = polling::library(context, way.level, &name) else { continue };
            // Clients that poll do not come past such a test.
            if is_behind_test(context, way.level) {
                continue;
            }
            library = library.or(Some(found));
            felt.add(way.pass.place());
        }
        let Some(library) = library else { continue };
        let Some(finding) = finding(context, group, library) else { continue };
        findings.push(felt.label(finding, &format!("{library} goes there")));
    }
}

/// Whether requests go to more than one server. A name may have several addresses, but mostly has
/// one.
fn has_several_servers(group: &Group<'_>) -> bool {
    let live = group.servers.iter().filter(|server| server.is_live());
    let addresses: FxHashSet<&str> = live.map(|server| server.address.as_str()).collect();
    addresses.len() > 1
}

fn finding<'c>(context: &Context<'c>, group: &Group<'c>, library: &str) -> Option<Finding> {
    let refused = format!(
        "{library} clients that poll are refused: they come to several servers, and only the one \
         that opened a session knows it"
    );
    let help = "add `ip_hash;` or `hash $remote_addr consistent;` to the upstream, unless all \
                clients are set to use WebSockets alone";
    let mut methods = Vec::new();
    for setting in context.configuration.own_settings(group.level) {
        match setting.directive.id() {
            Some(d::HASH) => {
                let (word, name) = changing_variable(setting)?;
                let place = setting.argument_place(word);
                return Some(
                    Finding::new(&RULE, place, refused)
                        .at_place(format!(
                            "`${name}` differs from one request of a client to the next"
                        ))
                        .help(
                            "hash what stays the same for a client, as in `hash $remote_addr \
                             consistent;`",
                        )
                        .mended_by(hash_address(context, group, setting)),
                );
            }
            Some(d::LEAST_CONN | d::LEAST_TIME | d::RANDOM) => methods.push(setting),
            Some(id) if NO_AFFINITY.contains(&id) => {}
            _ => return None,
        }
    }
    let finding = Finding::new(&RULE, group.words(), refused)
        .at_place("keeps no client at its server")
        .help(help)
        .mended_by(choose_by_address(context, group, &methods));
    Some(match methods.last() {
        Some(method) => finding.label(method.place(), "chooses anew for each request"),
        None => finding,
    })
}

/// Hashes the client's address in the place of what changes.
fn hash_address<'c>(
    context: &Context<'c>,
    group: &Group<'c>,
    hash: Setting<'_>,
) -> Option<FindingFix> {
    let key = hash.directive.argument(0)?;
    let address = address(context, group)?;
    if context.copies().of(hash.reference) != 1 {
        return None;
    }
    let mut edits = Edits::default().ask_unless(false);
    edits.add_in(hash.reference.file, Edit::replace(key.span(), address));
    edits.into_fix(format!("write `{address}`"))
}

/// Chooses the server by the client's address, in the place of a method that chooses otherwise.
fn choose_by_address<'c>(
    context: &Context<'c>,
    group: &Group<'c>,
    methods: &[Setting<'_>],
) -> Option<FindingFix> {
    let words: Vec<&str> = match address(context, group)? {
        REMOTE_ADDRESS => vec!["ip_hash"],
        address => vec!["hash", address, "consistent"],
    };
    let line = words.join(" ");
    let (message, edits) = match methods {
        [] => {
            let edits = add_to_upstream(context, group.level, words[0], &words[1..])?;
            (format!("add `{line};`"), edits)
        }
        [method] if context.copies().of(method.reference) == 1 => {
            let mut edits = Edits::default();
            let place = method.directive.words_span();
            edits.add_in(method.reference.file, Edit::replace(place, line.as_str()));
            (format!("write `{line};`"), edits)
        }
        _ => return None,
    };
    edits.ask_unless(false).into_fix(message)
}

/// What `ip_hash` looks at.
const REMOTE_ADDRESS: &str = "$remote_addr";

/// The variable with the client's address: another one where a proxy in front hides it. `None` where a
/// method that looks at it is not possible, because it has no use for `backup`.
fn address<'c>(context: &Context<'c>, group: &Group<'c>) -> Option<&'static str> {
    if group.servers.iter().any(|server| server.has(b"backup")) {
        return None;
    }
    match hides_clients(context, group) {
        true => client_address(context, group),
        false => Some(REMOTE_ADDRESS),
    }
}

/// The variable in the key of a `hash` that is another one with each poll.
fn changing_variable(hash: Setting<'_>) -> Option<(usize, String)> {
    /// The library's own `t` and `sid`, and what has them in it. The first request has no `sid`.
    const CHANGING: [&str; 11] = [
        "args",
        "arg_t",
        "arg_sid",
        "connection",
        "connection_requests",
        "msec",
        "query_string",
        "remote_port",
        "request",
        "request_id",
        "request_uri",
    ];
    let key = hash.value(0)?;
    let mut found = parts(&key).filter_map(|part| match part {
        Part::Variable { name, .. } => {
            let name = name.to_ascii_lowercase();
            CHANGING.contains(&name.as_str()).then_some(name)
        }
        _ => None,
    });
    Some((0, found.next()?))
}
