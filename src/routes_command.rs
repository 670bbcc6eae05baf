//! `wslint routes`: every proxied location, its WebSocket settings, and how a handshake ends.

mod json;
mod text;

use std::io::{self, IsTerminal};
use std::process::ExitCode;

use wslint_model::handshake::{Route, Tracer};
use wslint_model::resolve::Configuration;
use wslint_model::source::Sources;
use wslint_rules::check::check;
use wslint_rules::context::Context;
use wslint_rules::finding::Finding;
use wslint_rules::rules;

use crate::cli::{RoutesOptions, TraceFormat};
use crate::discover::Input;
use crate::trace_command::{Explained, explained, keeps_from_loading, read};
use crate::{print, terminal, trouble};

/// The routes of one configuration.
struct Listed {
    configuration: Configuration,
    routes: Vec<ListedRoute>,
    /// What keeps nginx from loading the configuration.
    refusals: Vec<Finding>,
}

/// A route, with the rules that explain how handshakes end there.
struct ListedRoute {
    route: Route,
    traces: Vec<Explained>,
}

impl std::ops::Deref for ListedRoute {
    type Target = Route;

    fn deref(&self) -> &Route {
        &self.route
    }
}

impl Listed {
    fn sources(&self) -> &Sources {
        &self.configuration.loaded.sources
    }
}

pub(crate) fn run(options: &RoutesOptions) -> ExitCode {
    let Some(configurations) = read(options.path.as_deref(), &options.common) else {
        return trouble();
    };
    let listed: Vec<Listed> = configurations
        .into_iter()
        .map(|Input { loaded, settings }| {
            let configuration = Configuration::resolve(loaded);
            let context = Context::new(&configuration, &settings.assumptions);
            let tracer = Tracer::new(&context);
            let found = tracer.routes(settings.assumptions.nginx_version);
            let findings = check(&configuration, rules::ALL, &settings.assumptions);
            let with_findings = |mut route: Route| {
                let by_version = std::mem::take(&mut route.traces);
                ListedRoute { traces: explained(&configuration, by_version, &findings), route }
            };
            let routes = found.into_iter().map(with_findings).collect();
            drop(context);
            let refusals = findings.into_iter().filter(keeps_from_loading).collect();
            Listed { configuration, routes, refusals }
        })
        .collect();
    print(|out| match options.format {
        TraceFormat::Json => json::write(&listed, out),
        TraceFormat::Text => {
            let color = terminal::use_color(options.common.color, io::stdout().is_terminal());
            text::write(&listed, color, terminal::width(), out)
        }
    })
}
