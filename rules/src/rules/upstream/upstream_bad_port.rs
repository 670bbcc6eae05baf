//! A port that is not a number from 1 to 65535.

use rustc_hash::FxHashSet;
use wslint_grammar::catalogue::directive;
use wslint_grammar::{Span, Word};
use wslint_model::damage::text_damage::typographic;
use wslint_model::resolve::{LevelKind, Setting};
use wslint_model::source::Place;
use wslint_model::text::address;

use crate::context::Context;
use crate::finding::Finding;
use crate::rules::UPSTREAM_BAD_PORT as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let configuration = context.configuration;
    for &(_, server) in context.upstream_servers() {
        findings.extend(check_server(server));
    }
    let mut seen = FxHashSet::default();
    for (level, pass) in context.occurrences().of(configuration, directive::PROXY_PASS) {
        if !seen.insert(pass.reference) {
            continue;
        }
        if configuration.level(level).kind == LevelKind::StreamServer {
            findings.extend(pass_without_port(context, pass, true));
            continue;
        }
        findings.extend(check_url(pass));
    }
    // These protocols have no usual port.
    for id in [
        directive::FASTCGI_PASS,
        directive::UWSGI_PASS,
        directive::SCGI_PASS,
        directive::MEMCACHED_PASS,
        directive::GRPC_PASS,
    ] {
        for (_, pass) in context.occurrences().of(configuration, id) {
            if seen.insert(pass.reference) {
                findings.extend(pass_without_port(context, pass, false));
            }
        }
    }
}

/// An address without a port where there is no usual one, and that is not the name of a group.
fn pass_without_port(context: &Context<'_>, pass: Setting<'_>, in_stream: bool) -> Option<Finding> {
    let value = pass.value(0)?;
    let text = std::str::from_utf8(&value).ok()?;
    let text = ["grpc://", "grpcs://"].iter().find_map(|it| text.strip_prefix(it)).unwrap_or(text);
    let address = address::parse(text)?.ok()?;
    if address.port.is_some() || text.contains(['/', '?']) || text.is_empty() {
        return None;
    }
    let is_address = text.starts_with('[') || text.parse::<std::net::Ipv4Addr>().is_ok();
    let is_declared =
        || context.upstream_groups().named(address.host.as_bytes(), in_stream).is_some();
    if is_declared() || !is_address && !context.sees_everything() {
        return None;
    }
    no_port(context, pass, text, "add `:PORT`, or declare an upstream of that name")
}

fn no_port(context: &Context<'_>, setting: Setting<'_>, text: &str, help: &str) -> Option<Finding> {
    let place = setting.argument_place(0);
    (!context.has_syntax_error_in(place)).then(|| {
        Finding::new(&RULE, place, format!("no port in upstream \"{text}\""))
            .at_place("has no port")
            .help(help)
    })
}

/// Checks the address of a server in an upstream.
fn check_server(server: Setting<'_>) -> Option<Finding> {
    let word = server.directive.argument(0)?;
    let value = word.value();
    // A path or a scheme here is another mistake.
    if value.contains(&b'/') {
        return None;
    }
    let text = std::str::from_utf8(&value).ok()?;
    check_address(server, word, text, text, 0)
}

/// Checks the address in the URL of a `proxy_pass`.
fn check_url(pass: Setting<'_>) -> Option<Finding> {
    let word = pass.directive.argument(0)?;
    let value = word.value();
    let text = std::str::from_utf8(&value).ok()?;
    let url = address::split_url(text)?;
    check_address(pass, word, text, url.authority, url.host_at)
}

/// Checks the address that begins at `offset` in the text of a word.
fn check_address(
    setting: Setting<'_>,
    word: Word<'_>,
    text: &str,
    address: &str,
    offset: usize,
) -> Option<Finding> {
    let invalid = address::parse(address)?.err()?;
    // They have a rule of their own.
    if typographic(word).is_some() {
        return None;
    }
    let place = if word.is_escaped() {
        setting.argument_place(0)
    } else {
        let start = word.content_span().start + offset as u32;
        let range = invalid.range.start as u32..invalid.range.end as u32;
        let span = Span::new(start + range.start, start + range.end);
        Place { file: setting.reference.file, span }
    };
    let finding = Finding::new(
        &RULE,
        place,
        format!(
            "invalid port in upstream \"{}\": a port is a number from 1 to 65535",
            &text[offset..]
        ),
    )
    .at_place("not a port");
    Some(if invalid.looks_like_ipv6 {
        finding.help("an IPv6 address stands in brackets: `[::1]:3000`")
    } else {
        finding
    })
}
