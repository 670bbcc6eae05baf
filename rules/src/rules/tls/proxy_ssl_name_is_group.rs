//! TLS to the backend goes by the name of the `upstream`.

use wslint_grammar::DirectiveId;
use wslint_grammar::catalogue::directive as d;
use wslint_model::handshake::backend::Backend;
use wslint_model::resolve::{LevelId, Setting};

use crate::backend_tls::{is_named, only_name};
use crate::context::Context;
use crate::finding::{Finding, FindingFix};
use crate::fix_writing::set_value_here;
use crate::groups::Groups;
use crate::rules::PROXY_SSL_NAME_IS_GROUP as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let mut groups = Groups::default();
    for (forwarded, _) in context.websocket_locations() {
        let Some(backend) = Backend::of(context, forwarded) else { continue };
        let Some(group) = backend.group else { continue };
        // `$proxy_host` is the default. A name with a dot may well be the backends' own.
        if !backend.is_encrypted || is_named(context, forwarded.level) || backend.host.contains('.')
        {
            continue;
        }
        let is_on = |id| switched_on(context, forwarded.level, id);
        let verified = is_on(d::PROXY_SSL_VERIFY);
        let Some(line) = verified.or_else(|| is_on(d::PROXY_SSL_SERVER_NAME)) else { continue };
        let name = only_name(context, &backend);
        groups.add_with(
            forwarded.pass.place(),
            || {
                let head = context.configuration.head(group);
                let finding =
                    finding(forwarded.pass, &backend, verified.is_some(), name.as_deref());
                let finding = match head {
                    Some(head) => finding.label(head.argument_place(0), "this name"),
                    None => finding,
                };
                finding.label(line.place(), "asks for a name")
            },
            forwarded.pass.place(),
            (forwarded.level, name.clone()),
        );
    }
    findings.extend(groups.into_mended("this backend", |parts| fix(context, parts)));
}

/// Writes the name that all servers of the group have.
fn fix(context: &Context<'_>, parts: &[(LevelId, Option<String>)]) -> Option<FindingFix> {
    let name = parts.first()?.1.as_ref()?;
    if parts.iter().any(|(_, other)| other.as_ref() != Some(name)) {
        return None;
    }
    let levels: Vec<LevelId> = parts.iter().map(|&(level, _)| level).collect();
    let edits = set_value_here(context, d::PROXY_SSL_NAME, name, &levels)?;
    edits.into_fix(format!("write `proxy_ssl_name {name};`"))
}

/// The line that switches something on.
fn switched_on<'c>(context: &Context<'c>, level: LevelId, id: DirectiveId) -> Option<Setting<'c>> {
    let line = context.configuration.value(level, id).set()?;
    let value = line.value(0)?;
    value.eq_ignore_ascii_case(b"on").then_some(line)
}

fn finding(pass: Setting<'_>, backend: &Backend, is_verified: bool, name: Option<&str>) -> Finding {
    let group = &backend.host;
    let consequence = if is_verified {
        "a certificate without that name is refused, and the client gets 502"
    } else {
        "a server that looks for its own name ends the connection, and the client gets 502"
    };
    let name = name.unwrap_or("NAME");
    Finding::new(
        &RULE,
        pass.place(),
        format!(
            "in TLS the backend is called `{group}`, the name of the `upstream`: {consequence}"
        ),
    )
    .at_place(format!("called `{group}` in TLS"))
    .help(format!("add `proxy_ssl_name {name};`, the name in the certificate of the backends"))
}
