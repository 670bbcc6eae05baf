//! Fewer `worker_connections` than nginx has by itself, two of which every WebSocket takes.

use wslint_grammar::catalogue::directive as d;
use wslint_grammar::{Edit, Fix};
use wslint_model::text::value::number;

use crate::context::Context;
use crate::finding::Finding;
use crate::rules::WORKER_CONNECTIONS_TOO_LOW as RULE;

/// `DEFAULT_CONNECTIONS` in ngx_event.c
const DEFAULT: usize = 512;

/// What nginx's own `conf/nginx.conf` has. Most systems let a process open as many files by itself.
const USUAL: usize = 1024;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    let mut lines = context.occurrences().of(configuration, d::WORKER_CONNECTIONS);
    let (Some((_, line)), None) = (lines.next(), lines.next()) else { return };
    let value = line.value(0);
    let connections = value.and_then(|value| usize::try_from(number(&value)?).ok());
    let Some(connections) = connections.filter(|&connections| connections < DEFAULT) else {
        return;
    };
    // Where there are hardly enough to listen, it has a rule of its own.
    let hardly_starts = connections <= context.listens().known.len() + 1;
    if hardly_starts && context.reports("worker-connections-not-enough") {
        return;
    }
    let Some((forwarded, _)) = context.websocket_locations().next() else { return };
    let finding = Finding::new(
        &RULE,
        line.place(),
        format!(
            "one worker process carries fewer than {} WebSockets, each of which takes two of these \
             connections: whoever comes when they are used up gets an error",
            connections / 2
        ),
    )
    .at_place(format!("the default is {DEFAULT}"))
    .label(forwarded.pass.place(), "WebSockets pass here")
    .help(format!(
        "write twice as many as WebSockets may be open at once in one process, and some more: \
         {USUAL} is usual"
    ));
    // Where somebody has counted the files, both numbers want thought.
    let counts_files = context.occurrences().of(configuration, d::WORKER_RLIMIT_NOFILE).next();
    findings.push(match counts_files {
        Some(_) => finding,
        None => finding.fix(Fix::not_safe(
            format!("write `{USUAL}`"),
            vec![Edit::replace(line.argument_place(0).span, USUAL.to_string())],
        )),
    });
}
