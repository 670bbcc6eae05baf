//! The routes as JSON, version 1.

use std::io::{self, Write};

use serde::Serialize;
use wslint_model::handshake::EffectiveSetting;
use wslint_model::source::Sources;

use super::{Listed, ListedRoute};
use crate::json::{Span, VERSION, locate};
use crate::trace_command::json::{End, Named, VersionedEnd, versions};
use crate::trace_command::text::server_name;

#[derive(Serialize)]
struct Document<'a> {
    /// The version of this format.
    version: u32,
    routes: Vec<Line<'a>>,
}

#[derive(Serialize)]
struct Line<'a> {
    server: Option<Named<'a>>,
    location: Location<'a>,
    /// A URL that leads there; `null` when none does by itself.
    url: Option<String>,
    /// `websocket`, `plain` or `unclear`.
    intent: &'static str,
    upstream: &'a str,
    effective: Effective<'a>,
    /// How a handshake ends; with several ends, the one with the oldest versions of nginx.
    outcome: Option<End<'a>>,
    /// The ends by versions of nginx, when there are several.
    versions: Vec<VersionedEnd<'a>>,
}

#[derive(Serialize)]
struct Location<'a> {
    pattern: &'a str,
    file: &'a str,
    span: Span,
}

#[derive(Serialize)]
struct Effective<'a> {
    proxy_http_version: Setting<'a>,
    upgrade: Setting<'a>,
    connection: Setting<'a>,
    proxy_read_timeout: Setting<'a>,
}

#[derive(Serialize)]
struct Setting<'a> {
    value: Option<&'a str>,
    /// The file of `from`.
    file: Option<&'a str>,
    from: From<'a>,
}

/// A span, or `default`.
#[derive(Serialize)]
#[serde(untagged)]
enum From<'a> {
    Span(Span),
    Default(&'a str),
}

impl<'a> Setting<'a> {
    fn new(sources: &'a Sources, setting: &'a EffectiveSetting) -> Self {
        let (file, from) = match setting.place {
            Some(place) => {
                let (file, span) = locate(sources, place);
                (Some(file), From::Span(span))
            }
            None => (None, From::Default("default")),
        };
        Self { value: setting.value.as_deref(), file, from }
    }
}

pub(super) fn write(listed: &[Listed], out: &mut dyn Write) -> io::Result<()> {
    let routes = listed
        .iter()
        .flat_map(|listed| listed.routes.iter().map(move |route| line(listed, route)))
        .collect();
    serde_json::to_writer_pretty(&mut *out, &Document { version: VERSION, routes })?;
    writeln!(out)
}

fn line<'a>(listed: &'a Listed, route: &'a ListedRoute) -> Line<'a> {
    let sources = listed.sources();
    let configuration = &listed.configuration;
    let server = route.server.and_then(|server| {
        let (file, span) = locate(sources, configuration.head(server)?.place());
        Some(Named { name: server_name(configuration, server), file, span })
    });
    let is_loaded = listed.refusals.is_empty();
    let place = configuration.head(route.level).map_or(route.pass, |head| head.place());
    let (file, span) = locate(sources, place);
    Line {
        server,
        location: Location { pattern: &route.pattern, file, span },
        url: route.url.as_ref().map(ToString::to_string),
        intent: route.intent.name(),
        upstream: &route.upstream,
        effective: Effective {
            proxy_http_version: Setting::new(sources, &route.http_version),
            upgrade: Setting::new(sources, &route.upgrade),
            connection: Setting::new(sources, &route.connection),
            proxy_read_timeout: Setting::new(sources, &route.read_timeout),
        },
        outcome: End::not_loaded(&listed.refusals).or_else(|| route.traces.first().map(End::new)),
        versions: if is_loaded { versions(&route.traces) } else { Vec::new() },
    }
}
