//! `Upgrade` and `Connection` that are the same for every request, where pages come too.
//!
//! The value is computed for a plain request: `$http_connection` and the variable of a right map
//! are none of these, and a map that gives `upgrade` always is at fault itself (`map_fault.rs`).

use wslint_grammar::Word;

use crate::context::Context;
use crate::evaluate::Request;
use crate::handshake::traffic::{Traffic, traffic};
use crate::handshake::{FieldLine, Forwarded, Verdict, has_token, has_upgrade_token};

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
        let plain = context.variables.evaluate(&text, &Request::PLAIN, forwarded.level);
        !line.is_damaged && plain.maps.is_empty() && plain.value.bytes().is_some_and(&asks)
    })?;
    (traffic(context, forwarded.level) == Traffic::PagesToo).then_some(line)
}
