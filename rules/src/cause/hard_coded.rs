//! `Upgrade` and `Connection` that are the same for every request, where pages come too.
//!
//! The value is computed for a plain request: `$http_connection` and the variable of a right map
//! are none of these, and a map that gives `upgrade` always is at fault itself (`map_fault.rs`).

use wslint_grammar::Word;
use wslint_grammar::catalogue::directive as d;
use wslint_model::evaluate::Request;
use wslint_model::handshake::proxied_request::{
    FieldLine, Forwarded, Verdict, has_token, has_upgrade_token, is_handshake_field,
};
use wslint_model::handshake::traffic::{Traffic, is_cached, traffic, tries_files};

use crate::context::Context;

/// The `Upgrade` line that makes handshakes of plain requests.
pub(crate) fn hard_coded_upgrade<'f, 'c>(
    context: &Context<'_>,
    forwarded: &'f Forwarded<'c>,
) -> Option<&'f FieldLine<'c>> {
    let asks = |value: &[u8]| has_token(value, b"websocket");
    hard_coded(context, forwarded, &forwarded.upgrade.lines, asks)
}

/// The `Connection` line that announces an upgrade for plain requests.
pub(crate) fn hard_coded_connection<'f, 'c>(
    context: &Context<'_>,
    forwarded: &'f Forwarded<'c>,
) -> Option<&'f FieldLine<'c>> {
    hard_coded(context, forwarded, &forwarded.connection.lines, has_upgrade_token)
}

/// Whether nothing of the server is for anything but handshakes: it has one `proxy_pass`, and this
/// one sends no field but theirs. An application's pages want to know of `Host` or of the client.
pub(crate) fn is_for_handshakes(context: &Context<'_>, forwarded: &Forwarded<'_>) -> bool {
    /// A server with so many blocks has more to do.
    const FEW: usize = 20;
    let configuration = context.configuration;
    let has_other_field = forwarded.lines().any(|line| {
        let name = line.directive.argument(0).map(Word::value).unwrap_or_default();
        !is_handshake_field(&name)
    });
    let Some(server) = configuration.level(forwarded.level).server else { return false };
    let has_pages =
        is_cached(context, forwarded.level, false) || tries_files(context, forwarded.level);
    let is_small = configuration.level(server).children_count() <= FEW;
    let forwards_more = || {
        configuration.children(server).any(|level| {
            level != forwarded.level
                && configuration.own(level, d::PROXY_PASS).iter().next().is_some()
        })
    };
    !has_other_field && !has_pages && is_small && !forwards_more()
}

fn hard_coded<'f, 'c>(
    context: &Context<'_>,
    forwarded: &Forwarded<'c>,
    lines: &'f [FieldLine<'c>],
    asks: impl Fn(&[u8]) -> bool,
) -> Option<&'f FieldLine<'c>> {
    // Where handshakes fail, that is mended first.
    if forwarded.upgrade_verdict() == Verdict::Fails
        || forwarded.connection_verdict() == Verdict::Fails
    {
        return None;
    }
    let line = lines.iter().find(|line| {
        let text = line.setting.directive.argument(1).map(Word::value).unwrap_or_default();
        let plain = context.evaluate(&text, &Request::PLAIN, forwarded.level);
        !context.reports_damage_of(line)
            && plain.maps.is_empty()
            && plain.value.bytes().is_some_and(&asks)
    })?;
    (traffic(context, forwarded.level) == Traffic::PagesToo).then_some(line)
}
