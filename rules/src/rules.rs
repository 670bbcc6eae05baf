//! All rules, one file each. Their order here is the order in which `wslint rules` lists them.

mod add_header_used_for_upgrade;
mod backend_scheme_mismatch;
mod balancer_parameter_conflict;
mod balancer_redefined;
mod cache_lock_delays_handshake;
mod cache_stores_failed_handshake;
mod cache_without_upgrade_bypass;
mod comment_not_understood;
mod connect_timeout_cargo;
mod connection_not_forwarded;
mod connection_passthrough;
mod connection_upgrade_hardcoded;
mod connection_value_not_upgrade;
mod csp_connect_src_blocks_ws;
mod directive_arity;
mod directive_context;
mod directive_duplicate;
mod dns_resolved_once;
mod duplicate_connection_header;
mod duplicate_host_header;
mod duplicate_upgrade_header;
mod error_page_overrides_101;
mod escaped_dollar;
mod events_missing;
mod expanded_by_shell;
mod forwarded_proto_missing;
mod h2c_upgrade_smuggling;
mod handler_cannot_upgrade;
mod handshake_incomplete;
mod hash_not_a_comment;
mod header_name_with_colon;
mod host_origin_mismatch;
mod html_entities;
mod http_variable_typo;
mod https_to_default_port_80;
mod huge_proxy_buffer_size;
mod if_case_sensitive_upgrade_test;
mod if_unsupported_directive;
mod include_cycle;
mod include_missing;
mod internal_ws_location;
mod invalid_scalar_value;
mod invalid_value;
mod invisible_characters;
mod ip_hash_behind_proxy;
mod keepalive_before_balancer;
mod keepalive_ineffective;
mod limit_conn_on_ws;
mod limit_except_without_get;
mod limit_rate_on_ws;
mod limit_req_on_ws;
mod listen_duplicate;
mod localhost_dual_stack;
mod location_duplicate;
mod location_nesting;
mod location_shadowed;
mod log_format_duplicate;
mod log_format_undeclared;
mod map_case_sensitive_regex;
mod map_default_misspelt;
mod map_default_not_upgrade;
mod map_empty_close_vs_keepalive;
mod map_empty_key_missing;
mod map_keyed_on_connection_exact;
mod map_missing_default;
mod map_redefined;
mod map_regex_clobbers_captures;
mod map_regex_for_empty;
mod map_shadowed_by_set;
mod map_source_literal;
mod map_source_typo;
mod map_syntax;
mod map_undefined_variable;
mod map_value_wrong;
mod map_wrong_context;
mod max_conns_too_low_for_ws;
mod missing_semicolon;
mod nested_location_without_handler;
mod nginx_words;
mod origin_header_rewritten;
mod proxy_http_version_1_0;
mod proxy_http_version_2;
mod proxy_method_override;
mod proxy_pass_uri_mismatch;
mod proxy_pass_variable_uri;
mod proxy_pass_ws_scheme;
mod proxy_ssl_name_is_group;
mod proxy_ssl_not_verified;
mod proxy_ssl_server_name_off;
mod read_timeout_default;
mod read_timeout_short;
mod read_timeout_zero;
mod redirect_on_handshake;
mod referer_check_on_ws;
mod request_headers_not_passed;
mod resolve_needs_zone;
mod rewrites;
mod sec_websocket_header_overridden;
mod server_incomplete;
mod set_variable_uninitialised;
mod smart_quotes;
mod socketio_prefix_stripped;
mod spa_fallback_swallows_ws;
mod ssl_certificate_missing;
mod sticky_missing_for_polling;
mod stream_proxy_timeout;
mod swallowed_directive;
mod syntax;
mod syntax_error;
mod tcp_nodelay_off;
mod template_leftover;
mod timeout_value_invalid;
mod trailing_slash_redirect;
mod unbalanced_braces;
mod unknown_directive;
mod unused_ignore;
mod upgrade_hardcoded;
mod upgrade_headers_not_inherited;
mod upgrade_leaks_into_auth_request;
mod upgrade_leaks_into_mirror;
mod upgrade_not_forwarded;
mod upgrade_response_header_hidden;
mod upgrade_value_wrong;
mod upstream_all_down;
mod upstream_bad_parameter;
mod upstream_bad_port;
mod upstream_duplicate;
mod upstream_empty;
mod upstream_missing_server_keyword;
mod upstream_name_as_host;
mod upstream_name_malformed;
mod upstream_only_backup;
mod upstream_path_in_server;
mod upstream_port_on_group;
mod upstream_scheme_in_server;
mod upstream_undeclared;
mod upstream_unix_without_prefix;
mod uri_in_special_location;
mod variable_duplicate;
mod variable_upstream_without_resolver;
mod worker_connections_not_enough;
mod worker_connections_too_low;
mod worker_shutdown_timeout;
mod zone_conflict;
mod zone_invalid;
mod zone_undeclared;

use crate::rule::Rule;

