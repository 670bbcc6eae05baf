//! The map that lets `websocket` through and no other protocol.

use super::upgrade_map::free_name;
use crate::context::Context;
use crate::finding::FileEdit;

/// A map to be written.
pub(crate) struct WebSocketMap {
    /// Its variable, with the dollar sign.
    pub(crate) variable: String,
    /// Its text on one line.
    pub(crate) shown: String,
    /// What writes it; `None` where there is no place for it.
    pub(crate) edit: Option<FileEdit>,
}

/// The map to be written, of a name that is free. Its key is a string, which is compared with all
/// of `Upgrade`, without regard to case.
pub(crate) fn websocket_map(context: &Context<'_>) -> WebSocketMap {
    let name = free_name(context, "upgrade_websocket");
    let head = format!("map $http_upgrade ${name} {{");
    let written = context.upgrade_map().write_lines(|style| {
        let (step, empty) = (&style.step, style.empty);
        vec![
            head.clone(),
            format!("{step}default   {empty};"),
            format!("{step}websocket websocket;"),
            "}".to_owned(),
        ]
    });
    WebSocketMap {
        variable: format!("${name}"),
        shown: format!("{head} default \"\"; websocket websocket; }}"),
        edit: written.map(|(edit, _)| edit),
    }
}
