//! `wslint routes`: every proxied location, its WebSocket settings, and how a handshake ends.

mod json;
mod text;

use std::io::{self, IsTerminal};
use std::process::ExitCode;

use wslint_rules::check::check;
use wslint_rules::context::Context;
use wslint_rules::finding::Finding;
use wslint_rules::resolve::Configuration;
use wslint_rules::rules;
use wslint_rules::source::Sources;
use wslint_rules::trace::{Route, Tracer};

use crate::cli::{RoutesOptions, TraceFormat};
use crate::discover::Input;
use crate::trace_command::{keeps_from_loading, name_reasons, read};
use crate::{print, terminal, trouble};

/// The routes of one configuration.
struct Listed {
    configuration: Configuration,
    routes: Vec<Route>,
    /// What keeps nginx from loading the configuration.
    refusals: Vec<Finding>,
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
            let mut routes = tracer.routes(settings.assumptions.nginx_version);
            let findings = check(&configuration, rules::ALL, &settings.assumptions);
            let ends = routes.iter_mut().flat_map(|route| &mut route.traces);
            name_reasons(&tracer, ends, &findings);
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
