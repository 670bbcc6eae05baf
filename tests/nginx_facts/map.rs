//! What a map gives.

use super::{Browser, body, rejection, require_nginx, start, verdict, verdict_at, with_map};

#[test]
fn the_documented_map_switches() {
    require_nginx!();
    let map = "map $http_upgrade $connection_upgrade { default upgrade; '' close; }";
    assert_eq!(verdict(with_map(map)), "switched");
}

#[test]
fn without_a_match_or_default_the_value_is_empty() {
    require_nginx!();
    let map = "map $http_upgrade $connection_upgrade { '' close; }";
    assert_eq!(verdict(with_map(map)), "connection");
    let map = "map $http_upgrade $connection_upgrade { websocket upgrade; }";
    assert_eq!(verdict(with_map(map)), "switched");
}

#[test]
fn the_documented_map_the_wrong_way_round_is_refused() {
    require_nginx!();
    let map = "map $http_upgrade $connection_upgrade { default close; '' upgrade; }";
    assert_eq!(verdict(with_map(map)), "connection");
}

#[test]
fn default_with_a_colon_is_a_key_like_any_other() {
    require_nginx!();
    let map = "map $http_upgrade $connection_upgrade { default: upgrade; '' close; }";
    assert_eq!(verdict(with_map(map)), "connection");
}

#[test]
fn case_matters_to_no_string_key_and_only_to_one_kind_of_regex() {
    require_nginx!();
    let key = |key: &str| {
        let map = "map $http_upgrade $connection_upgrade";
        verdict(with_map(&format!("{map} {{ {key} upgrade; }}")))
    };
    assert_eq!(key("WebSocket"), "switched");
    assert_eq!(key("~WebSocket"), "connection");
    assert_eq!(key("~websocket"), "switched");
    assert_eq!(key("~*WebSocket"), "switched");
}

#[test]
fn regex_keys_never_match_an_empty_source() {
    require_nginx!();
    let value = |key: &str| {
        body(format!(
            "map $http_absent $value {{ default none; {key} matched; }} \
             server {{ return 200 $value; }}"
        ))
    };
    assert_eq!(value("~^$"), "none");
    assert_eq!(value("~.*"), "none");
    assert_eq!(value("''"), "matched");
}

#[test]
fn an_exact_key_on_connection_misses_firefox() {
    require_nginx!();
    let verdicts = |key: &str| {
        let map = "map $http_connection $connection_upgrade";
        let site = start(with_map(&format!("{map} {{ {key} upgrade; default close; }}")));
        Browser::ALL.map(|browser| verdict_at(&site, "/ws", browser))
    };
    assert_eq!(verdicts("upgrade"), ["switched", "connection"]);
    assert_eq!(verdicts("~*upgrade"), ["switched", "switched"]);
}

#[test]
fn an_undeclared_variable_is_an_error_without_a_line() {
    require_nginx!();
    assert_eq!(
        rejection(with_map("")),
        (r#"unknown "connection_upgrade" variable"#.to_owned(), None)
    );
}
