//! All rules, one file each. Their order here is the order in which `wslint rules` lists them.

mod cache_without_upgrade_bypass;
mod connection_not_forwarded;
mod connection_value_not_upgrade;
mod handshake_incomplete;
mod include_cycle;
mod include_missing;
mod map_default_not_upgrade;
mod map_missing_default;
mod map_syntax;
mod map_undefined_variable;
mod missing_semicolon;
mod proxy_http_version_1_0;
mod proxy_pass_ws_scheme;
mod syntax;
mod syntax_error;
mod unbalanced_braces;
mod upgrade_headers_not_inherited;
mod upgrade_not_forwarded;
mod upgrade_value_wrong;
mod upstream_bad_port;
mod upstream_empty;
mod upstream_missing_server_keyword;
mod upstream_undeclared;

use crate::rule::Rule;

/// Every rule, by category and name.
pub static ALL: &[&Rule] = &[
    &connection_not_forwarded::RULE,
    &connection_value_not_upgrade::RULE,
    &handshake_incomplete::RULE,
    &proxy_http_version_1_0::RULE,
    &proxy_pass_ws_scheme::RULE,
    &upgrade_not_forwarded::RULE,
    &upgrade_value_wrong::RULE,
    &upgrade_headers_not_inherited::RULE,
    &map_default_not_upgrade::RULE,
    &map_missing_default::RULE,
    &map_syntax::RULE,
    &map_undefined_variable::RULE,
    &upstream_bad_port::RULE,
    &upstream_empty::RULE,
    &upstream_missing_server_keyword::RULE,
    &upstream_undeclared::RULE,
    &cache_without_upgrade_bypass::RULE,
    &include_cycle::RULE,
    &include_missing::RULE,
    &missing_semicolon::RULE,
    &syntax_error::RULE,
    &unbalanced_braces::RULE,
];

/// The rule with that name.
pub fn by_name(name: &str) -> Option<&'static Rule> {
    ALL.iter().copied().find(|rule| rule.name == name)
}