/// Every rule, by category and name.
pub static ALL: &[&Rule] = &[
    &add_header_used_for_upgrade::RULE,
    &connection_not_forwarded::RULE,
    &connection_upgrade_hardcoded::RULE,
    &connection_value_not_upgrade::RULE,
    &duplicate_connection_header::RULE,
    &duplicate_host_header::RULE,
    &duplicate_upgrade_header::RULE,
    &handler_cannot_upgrade::RULE,
    &handshake_incomplete::RULE,
    &proxy_http_version_1_0::RULE,
    &proxy_http_version_2::RULE,
    &proxy_method_override::RULE,
    &proxy_pass_ws_scheme::RULE,
    &request_headers_not_passed::RULE,
    &sec_websocket_header_overridden::RULE,
    &upgrade_hardcoded::RULE,
    &upgrade_not_forwarded::RULE,
    &upgrade_response_header_hidden::RULE,
    &upgrade_value_wrong::RULE,
    &nested_location_without_handler::RULE,
    &upgrade_headers_not_inherited::RULE,
    &map_case_sensitive_regex::RULE,
    &map_default_misspelt::RULE,
    &upgrade_leaks_into_auth_request::RULE,
    &upgrade_leaks_into_mirror::RULE,
    &map_default_not_upgrade::RULE,
    &map_empty_close_vs_keepalive::RULE,
    &map_empty_key_missing::RULE,
    &map_keyed_on_connection_exact::RULE,
    &map_missing_default::RULE,
    &map_redefined::RULE,
    &map_regex_clobbers_captures::RULE,
    &map_regex_for_empty::RULE,
    &map_shadowed_by_set::RULE,
    &map_source_literal::RULE,
    &map_source_typo::RULE,
    &map_syntax::RULE,
    &map_undefined_variable::RULE,
    &map_value_wrong::RULE,
    &map_wrong_context::RULE,
    &set_variable_uninitialised::RULE,
    &variable_duplicate::RULE,
    &error_page_overrides_101::RULE,
    &if_case_sensitive_upgrade_test::RULE,
    &if_unsupported_directive::RULE,
    &internal_ws_location::RULE,
    &limit_except_without_get::RULE,
    &listen_duplicate::RULE,
    &location_duplicate::RULE,
    &location_nesting::RULE,
    &location_shadowed::RULE,
    &proxy_pass_uri_mismatch::RULE,
    &proxy_pass_variable_uri::RULE,
    &redirect_on_handshake::RULE,
    &referer_check_on_ws::RULE,
    &server_incomplete::RULE,
    &socketio_prefix_stripped::RULE,
    &spa_fallback_swallows_ws::RULE,
    &trailing_slash_redirect::RULE,
    &uri_in_special_location::RULE,
    &variable_upstream_without_resolver::RULE,
    &backend_scheme_mismatch::RULE,
    &balancer_parameter_conflict::RULE,
    &balancer_redefined::RULE,
    &dns_resolved_once::RULE,
    &https_to_default_port_80::RULE,
    &ip_hash_behind_proxy::RULE,
    &keepalive_before_balancer::RULE,
    &keepalive_ineffective::RULE,
    &localhost_dual_stack::RULE,
    &max_conns_too_low_for_ws::RULE,
    &resolve_needs_zone::RULE,
    &sticky_missing_for_polling::RULE,
    &upstream_all_down::RULE,
    &upstream_bad_parameter::RULE,
    &upstream_bad_port::RULE,
    &upstream_duplicate::RULE,
    &upstream_empty::RULE,
    &upstream_missing_server_keyword::RULE,
    &upstream_name_as_host::RULE,
    &upstream_name_malformed::RULE,
    &upstream_only_backup::RULE,
    &upstream_path_in_server::RULE,
    &upstream_port_on_group::RULE,
    &upstream_scheme_in_server::RULE,
    &upstream_undeclared::RULE,
    &upstream_unix_without_prefix::RULE,
    &zone_invalid::RULE,
    &cache_lock_delays_handshake::RULE,
    &cache_stores_failed_handshake::RULE,
    &cache_without_upgrade_bypass::RULE,
    &connect_timeout_cargo::RULE,
    &events_missing::RULE,
    &huge_proxy_buffer_size::RULE,
    &limit_conn_on_ws::RULE,
    &limit_rate_on_ws::RULE,
    &limit_req_on_ws::RULE,
    &read_timeout_default::RULE,
    &read_timeout_short::RULE,
    &read_timeout_zero::RULE,
    &stream_proxy_timeout::RULE,
    &tcp_nodelay_off::RULE,
    &timeout_value_invalid::RULE,
    &worker_connections_not_enough::RULE,
    &worker_connections_too_low::RULE,
    &worker_shutdown_timeout::RULE,
    &zone_conflict::RULE,
    &zone_undeclared::RULE,
    &proxy_ssl_name_is_group::RULE,
    &proxy_ssl_not_verified::RULE,
    &proxy_ssl_server_name_off::RULE,
    &ssl_certificate_missing::RULE,
    &connection_passthrough::RULE,
    &csp_connect_src_blocks_ws::RULE,
    &forwarded_proto_missing::RULE,
    &h2c_upgrade_smuggling::RULE,
    &host_origin_mismatch::RULE,
    &origin_header_rewritten::RULE,
    &unknown_directive::RULE,
    &directive_context::RULE,
    &directive_arity::RULE,
    &directive_duplicate::RULE,
    &invalid_scalar_value::RULE,
    &invalid_value::RULE,
    &log_format_duplicate::RULE,
    &log_format_undeclared::RULE,
    &comment_not_understood::RULE,
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
    &unused_ignore::RULE,
    &include_cycle::RULE,
    &include_missing::RULE,
    &missing_semicolon::RULE,
    &syntax_error::RULE,
    &unbalanced_braces::RULE,
];

/// The rule about comments that silence nothing.
pub(crate) static UNUSED_IGNORE: &Rule = &unused_ignore::RULE;

/// The rule with that name.
pub fn by_name(name: &str) -> Option<&'static Rule> {
    ALL.iter().copied().find(|rule| rule.name == name)
}
