//! `https://` to an upstream whose servers have no port.

use rustc_hash::FxHashSet;
use wslint_model::handshake::backend::Backend;
use wslint_model::handshake::backends::Server;
use wslint_model::resolve::LevelId;

use crate::context::Context;
use crate::finding::{Effect, Finding, FindingFix, Severity};
use crate::fix_writing::{Edits, append};
use crate::groups::Places;
use crate::rules::HTTPS_TO_DEFAULT_PORT_80 as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut plain = None;
    for group in &context.backends().groups {
        let encrypted = || group.ways.iter().filter(|way| way.encrypted);
        if encrypted().next().is_none() {
            continue;
        }
        let usable = || group.servers.iter().filter(|server| !server.has(b"down"));
        let mut without = usable().filter(|server| lacks_port(server)).peekable();
        let Some(first) = without.peek() else { continue };
        if context.has_syntax_error_in(first.setting.place()) {
            continue;
        }
        let all = group.is_seen && usable().all(lacks_port);
        let (message, severity, effect) = if all {
            (
                "handshakes fail: a server of an upstream has port 80 unless it says otherwise, \
                 and TLS is begun there",
                Severity::Error,
                Effect::HandshakeFails,
            )
        } else {
            (
                "requests to this server fail: a server of an upstream has port 80 unless it says \
                 otherwise, and TLS is begun there",
                Severity::Warning,
                Effect::Degraded,
            )
        };
        let mut finding = Finding::new(&RULE, first.setting.argument_place(0), message)
            .at_place("this is port 80")
            .severity(severity)
            .effect(effect)
            .help("write the port, as in `:443`: `https://` changes it for a host alone");
        let lacking: Vec<&Server<'_>> = usable().filter(|server| lacks_port(server)).collect();
        // Who speaks plain HTTP to the same servers needs another port.
        if !plain.get_or_insert_with(|| spoken_to_without_tls(context)).contains(&group.level) {
            finding = finding.mended_by(fix(context, &lacking));
        }
        let mut others = Places::default();
        for server in without.skip(1) {
            others.add(server.setting.argument_place(0));
        }
        finding = others.label(finding, "and this one");
        let mut felt = Places::default();
        for way in encrypted() {
            felt.add(way.pass.place());
        }
        findings.push(felt.label(finding, "begins TLS"));
    }
}

/// Writes the port that `https://` has by default.
fn fix(context: &Context<'_>, servers: &[&Server<'_>]) -> Option<FindingFix> {
    let mut edits = Edits::default().ask_unless(false);
    for server in servers {
        // A line of a file that several upstreams include may be right for others.
        if context.copies().of(server.setting.reference) != 1 {
            return None;
        }
        let address = server.setting.directive.argument(0)?;
        edits.add_in(server.setting.reference.file, append(address, ":443")?);
    }
    edits.into_fix("write `:443`")
}

/// The upstreams that some location leads to by `http://`.
fn spoken_to_without_tls(context: &Context<'_>) -> FxHashSet<LevelId> {
    let backends = context
        .configuration
        .proxied()
        .filter_map(|(level, pass)| Backend::named_by(context, level, pass));
    backends.filter(|backend| !backend.is_encrypted).filter_map(|backend| backend.group).collect()
}

/// Whether a server has the default port. A service that a name server knows has its own.
fn lacks_port(server: &Server<'_>) -> bool {
    server.host_and_port().is_some_and(|(_, port)| port.is_none())
        && !server.address.contains('/')
        && server.parameter(b"service=").is_none()
}
