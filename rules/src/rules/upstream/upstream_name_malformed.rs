//! An upstream whose name has a scheme, a port or a path in it.

use rustc_hash::FxHashMap;
use wslint_grammar::catalogue::directive as d;
use wslint_grammar::{Edit, Fix, Quote};
use wslint_model::resolve::{LevelKind, Setting};
use wslint_model::text::address;
use wslint_model::text::placeholder::may_stand_in;

use crate::cause::upstream_name::name_in_address;
use crate::context::Context;
use crate::finding::Finding;
use crate::groups::Places;
use crate::rules::UPSTREAM_NAME_MALFORMED as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    let mut passes = None;
    for &level in &context.upstream_groups().levels {
        let Some(head) = configuration.head(level) else { continue };
        let Some(word) = head.directive.argument(0) else { continue };
        // Names have neither of these.
        if !word.raw().iter().any(|byte| b":/".contains(byte)) {
            continue;
        }
        let value = word.value();
        let Ok(name) = std::str::from_utf8(&value) else { continue };
        let place = head.argument_place(0);
        let Some(meant) = name_in_address(name) else { continue };
        if may_stand_in(&value) || context.has_syntax_error_in(place) {
            continue;
        }
        let in_stream = configuration.level(level).kind == LevelKind::StreamUpstream;
        let key = (in_stream, meant.to_ascii_lowercase());
        let passes = passes.get_or_insert_with(|| passes_by_host(context)).get(&key);
        let passes = passes.map(Vec::as_slice).unwrap_or_default();
        let mut finding = Finding::new(
            &RULE,
            place,
            format!(
                "host not found in upstream \"{meant}\": no `proxy_pass` can name an upstream that \
                 is called `{name}`, and nginx looks for a machine"
            ),
        )
        .at_place("a name, and no address")
        .help(format!("write `upstream {meant}`, and `http://{meant}` in `proxy_pass`"));
        let is_free = context.upstream_groups().named(meant.as_bytes(), in_stream).is_none()
            && passes.iter().all(|pass| !pass.has_port);
        if is_free && word.quote() == Quote::None && !word.is_escaped() {
            let edit = Edit::replace(word.span(), meant);
            finding = finding.fix(Fix::safe(format!("call it `{meant}`"), vec![edit]));
        }
        let mut few = Places::default();
        for pass in passes {
            few.add(pass.setting.argument_place(0));
        }
        findings.push(few.label(finding, "does not name it"));
    }
}

/// A line that passes requests to a host.
struct Pass<'c> {
    setting: Setting<'c>,
    has_port: bool,
}

/// All lines that pass requests to a host, by that host in lower case, and whether they stand in
/// `stream`.
fn passes_by_host<'c>(context: &Context<'c>) -> FxHashMap<(bool, String), Vec<Pass<'c>>> {
    let configuration = context.configuration;
    let passes = [d::PROXY_PASS, d::GRPC_PASS, d::FASTCGI_PASS, d::UWSGI_PASS, d::SCGI_PASS];
    let lines = passes.into_iter().flat_map(|id| context.occurrences().of(configuration, id));
    let mut found: FxHashMap<_, Vec<Pass<'c>>> = FxHashMap::default();
    for (level, setting) in lines {
        let Some(value) = setting.value(0) else { continue };
        let Ok(text) = std::str::from_utf8(&value) else { continue };
        let rest = text.find("://").map_or(text, |scheme| &text[scheme + 3..]);
        let authority = &rest[..rest.find(['/', '?']).unwrap_or(rest.len())];
        let (host, port) = address::split_port(authority);
        let in_stream = configuration.level(level).kind == LevelKind::StreamServer;
        let pass = Pass { setting, has_port: port.is_some() };
        found.entry((in_stream, host.to_ascii_lowercase())).or_default().push(pass);
    }
    found
}
