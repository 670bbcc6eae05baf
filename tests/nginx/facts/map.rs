//! What a map gives.

use wslint_model::assumptions::Assumptions;
use wslint_model::load::{LoadOptions, load_text};
use wslint_model::resolve::Configuration;
use wslint_rules::check::check;
use wslint_rules::finding::Severity;
use wslint_rules::rules;

use super::{
    Browser, Folder, Handshake, PASS, Site, TRIAD, body, on_every_nginx, rejection, start, verdict,
    verdict_at, with_map,
};

#[test]
fn the_documented_map_switches() {
    on_every_nginx!(the_documented_map_switches);
    let map = "map $http_upgrade $connection_upgrade { default upgrade; '' close; }";
    assert_eq!(verdict(with_map(map)), "switched");
}

#[test]
fn without_a_match_or_default_the_value_is_empty() {
    on_every_nginx!(without_a_match_or_default_the_value_is_empty);
    let map = "map $http_upgrade $connection_upgrade { '' close; }";
    assert_eq!(verdict(with_map(map)), "connection");
    let map = "map $http_upgrade $connection_upgrade { websocket upgrade; }";
    assert_eq!(verdict(with_map(map)), "switched");
}

#[test]
fn the_documented_map_the_wrong_way_round_is_refused() {
    on_every_nginx!(the_documented_map_the_wrong_way_round_is_refused);
    let map = "map $http_upgrade $connection_upgrade { default close; '' upgrade; }";
    assert_eq!(verdict(with_map(map)), "connection");
}

#[test]
fn default_with_a_colon_is_a_key_like_any_other() {
    on_every_nginx!(default_with_a_colon_is_a_key_like_any_other);
    let map = "map $http_upgrade $connection_upgrade { default: upgrade; '' close; }";
    assert_eq!(verdict(with_map(map)), "connection");
}

#[test]
fn case_matters_to_no_string_key_and_only_to_one_kind_of_regex() {
    on_every_nginx!(case_matters_to_no_string_key_and_only_to_one_kind_of_regex);
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
    on_every_nginx!(regex_keys_never_match_an_empty_source);
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
    on_every_nginx!(an_exact_key_on_connection_misses_firefox);
    let verdicts = |key: &str| {
        let map = "map $http_connection $connection_upgrade";
        let site = start(with_map(&format!("{map} {{ {key} upgrade; default close; }}")));
        Browser::ALL.map(|browser| verdict_at(&site, "/ws", browser))
    };
    assert_eq!(verdicts("upgrade"), ["switched", "connection"]);
    assert_eq!(verdicts("'keep-alive, Upgrade'"), ["connection", "switched"]);
    assert_eq!(verdicts("~*upgrade"), ["switched", "switched"]);
}

#[test]
fn an_undeclared_variable_is_an_error_without_a_line() {
    on_every_nginx!(an_undeclared_variable_is_an_error_without_a_line);
    assert_eq!(
        rejection(with_map("")),
        (r#"unknown "connection_upgrade" variable"#.to_owned(), None)
    );
}

/// What a map gives, by the one whose variable `Connection` is: its source and lines, then what
/// becomes of a handshake of Chrome, of Firefox and of a client that writes `WebSocket`, then the
/// `Connection` of a plain request, and last what wslint calls it.
type Row = (&'static str, [bool; 3], Option<&'static str>, &'static [&'static str]);

