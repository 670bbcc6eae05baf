//! Where a handshake goes, and with which URI.

use super::{Browser, Handshake, PASS, Site, TRIAD, on_every_nginx, start, verdict_at};

/// A server with these directives.
fn server(directives: &str) -> Site {
    start(format!("server {{ {directives} }}"))
}

/// A location with the triad and these directives.
fn location(pattern: &str, directives: &str) -> String {
    format!("location {pattern} {{ {TRIAD} {directives} }}")
}

/// The request target that the backend gets.
fn sent(site: &Site, uri: &str) -> String {
    let seen = site.handshake(Handshake::new("example.com", uri, Browser::Chrome));
    seen.upstream.expect("a request to the backend").target().to_owned()
}

fn chrome(site: &Site, uri: &str) -> String {
    verdict_at(site, uri, Browser::Chrome)
}

#[test]
fn the_uri_of_proxy_pass_replaces_the_name_character_by_character() {
    on_every_nginx!(the_uri_of_proxy_pass_replaces_the_name_character_by_character);
    for (pattern, uri, asked, expected) in [
        ("/ws", "", "/ws/room", "/ws/room"),
        ("/ws", "/", "/ws", "/"),
        ("/ws", "/", "/ws/room", "//room"),
        ("/ws/", "/", "/ws/room", "/room"),
        ("/ws", "/ws/", "/ws/room", "/ws//room"),
        ("/ws/", "/ws", "/ws/room", "/wsroom"),
        ("/ws", "?a=1", "/ws", "?a=1"),
        ("= /ws", "/x", "/ws", "/x"),
        ("/", "/", "/ws", "/ws"),
        ("/socket.io/", "/", "/socket.io/?EIO=4", "/?EIO=4"),
    ] {
        let pass = format!("proxy_pass http://127.0.0.1:3000{uri};");
        let site = server(&location(pattern, &pass));
        assert_eq!(sent(&site, asked), expected, "{pattern} {uri}");
    }
}

#[test]
fn after_a_rewrite_with_break_the_uri_of_proxy_pass_replaces_nothing() {
    on_every_nginx!(after_a_rewrite_with_break_the_uri_of_proxy_pass_replaces_nothing);
    let steps = "rewrite ^/ws/(.*) /$1 break; proxy_pass http://127.0.0.1:3000/;";
    assert_eq!(sent(&server(&location("/ws", steps)), "/ws/room"), "/room");
}

/// What `proxy_pass` with a URI would do, without a lost slash or a doubled one.
#[test]
fn a_rewrite_with_break_takes_the_name_of_a_location_away() {
    on_every_nginx!(a_rewrite_with_break_takes_the_name_of_a_location_away);
    for (pattern, rewrite, asked, expected) in [
        ("/ws", "^/ws/?(.*)$ /$1", "/ws", "/"),
        ("/ws", "^/ws/?(.*)$ /$1", "/ws/room?a=1", "/room?a=1"),
        ("/ws/", "^/ws/(.*)$ /chat/$1", "/ws/room", "/chat/room"),
        ("~* ^/WS/", "(?i)^/WS/(.*)$ /chat/$1", "/ws/room", "/chat/room"),
    ] {
        let steps = format!("rewrite {rewrite} break; proxy_pass http://127.0.0.1:3000;");
        assert_eq!(sent(&server(&location(pattern, &steps)), asked), expected, "{pattern}");
    }
}

#[test]
fn beside_a_variable_the_uri_of_proxy_pass_is_the_whole_one() {
    on_every_nginx!(beside_a_variable_the_uri_of_proxy_pass_is_the_whole_one);
    for (pattern, uri, expected) in [
        ("/ws", "", "/ws/room?token=1"),
        ("/ws", "/fixed", "/fixed"),
        ("/ws", "$uri", "/ws/room"),
        ("/ws", "$request_uri", "/ws/room?token=1"),
        ("/ws", "/fixed$is_args$args", "/fixed?token=1"),
        ("~ ^/ws/(.*)$", "/$1", "/room"),
    ] {
        let pass = format!("set $b 127.0.0.1:3000; proxy_pass http://$b{uri};");
        let site = server(&location(pattern, &pass));
        assert_eq!(sent(&site, "/ws/room?token=1"), expected, "{pattern} {uri}");
    }
}

#[test]
fn a_name_with_a_slash_at_its_end_redirects_those_who_leave_it_out() {
    on_every_nginx!(a_name_with_a_slash_at_its_end_redirects_those_who_leave_it_out);
    let with_slash = location("/ws/", PASS);
    let site = server(&with_slash);
    assert_eq!(chrome(&site, "/ws"), "301");
    assert_eq!(chrome(&site, "/ws/"), "switched");
    let site = server(&format!("{with_slash} {}", location("= /ws", PASS)));
    assert_eq!(chrome(&site, "/ws"), "switched");
    // Where the backend is does not matter, but the kind of the name does.
    let by_variable = "set $b 127.0.0.1:3000; proxy_pass http://$b;";
    assert_eq!(chrome(&server(&location("/ws/", by_variable)), "/ws"), "301");
    assert_eq!(chrome(&server(&location("~ ^/ws/", PASS)), "/ws"), "404");
    // Only a location that hands requests to a backend does so.
    assert_eq!(chrome(&server("location /ws/ { return 204; }"), "/ws"), "404");
}

