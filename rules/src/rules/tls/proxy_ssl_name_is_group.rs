//! TLS to the backend goes by the name of the `upstream`.

use wslint_grammar::DirectiveId;
use wslint_grammar::Word;
use wslint_grammar::catalogue::directive as d;

use crate::context::Context;
use wslint_model::declarations::backend::Backend;
use wslint_model::declarations::backend::is_public_name;
use crate::finding::Finding;
use crate::finding::FindingFix;
use crate::fix_writing::set_value_here;
use crate::groups::Groups;
use wslint_model::resolve::Effective;
use wslint_model::resolve::LevelId;
use wslint_model::resolve::Setting;
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

/// The name of the Internet that all servers of a backend are reached by.
pub(in crate::rules) fn only_name(context: &Context<'_>, backend: &Backend) -> Option<String> {
    let hosts = backend.hosts(context);
    let name = hosts.first().filter(|host| is_public_name(host))?;
    let is_same = |host: &String| host.eq_ignore_ascii_case(name);
    hosts.iter().all(is_same).then(|| name.trim_end_matches('.').to_ascii_lowercase())
}

/// Whether `proxy_ssl_name` is something else than the default, or may be.
pub(in crate::rules) fn is_named(context: &Context<'_>, level: LevelId) -> bool {
    match context.configuration.value(level, d::PROXY_SSL_NAME) {
        Effective::Default => false,
        Effective::Unknown(_) => true,
        Effective::Set(line) => line
            .directive
            .argument(0)
            .map(Word::value)
            .is_none_or(|value| !value.eq_ignore_ascii_case(b"$proxy_host")),
    }
}

/// The line that switches something on.
fn switched_on<'c>(context: &Context<'c>, level: LevelId, id: DirectiveId) -> Option<Setting<'c>> {
    let line = context.configuration.value(level, id).set()?;
    let value = line.directive.argument(0).map(Word::value)?;
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
