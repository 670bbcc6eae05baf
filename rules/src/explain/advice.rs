//! What to change so that a handshake gets through.

use wslint_model::handshake::Trace;

use crate::context::Context;
use crate::fix_writing::connection_advice;
use crate::suggest::{HTTP_VERSION_LINE, UPGRADE_LINE};

/// What to change, in the terms of the configuration at hand, about what these rules have found.
pub fn advice(context: &Context<'_>, trace: &Trace, rules: &[&str]) -> Vec<String> {
    let level = trace.location.or(trace.server);
    let advice = |rule: &&str| {
        Some(match *rule {
            "proxy-http-version-1-0" | "proxy-http-version-2" => {
                format!("set `{HTTP_VERSION_LINE}`")
            }
            "upgrade-not-forwarded" | "upgrade-value-wrong" => format!("set `{UPGRADE_LINE}`"),
            "connection-not-forwarded" | "connection-value-not-upgrade" => {
                let right = connection_advice(context, level?);
                right.and_map(&format!("set `{}`", right.line()))
            }
            "cache-without-upgrade-bypass" => "let handshakes pass by the cache: \
                `proxy_cache_bypass $http_upgrade; proxy_no_cache $http_upgrade;`"
                .to_owned(),
            "error-page-overrides-101" => {
                "write `=` behind the code of `error_page`, so that the backend's status counts"
                    .to_owned()
            }
            "upgrade-response-header-hidden" => "take the `proxy_hide_header` away".to_owned(),
            "proxy-method-override" => "take the `proxy_method` away".to_owned(),
            "sec-websocket-header-overridden" => {
                "let the client's Sec-WebSocket-* fields through".to_owned()
            }
            "request-headers-not-passed" => "set `proxy_pass_request_headers on;`".to_owned(),
            "limit-except-without-get" => "add `GET` to `limit_except`".to_owned(),
            "variable-upstream-without-resolver" => {
                "name a `resolver`, or declare the host as an `upstream`".to_owned()
            }
            "upgrade-leaks-into-auth-request" | "upgrade-leaks-into-mirror" => {
                "clear the header for the sub-request: `proxy_set_header Upgrade \"\";`".to_owned()
            }
            "upstream-all-down" => "delete `down` from a server of the upstream".to_owned(),
            "handler-cannot-upgrade" => "use `proxy_pass` for this location".to_owned(),
            _ => return None,
        })
    };
    rules.iter().filter_map(advice).collect()
}