#[test]
fn locations_inherit_no_handler_but_their_ifs_do() {
    on_every_nginx!(locations_inherit_no_handler_but_their_ifs_do);
    let outer = |inner: &str| server(&location("/", &format!("{PASS} {inner}")));
    let site = outer("location /ws { proxy_read_timeout 1h; } location ~ x$ { }");
    assert_eq!(chrome(&site, "/ws"), "404");
    assert_eq!(chrome(&site, "/x"), "404");
    assert_eq!(chrome(&site, "/"), "switched");
    assert_eq!(chrome(&outer("limit_except GET { deny all; }"), "/ws"), "switched");
}

#[test]
fn an_if_compares_with_regard_to_case_unless_told_otherwise() {
    on_every_nginx!(an_if_compares_with_regard_to_case_unless_told_otherwise);
    let asks = |condition: &str| {
        let refuse = format!("if ($http_upgrade {condition}) {{ return 418; }}");
        chrome(&server(&location("/", &format!("{refuse} {PASS}"))), "/ws")
    };
    assert_eq!(asks("= websocket"), "418");
    assert_eq!(asks("= WebSocket"), "switched");
    assert_eq!(asks("~ WebSocket"), "switched");
    assert_eq!(asks("~* WebSocket"), "418");
    assert_eq!(asks("!~* WebSocket"), "switched");
}

#[test]
fn a_pattern_in_an_if_takes_the_place_of_captures_and_a_comparison_does_not() {
    on_every_nginx!(a_pattern_in_an_if_takes_the_place_of_captures_and_a_comparison_does_not);
    let target = |condition: &str| {
        let steps = format!(
            "if ($http_upgrade {condition}) {{ set $seen 1; }} set $b 127.0.0.1:3000; \
             proxy_pass http://$b/got$1;"
        );
        sent(&server(&location("~ ^/ws/(.*)$", &steps)), "/ws/room")
    };
    assert_eq!(target("= websocket"), "/gotroom");
    assert_eq!(target("~* websocket"), "/got");
}

#[test]
fn a_request_without_referer_is_valid_only_where_none_is_listed() {
    on_every_nginx!(a_request_without_referer_is_valid_only_where_none_is_listed);
    let checked = |names: &str| {
        let check = format!("valid_referers {names}; if ($invalid_referer) {{ return 403; }}");
        chrome(&server(&location("/", &format!("{check} {PASS}"))), "/ws")
    };
    assert_eq!(checked("server_names"), "403");
    assert_eq!(checked("blocked server_names"), "403");
    assert_eq!(checked("none server_names"), "switched");
}

#[test]
fn a_regular_expression_wins_over_a_path_that_does_not_keep_it_out() {
    on_every_nginx!(a_regular_expression_wins_over_a_path_that_does_not_keep_it_out);
    let regex = "location ~ ^/w { return 403; }";
    for (pattern, expected) in
        [("/ws", "403"), ("/ws/", "403"), ("^~ /ws", "switched"), ("= /ws", "switched")]
    {
        let site = server(&format!("{} {regex}", location(pattern, PASS)));
        let uri = if pattern == "/ws/" { "/ws/" } else { "/ws" };
        assert_eq!(chrome(&site, uri), expected, "{pattern}");
    }
    // Of several, the first one counts.
    let chat = location("~ ^/ws/chat", PASS);
    assert_eq!(chrome(&server(&format!("{regex} {chat}")), "/ws/chat"), "403");
    assert_eq!(chrome(&server(&format!("{chat} {regex}")), "/ws/chat"), "switched");
}

#[test]
fn what_a_location_answers_itself_comes_before_its_proxy_pass() {
    on_every_nginx!(what_a_location_answers_itself_comes_before_its_proxy_pass);
    for (first, expected) in [
        ("return 204;", "204"),
        ("rewrite ^ /chat permanent;", "301"),
        ("rewrite ^ /chat break;", "switched"),
        ("deny all;", "403"),
        ("allow 127.0.0.1; deny all;", "switched"),
        ("try_files $uri =404;", "404"),
        ("try_files $uri /index.html;", "404"),
    ] {
        let site = server(&location("/ws", &format!("{PASS} {first}")));
        assert_eq!(chrome(&site, "/ws"), expected, "{first}");
    }
}