const MAPS: [Row; 26] = [
    ("$http_upgrade $cu { default upgrade; '' close; }", YES, CLOSE, &[]),
    ("$http_upgrade $cu { default upgrade; '' ''; }", YES, None, &[]),
    ("$http_upgrade $cu { default upgrade; }", YES, UPGRADE, &["warning map-empty-key-missing"]),
    ("$http_upgrade $cu { '' close; }", NO, CLOSE, &["error map-missing-default"]),
    (
        "$http_upgrade $cu { default close; '' upgrade; }",
        NO,
        UPGRADE,
        &["error map-default-not-upgrade"],
    ),
    (
        "$http_upgrade $cu { default close; '' close; }",
        NO,
        CLOSE,
        &["error map-default-not-upgrade"],
    ),
    ("$http_upgrade $cu { default close; websocket upgrade; }", YES, CLOSE, &[]),
    ("$http_upgrade $cu { default close; WebSocket upgrade; }", YES, CLOSE, &[]),
    (
        "$http_upgrade $cu { default close; ~WebSocket upgrade; }",
        [false, false, true],
        CLOSE,
        &["error map-case-sensitive-regex"],
    ),
    (
        "$http_upgrade $cu { default close; ~websocket upgrade; }",
        [true, true, false],
        CLOSE,
        &["warning map-case-sensitive-regex"],
    ),
    ("$http_upgrade $cu { default close; ~*websocket upgrade; }", YES, CLOSE, &[]),
    (
        "$http_upgrade $cu { default upgrade; ~^$ close; }",
        YES,
        UPGRADE,
        &["warning map-regex-for-empty"],
    ),
    ("$http_upgrade $cu { ~.* upgrade; }", YES, None, &[]),
    (
        "$http_connection $cu { default close; upgrade upgrade; }",
        [true, false, true],
        CLOSE,
        &["error map-keyed-on-connection-exact"],
    ),
    ("$http_connection $cu { default close; ~*upgrade upgrade; }", YES, CLOSE, &[]),
    ("$http_connection $cu { ~*upgrade $http_connection; default ''; }", YES, None, &[]),
    (
        "$http_upgrade $cu { default: upgrade; '' close; }",
        NO,
        CLOSE,
        &["error map-default-misspelt"],
    ),
    (
        "$http_upgrade $cu { Default upgrade; '' close; }",
        NO,
        CLOSE,
        &["error map-default-misspelt"],
    ),
    (
        "$http_upgrade $cu { \\default upgrade; '' close; }",
        NO,
        CLOSE,
        &["error map-default-misspelt"],
    ),
    ("$http_upgrade $cu { \"default\" upgrade; '' close; }", YES, CLOSE, &[]),
    (
        "http_upgrade $cu { default upgrade; '' close; }",
        YES,
        UPGRADE,
        &["warning map-source-literal"],
    ),
    (
        "http_upgrade $cu { default close; websocket upgrade; }",
        NO,
        CLOSE,
        &["error map-source-literal"],
    ),
    ("$http_upgrad $cu { default upgrade; '' close; }", NO, CLOSE, &["error map-source-typo"]),
    ("$http_upgrade $cu { default websocket; '' close; }", NO, CLOSE, &["error map-value-wrong"]),
    (
        "$http_upgrade $cu { default $http_upgrade; '' close; }",
        NO,
        CLOSE,
        &["error map-value-wrong"],
    ),
    ("\"${http_upgrade}\" $CU { volatile; default upgrade; '' close; }", YES, CLOSE, &[]),
];

const YES: [bool; 3] = [true; 3];
const NO: [bool; 3] = [false; 3];
const CLOSE: Option<&str> = Some("close");
const UPGRADE: Option<&str> = Some("upgrade");

fn with_row(map: &str) -> String {
    format!(
        "map {map} server {{ location / {{ {PASS} proxy_http_version 1.1; \
         proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $cu; }} }}"
    )
}

#[test]
fn every_map_gives_what_is_said_of_it() {
    on_every_nginx!(every_map_gives_what_is_said_of_it);
    for (map, switches, plain, _) in MAPS {
        let site = start(with_row(map));
        let handshake = |browser, protocol: &str| {
            let mut handshake = Handshake::new("example.com", "/", browser);
            protocol.clone_into(&mut handshake.protocol);
            site.handshake(handshake).switched
        };
        let seen = [
            handshake(Browser::Chrome, "websocket"),
            handshake(Browser::Firefox, "websocket"),
            handshake(Browser::Chrome, "WebSocket"),
        ];
        assert_eq!(seen, switches, "{map}");
        assert_eq!(plain_connection(&site, "/").as_deref(), plain, "{map}");
    }
}

/// What the backend reads in `Connection` for a plain request.
fn plain_connection(site: &Site, uri: &str) -> Option<String> {
    let marker = site.backend.marker();
    site.get("example.com", uri).expect("a response");
    site.backend.since(marker).pop().expect("a request upstream").header("Connection")
}

/// The rules that find something, with how much it matters.
fn found(text: &str) -> Vec<String> {
    let text = text.as_bytes().to_vec();
    let loaded = load_text("site.conf".to_owned(), None, text, &LoadOptions::default());
    let findings = check(&Configuration::resolve(loaded), rules::ALL, &Assumptions::default());
    let shown = findings.iter().filter(|finding| finding.severity > Severity::Info);
    shown.map(|finding| format!("{} {}", finding.severity, finding.rule.name)).collect()
}

#[test]
fn wslint_says_of_every_map_what_is_wrong() {
    for (map, _, _, rules) in MAPS {
        assert_eq!(found(&with_row(map)), rules, "{map}");
    }
}

