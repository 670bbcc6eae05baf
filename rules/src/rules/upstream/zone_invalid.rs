//! A `zone` of upstreams that no line gives a size, or too small a one.

use rustc_hash::{FxHashMap, FxHashSet};
use wslint_grammar::catalogue::directive as d;
use wslint_grammar::{Edit, Fix};
use wslint_model::declarations::zones::{Mention, Use};
use wslint_model::resolve::Setting;
use wslint_model::source::Place;
use wslint_model::text::value::Refused;
use wslint_model::validate::ProblemKind;

use crate::cause::refused_value::too_small;
use crate::context::Context;
use crate::finding::Finding;
use crate::rules::ZONE_INVALID as RULE;

pub(super) fn check(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let zones = context.zones();
    let mut servers = None;
    let mut refused_sizes = FxHashSet::default();
    for problem in context.problems() {
        let setting = context.configuration.setting(problem.reference);
        if setting.directive.id() != Some(d::ZONE) || !matches!(problem.kind, ProblemKind::Value(_))
        {
            continue;
        }
        let Some(name) = setting.value(0) else { continue };
        if let Some(refused) = too_small(problem, setting)
            && !context.has_syntax_error_in(setting.place())
        {
            findings.push(small_size(context, setting, refused, &name, &mut servers));
        }
        refused_sizes.insert(name.into_owned());
    }
    for name in &zones.names {
        // Where a size is refused, that is all that is wrong.
        if !refused_sizes.contains(name)
            && let Some(setting) = without_size(context, zones.mentions(name))
        {
            findings.push(no_size(context, setting, name, &mut servers));
        }
    }
}

/// The first line for a zone whose size no line says.
fn without_size<'c>(context: &Context<'c>, mentions: &[Mention]) -> Option<Setting<'c>> {
    let [first, ..] = mentions else { return None };
    if !matches!(first.purpose, Use::Upstream | Use::StreamUpstream)
        || mentions.iter().any(|it| it.size.is_some() || it.purpose != first.purpose)
        || !context.sees_everything()
    {
        return None;
    }
    Some(context.configuration.setting(first.reference))
}

fn no_size(
    context: &Context<'_>,
    setting: Setting<'_>,
    name: &[u8],
    servers: &mut Option<Servers>,
) -> Finding {
    let size = enough(context, name, servers);
    let name = String::from_utf8_lossy(name);
    let message = format!("zero size shared memory zone \"{name}\"");
    let finding =
        Finding::new(&RULE, setting.place(), message).at_place("has no size").help(format!(
            "write `zone {name} {size};`; of upstreams that share a zone one has to say the size"
        ));
    match setting.directive.argument(0) {
        Some(word) => {
            let edit = Edit::insert(word.span().end, format!(" {size}"));
            finding.fix(Fix::safe(format!("write `{size}` for the size"), vec![edit]))
        }
        None => finding,
    }
}

fn small_size(
    context: &Context<'_>,
    setting: Setting<'_>,
    refused: &Refused,
    name: &[u8],
    servers: &mut Option<Servers>,
) -> Finding {
    let size = enough(context, name, servers);
    let place: Place = refused.place(setting);
    Finding::new(&RULE, place, refused.message.clone())
        .at_place("refused")
        .help(format!("write `{size}`, or at least eight pages of memory"))
        .fix(Fix::safe(format!("write `{size}`"), vec![Edit::replace(place.span, size.clone())]))
}

/// How many servers the upstreams of each zone have.
type Servers = FxHashMap<Vec<u8>, usize>;

/// A size that is enough for the servers of a zone. 64k is for some fifty of them; names may have
/// several addresses, each of which is a server.
fn enough(context: &Context<'_>, name: &[u8], servers: &mut Option<Servers>) -> String {
    const KILOBYTES_EACH: usize = 2;
    let servers = servers.get_or_insert_with(|| {
        let mut servers = Servers::default();
        for (level, zone) in context.configuration.everywhere(d::ZONE) {
            let Some(word) = zone.directive.argument(0) else { continue };
            let count = context.configuration.own(level, d::SERVER).iter().count();
            *servers.entry(word.value().into_owned()).or_default() += count;
        }
        servers
    });
    let count = servers.get(name).copied().unwrap_or_default();
    let kilobytes = (count * KILOBYTES_EACH).next_power_of_two().max(64);
    if kilobytes < 1024 { format!("{kilobytes}k") } else { format!("{}m", kilobytes / 1024) }
}
