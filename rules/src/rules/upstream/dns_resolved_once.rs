//! A host name that nginx looks up only when it starts.

use rustc_hash::FxHashSet;
use wslint_grammar::Edit;
use wslint_grammar::catalogue::{Version, directive as d};
use wslint_model::handshake::backends::{Group, Server, Way, is_name};
use wslint_model::resolve::{LevelKind, Setting};
use wslint_model::source::Place;
use wslint_model::text::address::split_url;

use crate::cause::upstream_name::{misnamed, undeclared};
use crate::context::Context;
use crate::finding::{Finding, FindingFix};
use crate::fix_writing::{Edits, part_of, set_before};
use crate::groups::Groups;
use crate::rules::DNS_RESOLVED_ONCE as RULE;
use crate::upstream_zone::{add_zone, has_resolver};

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let backends = context.backends();
    let mut groups = Groups::default();
    let mistaken = mistaken(context);
    for way in backends.hosts.iter().filter(|way| !way.has_variables && is_remote(&way.host)) {
        let place = way.pass.argument_place(0);
        // The upstream of that name may stand in a file that is not seen. It would have no port.
        let may_be_group = way.port.is_none() && !context.sees_everything();
        if may_be_group || mistaken(way, place) {
            continue;
        }
        let finding = || finding(place, &way.host).mended_by(look_up_by_variable(context, way));
        groups.add(place, finding, way.proof);
    }
    for group in &backends.groups {
        for server in group.servers.iter().filter(|server| !server.has(b"resolve")) {
            let Some((host, _)) = server.host_and_port() else { continue };
            if is_remote(host) && !host.contains('/') {
                let place = server.setting.argument_place(0);
                let fix = || look_up_server(context, group, server);
                let finding = || finding(place, host).mended_by(fix());
                groups.add(place, finding, group.ways[0].pass.place());
            }
        }
    }
    findings.extend(groups.into_findings("for the WebSockets of this location"));
}

/// Puts the host into a variable, where a `resolver` is named: then nginx asks that, again and again.
/// With a URI behind the address, nginx would pass on another one.
fn look_up_by_variable(context: &Context<'_>, way: &Way<'_>) -> Option<FindingFix> {
    let configuration = context.configuration;
    let (level, pass) = (way.level, way.pass);
    let word = pass.directive.argument(0)?;
    let value = word.value();
    let url = split_url(std::str::from_utf8(&value).ok()?)?;
    let is_default = |line: Setting<'_>| line.value(0).as_deref() == Some(b"default".as_slice());
    // What nginx rewrites by itself it does not where a variable stands (`ngx_http_proxy_redirect`).
    let redirects = configuration.effective(level, d::PROXY_REDIRECT).set();
    if configuration.level(level).kind != LevelKind::Location
        || configuration.effective(level, d::RESOLVER).set().is_none()
        || context.copies().of(pass.reference) != 1
        || !url.uri.is_empty()
        || redirects.is_some_and(|lines| lines.iter().any(is_default))
    {
        return None;
    }
    let name: String =
        way.host.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    let name = format!("backend_{}", name.to_ascii_lowercase());
    if context.variables.is_defined(&name) {
        return None;
    }
    let variable = format!("${name}");
    let host = part_of(word, url.host_at..url.host_at + way.host.len())?;
    let mut edits = Edits::default().ask_unless(false);
    edits.add(set_before(context, level, pass, &variable, &way.host)?);
    edits.add_in(pass.reference.file, Edit::replace(host, variable.as_str()));
    edits
        .into_fix(format!("add `set {variable} {};` and write the variable for the host", way.host))
}

/// Lets nginx look a server up again, where it is known to be a version that does, and a `resolver`
/// is named.
fn look_up_server(
    context: &Context<'_>,
    group: &Group<'_>,
    server: &Server<'_>,
) -> Option<FindingFix> {
    const SINCE: Version = Version::new(1, 27, 3);
    let line = server.setting;
    if context.nginx_version.is_none_or(|version| version < SINCE)
        || !has_resolver(context, group.level)
        || context.copies().of(line.reference) != 1
    {
        return None;
    }
    let mut edits = Edits::default().ask_unless(false);
    let zone = context.configuration.own(group.level, d::ZONE).iter().next();
    if zone.is_none() {
        edits.extend(add_zone(context, group.level)?.1);
    }
    let end = line.directive.words_span().end;
    edits.add_in(line.reference.file, Edit::insert(end, " resolve"));
    edits.into_fix(match zone {
        Some(_) => "add `resolve`",
        None => "add `resolve`, and a `zone` for it",
    })
}

/// Tells of a way whether its host seems to be meant for an upstream, which is reported as that.
fn mistaken(context: &Context<'_>) -> impl Fn(&Way<'_>, Place) -> bool {
    let misnamed = misnamed(context);
    let mut places = FxHashSet::default();
    if context.reports("upstream-undeclared") {
        places.extend(undeclared(context).iter().map(|it| it.place));
    }
    move |way, place| places.contains(&place) || misnamed.contains(&way.host.to_ascii_lowercase())
}

/// Names whose address stays: that of this machine, and what containers call it.
const OF_THIS_MACHINE: [&str; 4] =
    ["localhost", "host.docker.internal", "gateway.docker.internal", "host.containers.internal"];

/// Whether a host is looked up, and its address may change.
fn is_remote(host: &str) -> bool {
    is_name(host) && !OF_THIS_MACHINE.iter().any(|name| host.eq_ignore_ascii_case(name))
}

fn finding(place: Place, host: &str) -> Finding {
    Finding::new(
        &RULE,
        place,
        format!(
            "`{host}` is looked up when nginx starts and not again: when its address changes, \
             handshakes go to the old one until a reload"
        ),
    )
    .at_place("looked up once")
    .help(
        "if its address may change, add `resolve` to its `server`, with `zone` and `resolver` \
         (nginx 1.27.3), or put the name into a variable, with `resolver`",
    )
}
