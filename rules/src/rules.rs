//! All rules, one file each. Their order here is the order in which `wslint rules` lists them.

mod cache_without_upgrade_bypass;
mod connection_not_forwarded;
mod connection_value_not_upgrade;
mod directive_arity;
mod directive_context;
mod directive_duplicate;
mod escaped_dollar;
mod expanded_by_shell;
mod handshake_incomplete;
mod hash_not_a_comment;
mod header_name_with_colon;
mod html_entities;
mod http_variable_typo;
mod if_unsupported_directive;
mod include_cycle;
mod include_missing;
mod invalid_value;
mod invisible_characters;
mod map_default_not_upgrade;
mod map_missing_default;
mod map_syntax;
mod map_undefined_variable;
mod map_wrong_context;
mod missing_semicolon;
mod nginx_words;
mod proxy_http_version_1_0;
mod proxy_http_version_2;
mod proxy_pass_ws_scheme;
mod smart_quotes;
mod swallowed_directive;
mod syntax;
mod syntax_error;
mod template_leftover;
mod unbalanced_braces;
mod unknown_directive;
mod upgrade_headers_not_inherited;
mod upgrade_not_forwarded;
mod upgrade_value_wrong;
mod upstream_bad_parameter;
mod upstream_bad_port;
mod upstream_empty;
mod upstream_missing_server_keyword;
mod upstream_undeclared;
mod uri_in_special_location;

use crate::rule::Rule;

/// Every rule, by category and name.
pub static ALL: &[&Rule] = &[
    &connection_not_forwarded::RULE,
    &connection_value_not_upgrade::RULE,
    &handshake_incomplete::RULE,
    &proxy_http_version_1_0::RULE,
    &proxy_http_version_2::RULE,
    &proxy_pass_ws_scheme::RULE,
    &upgrade_not_forwarded::RULE,
    &upgrade_value_wrong::RULE,
    &upgrade_headers_not_inherited::RULE,
    &map_default_not_upgrade::RULE,
    &map_missing_default::RULE,
    &map_syntax::RULE,
    &map_undefined_variable::RULE,
    &map_wrong_context::RULE,
    &if_unsupported_directive::RULE,
    &uri_in_special_location::RULE,
    &upstream_bad_parameter::RULE,
    &upstream_bad_port::RULE,
    &upstream_empty::RULE,
    &upstream_missing_server_keyword::RULE,
    &upstream_undeclared::RULE,
    &cache_without_upgrade_bypass::RULE,
    &unknown_directive::RULE,
    &directive_context::RULE,
    &directive_arity::RULE,
    &directive_duplicate::RULE,
    &invalid_value::RULE,
    &escaped_dollar::RULE,
    &expanded_by_shell::RULE,
    &hash_not_a_comment::RULE,
    &header_name_with_colon::RULE,
    &html_entities::RULE,
    &http_variable_typo::RULE,
    &invisible_characters::RULE,
    &smart_quotes::RULE,
    &swallowed_directive::RULE,
    &template_leftover::RULE,
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