#[test]
fn a_test_of_the_method_turns_handshakes_away() {
    on_every_nginx!(a_test_of_the_method_turns_handshakes_away);
    for (test, expected) in [
        ("!~ ^(POST|PUT)$", "405"),
        ("!~ ^(GET|POST|PUT)$", "switched"),
        ("!= POST", "405"),
        ("!~ ^(GET|POST)$", "switched"),
        ("= POST", "switched"),
    ] {
        let test = format!("if ($request_method {test}) {{ return 405; }}");
        let site = server(&location("/ws", &format!("{PASS} {test}")));
        assert_eq!(chrome(&site, "/ws"), expected, "{test}");
        let site = server(&format!("{test} {}", location("/ws", PASS)));
        assert_eq!(chrome(&site, "/ws"), expected, "{test}");
    }
}

#[test]
fn a_redirect_of_the_server_comes_before_its_locations() {
    on_every_nginx!(a_redirect_of_the_server_comes_before_its_locations);
    for redirect in ["return 301 https://$host/;", "rewrite ^ https://$host/ permanent;"] {
        let site = server(&format!("{redirect} {}", location("/", PASS)));
        assert_eq!(chrome(&site, "/ws"), "301", "{redirect}");
    }
}

#[test]
fn a_page_for_what_is_no_file_answers_handshakes() {
    on_every_nginx!(a_page_for_what_is_no_file_answers_handshakes);
    let files = "location / { root @PREFIX@/conf; try_files $uri /index.html; }";
    let config = format!("server {{ {files} {} }}", location("/chat", PASS));
    let folder = super::Folder::new(&config).with("index.html", "page");
    let site = start(folder);
    assert_eq!(chrome(&site, "/ws"), "200");
    assert_eq!(chrome(&site, "/chat"), "switched");
}

#[test]
fn methods_that_are_not_listed_may_be_denied_and_a_handshake_is_a_get() {
    on_every_nginx!(methods_that_are_not_listed_may_be_denied_and_a_handshake_is_a_get);
    for (refusal, expected) in [
        ("limit_except POST { deny all; }", "403"),
        ("limit_except POST GET { deny all; }", "switched"),
        ("limit_except get { deny all; }", "switched"),
        ("limit_except POST { allow 127.0.0.1; deny all; }", "switched"),
        ("if ($request_method !~ ^(POST|PUT)$) { return 405; }", "405"),
        ("if ($request_method !~ ^(GET|POST)$) { return 405; }", "switched"),
        ("if ($request_method = POST) { return 405; }", "switched"),
    ] {
        let site = server(&location("/", &format!("{PASS} {refusal}")));
        assert_eq!(chrome(&site, "/ws"), expected, "{refusal}");
    }
}

#[test]
fn clients_do_not_come_to_an_internal_location_but_nginx_leads_there() {
    on_every_nginx!(clients_do_not_come_to_an_internal_location_but_nginx_leads_there);
    let led_by = |directives: &str| {
        let inner = location("= /ws", &format!("internal; {PASS}"));
        let site = server(&format!("{inner} location /chat {{ {directives} }}"));
        (chrome(&site, "/ws"), chrome(&site, "/chat"))
    };
    let expected = |chat: &str| ("404".to_owned(), chat.to_owned());
    assert_eq!(led_by("return 204;"), expected("204"));
    assert_eq!(led_by("rewrite ^ /ws last;"), expected("switched"));
    assert_eq!(led_by("try_files /nowhere /ws;"), expected("switched"));
    assert_eq!(led_by("error_page 418 = /ws; return 418;"), expected("switched"));
}

#[test]
fn a_rewrite_may_lead_away_from_the_proxy() {
    on_every_nginx!(a_rewrite_may_lead_away_from_the_proxy);
    for (rewrite, expected) in
        [("rewrite ^ /elsewhere last;", "404"), ("rewrite ^/other /elsewhere last;", "switched")]
    {
        let site = server(&location("/ws", &format!("{PASS} {rewrite}")));
        assert_eq!(chrome(&site, "/ws"), expected, "{rewrite}");
    }
}

#[test]
fn a_host_in_a_variable_is_an_upstream_an_address_or_asked_of_a_resolver() {
    on_every_nginx!(a_host_in_a_variable_is_an_upstream_an_address_or_asked_of_a_resolver);
    let by_variable = |host: &str, scheme: &str| {
        start(format!(
            "upstream Chat {{ server 127.0.0.1:3000; }} \
             server {{ set $host_there {host}; set $protocol {scheme}; {} }}",
            location("/", "proxy_pass $protocol://$host_there;")
        ))
    };
    assert_eq!(chrome(&by_variable("chat", "http"), "/ws"), "switched");
    assert_eq!(chrome(&by_variable("CHAT", "http"), "/ws"), "switched");
    let site = by_variable("nowhere.example", "http");
    assert_eq!(chrome(&site, "/ws"), "502");
    assert!(site.nginx.error_log().contains("no resolver defined to resolve nowhere.example"));
    let site = by_variable("chat", "ws");
    assert_eq!(chrome(&site, "/ws"), "500");
    assert!(site.nginx.error_log().contains("invalid URL prefix in \"ws://chat\""));
}