/// On a path of their own, WebSockets do not mind what plain requests would get.
#[test]
fn what_plain_requests_get_is_nobody_s_business_where_none_come() {
    for (map, _, _, rules) in MAPS {
        let alone = with_row(map).replace("location / ", "location /ws/ ");
        let expected: Vec<&str> =
            rules.iter().copied().filter(|rule| !rule.contains("empty-key")).collect();
        assert_eq!(found(&alone), expected, "{map}");
    }
}

#[test]
fn of_several_maps_the_last_one_counts() {
    on_every_nginx!(of_several_maps_the_last_one_counts);
    let right = "map $http_upgrade $connection_upgrade { default upgrade; '' close; }";
    let wrong = "map $http_upgrade $connection_upgrade { default close; }";
    assert_eq!(verdict(with_map(&format!("{wrong} {right}"))), "switched");
    assert_eq!(verdict(with_map(&format!("{right} {wrong}"))), "connection");
}

/// The order of the files decides, not that of their names in the text.
#[test]
fn of_maps_in_several_files_the_one_read_last_counts() {
    on_every_nginx!(of_maps_in_several_files_the_one_read_last_counts);
    let site = with_map("").replace("proxy_pass", "\n proxy_pass");
    let folder = |first: &str, second: &str| {
        let map = |value: &str| {
            format!("map $http_upgrade $connection_upgrade {{ default {value}; '' ''; }}")
        };
        Folder::new("events {} http { include conf.d/*.conf; }")
            .with("conf.d/z.conf", &map(second))
            .with("conf.d/a.conf", &map(first))
            .with("conf.d/m.conf", &site)
    };
    assert_eq!(verdict(folder("close", "upgrade")), "switched");
    assert_eq!(verdict(folder("upgrade", "close")), "connection");
}

#[test]
fn set_takes_the_place_of_a_map() {
    on_every_nginx!(set_takes_the_place_of_a_map);
    let map = "map $http_upgrade $connection_upgrade { default upgrade; '' close; }";
    let set = |value: &str| {
        verdict(with_map(map).replace(PASS, &format!("set $connection_upgrade {value}; {PASS}")))
    };
    assert_eq!(set("close"), "connection");
    assert_eq!(set("Upgrade"), "switched");
}

#[test]
fn a_variable_that_another_server_sets_is_empty() {
    on_every_nginx!(a_variable_that_another_server_sets_is_empty);
    let servers = |set: &str| {
        format!(
            "{} server {{ server_name other; set $connection_upgrade upgrade; }}",
            with_map("").replace("server {", &format!("server {{ server_name example.com; {set}"))
        )
    };
    assert_eq!(verdict(servers("")), "connection");
    assert_eq!(verdict(servers("set $connection_upgrade upgrade;")), "switched");
}

#[test]
fn a_named_location_keeps_what_was_set_before() {
    on_every_nginx!(a_named_location_keeps_what_was_set_before);
    let config = format!(
        "server {{ location / {{ set $asks upgrade; try_files /nowhere @backend; }} \
         location @backend {{ {PASS} {} }} }}",
        TRIAD.replace("Connection upgrade", "Connection $asks")
    );
    assert_eq!(verdict(config), "switched");
}

#[test]
fn a_regex_key_empties_what_the_location_captured() {
    on_every_nginx!(a_regex_key_empties_what_the_location_captured);
    let room = |key: &str, directives: &str| {
        let site = start(format!(
            "map $http_upgrade $cu {{ default ''; {key} upgrade; }} \
             server {{ location ~ ^/(?<name>w(s)) {{ {directives} \
             proxy_http_version 1.1; proxy_set_header X-Room $1; proxy_set_header X-Name $name; \
             proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $cu; }} }}"
        ));
        let seen = site.handshake(Handshake::new("example.com", "/ws", Browser::Chrome));
        let request = seen.upstream.expect("a request upstream");
        (request.header("X-Room"), request.header("X-Name"), request.target().to_owned())
    };
    let ws = || Some("ws".to_owned());
    let address = "proxy_pass http://127.0.0.1:3000/at/$1;";
    let early = format!("if ($cu) {{ set $live yes; }} {address}");
    assert_eq!(room("websocket", address), (ws(), ws(), "/at/ws".to_owned()));
    // The address is computed first.
    assert_eq!(room("~*^websocket$", address), (None, ws(), "/at/ws".to_owned()));
    assert_eq!(room("websocket", &early), (ws(), ws(), "/at/ws".to_owned()));
    assert_eq!(room("~*^websocket$", &early), (None, ws(), "/at/".to_owned()));
}
