//! What wslint takes for granted about nginx, shown against the installed one.
//!
//! Most tests set a configuration that fails beside its twin that works. The
//! last module shows that the harness runs configurations as users write them.

mod support;

use support::{
    Browser, Check, Folder, Handshake, Nginx, Site, check, check_verbatim, require_nginx,
};

/// The three directives every WebSocket location needs.
const TRIAD: &str = "proxy_http_version 1.1; \
                     proxy_set_header Upgrade $http_upgrade; \
                     proxy_set_header Connection upgrade;";

const PASS: &str = "proxy_pass http://127.0.0.1:3000;";

fn start(config: impl Into<Folder>) -> Site {
    Site::start(&config.into()).unwrap_or_else(|check| panic!("{check:?}"))
}

/// What becomes of a handshake at `uri`: `switched`, the backend's reason to
/// refuse, or the status with which nginx answers by itself.
fn verdict_at(site: &Site, uri: &str, browser: Browser) -> String {
    let seen = site.handshake(Handshake::new("example.com", uri, browser));
    match (seen.switched, seen.reason, seen.status) {
        (true, ..) => "switched".to_owned(),
        (_, Some(reason), _) => reason.to_string(),
        (_, None, Some(status)) => status.to_string(),
        (_, None, None) => "closed".to_owned(),
    }
}

/// The verdict at `/ws`, which is the same for all browsers.
fn verdict(config: impl Into<Folder>) -> String {
    let site = start(config);
    let [first, second] = Browser::ALL.map(|browser| verdict_at(&site, "/ws", browser));
    assert_eq!(first, second, "the verdict depends on the browser");
    first
}

/// A location that proxies with `directives`.
fn location(directives: &str) -> String {
    format!("location / {{ {PASS} {directives} }}")
}

/// A server with the triad whose `Connection` comes from `map`.
fn with_map(map: &str) -> String {
    format!(
        "{map} server {{ location / {{ {PASS} proxy_http_version 1.1; \
         proxy_set_header Upgrade $http_upgrade; \
         proxy_set_header Connection $connection_upgrade; }} }}"
    )
}

/// The body of the response to a plain request.
fn body(config: impl Into<Folder>) -> String {
    start(config).get("example.com", "/").expect("a response").text()
}

/// The message and the line with which nginx rejects `config`.
fn rejection(config: impl Into<Folder>) -> (String, Option<u32>) {
    rejected(check(&config.into()))
}

fn rejected(check: Check) -> (String, Option<u32>) {
    assert!(!check.ok, "nginx accepts the configuration");
    (check.message, check.line)
}

fn on_line(message: &str, line: u32) -> (String, Option<u32>) {
    (message.to_owned(), Some(line))
}

mod handshake {
    use super::{
        Browser, Handshake, Nginx, PASS, TRIAD, location, require_nginx, start,
        support::{RecordedRequest, Version},
        verdict, verdict_at,
    };

    /// The request nginx sends upstream for a handshake.
    fn upstream_request(config: &str) -> RecordedRequest {
        let handshake = Handshake::new("example.com", "/ws", Browser::Chrome);
        start(config).handshake(handshake).upstream.expect("a request upstream")
    }

    #[test]
    fn default_version_and_connection_depend_on_the_release() {
        require_nginx!();
        let request = upstream_request(&location(""));
        let expected = if Nginx::version() < Version(1, 29, 7) {
            ("HTTP/1.0", Some("close".to_owned()))
        } else {
            ("HTTP/1.1", None)
        };
        assert_eq!((request.version(), request.header("Connection")), expected);
    }

    #[test]
    fn upgrade_is_not_forwarded_by_default() {
        require_nginx!();
        let request = upstream_request(&location(""));
        assert_eq!(request.header("Upgrade"), None);
        assert!(request.header("Sec-WebSocket-Key").is_some());
    }

    #[test]
    fn without_the_version_the_triad_is_refused_before_1_29_7() {
        require_nginx!();
        let headers = TRIAD.replace("proxy_http_version 1.1;", "");
        let expected = if Nginx::version() < Version(1, 29, 7) { "version" } else { "switched" };
        assert_eq!(verdict(location(&headers)), expected);
    }

    #[test]
    fn upgrade_alone_is_refused_for_connection() {
        require_nginx!();
        let upgrade = "proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade;";
        assert_eq!(verdict(location(upgrade)), "connection");
        assert_eq!(verdict(location(TRIAD)), "switched");
    }

    #[test]
    fn connection_alone_is_refused_for_upgrade() {
        require_nginx!();
        let connection = "proxy_http_version 1.1; proxy_set_header Connection upgrade;";
        assert_eq!(verdict(location(connection)), "upgrade");
        assert_eq!(verdict(location(TRIAD)), "switched");
    }

    #[test]
    fn the_case_of_the_connection_token_does_not_matter() {
        require_nginx!();
        let capital = TRIAD.replace("n upgrade", "n Upgrade");
        assert_eq!(verdict(location(&capital)), "switched");
    }

    #[test]
    fn connection_without_the_token_is_refused() {
        require_nginx!();
        for value in ["keep-alive", "\"\"", "close"] {
            let directives = TRIAD.replace("n upgrade", &format!("n {value}"));
            assert_eq!(verdict(location(&directives)), "connection", "{value}");
        }
    }

    #[test]
    fn connection_may_be_passed_on_from_the_client() {
        require_nginx!();
        let directives = TRIAD.replace("n upgrade", "n $http_connection");
        assert_eq!(verdict(location(&directives)), "switched");
    }

    #[test]
    fn a_header_set_to_nothing_is_not_sent() {
        require_nginx!();
        let empty = "proxy_http_version 1.1; proxy_set_header Connection \"\"; \
                     proxy_set_header Origin $http_absent;";
        let request = upstream_request(&location(empty));
        assert_eq!(request.header("Connection"), None);
        assert_eq!(request.header("Origin"), None);
        let request = upstream_request(&location("proxy_set_header Connection keep-alive;"));
        assert_eq!(request.header("Connection").as_deref(), Some("keep-alive"));
        assert!(request.header("Origin").is_some());
    }

    #[test]
    fn a_header_set_twice_is_sent_twice() {
        require_nginx!();
        let twice = format!("{TRIAD} proxy_set_header Upgrade websocket;");
        let request = upstream_request(&location(&twice));
        assert_eq!(request.header("Upgrade").as_deref(), Some("websocket, websocket"));
    }

    #[test]
    fn client_headers_can_be_kept_from_the_backend() {
        require_nginx!();
        let dropped = format!("{TRIAD} proxy_pass_request_headers off;");
        assert_eq!(verdict(location(&dropped)), "ws-version");
        let passed = format!("{TRIAD} proxy_pass_request_headers on;");
        assert_eq!(verdict(location(&passed)), "switched");
    }

    #[test]
    fn one_proxy_set_header_drops_all_inherited_ones_but_no_other_directive() {
        require_nginx!();
        let own =
            format!("server {{ {TRIAD} location / {{ {PASS} proxy_set_header Host $host; }} }}");
        let request = upstream_request(&own);
        assert_eq!(request.version(), "HTTP/1.1");
        assert_eq!(request.header("Host").as_deref(), Some("example.com"));
        assert_eq!(verdict(own), "upgrade");
        let inherited = format!("server {{ {TRIAD} location / {{ {PASS} }} }}");
        assert_eq!(verdict(inherited), "switched");
    }

    #[test]
    fn a_cached_response_answers_the_handshake() {
        require_nginx!();
        let cached = |directives: &str| {
            let site = start(format!(
                "proxy_cache_path cache keys_zone=pages:1m; server {{ location / {{ {PASS} {TRIAD} \
                 proxy_cache pages; proxy_cache_valid 200 1m; {directives} }} }}"
            ));
            let plain = site.get("example.com", "/ws").expect("a response");
            assert_eq!(plain.status, 200);
            verdict_at(&site, "/ws", Browser::Chrome)
        };
        assert_eq!(cached(""), "200");
        assert_eq!(cached("proxy_cache_bypass $http_upgrade;"), "switched");
    }
}

mod map {
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
}

mod upstream {
    use super::{PASS, TRIAD, location, on_line, rejection, require_nginx, verdict};

    #[test]
    fn an_address_needs_the_server_directive() {
        require_nginx!();
        let upstream = |content: &str| {
            format!(
                "upstream app {{\n{content}\n}}\n\
                 server {{ location / {{ proxy_pass http://app; {TRIAD} }} }}"
            )
        };
        assert_eq!(
            rejection(upstream("127.0.0.1:3000;")),
            on_line(r#"unknown directive "127.0.0.1:3000""#, 2)
        );
        assert_eq!(rejection(upstream("")), on_line("no servers are inside upstream", 3));
        assert_eq!(verdict(upstream("server 127.0.0.1:3000;")), "switched");
    }

    #[test]
    fn ports_are_numbers_from_1_to_65535() {
        require_nginx!();
        for address in ["127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:port", "127.0.0.1:"] {
            let message = format!("invalid port in upstream \"{address}\"");
            assert_eq!(
                rejection(format!("upstream app {{ server {address}; }}")),
                on_line(&message, 1)
            );
            assert_eq!(
                rejection(format!("location / {{ proxy_pass http://{address}; }}")),
                on_line(&message, 1)
            );
        }
        assert_eq!(verdict(location(TRIAD)), "switched");
    }

    #[test]
    fn websocket_schemes_are_not_for_proxy_pass() {
        require_nginx!();
        for scheme in ["ws://", "wss://", ""] {
            assert_eq!(
                rejection(location("").replace("http://", scheme)),
                on_line("invalid URL prefix", 1),
                "{PASS} with {scheme:?}"
            );
        }
    }
}

mod location {
    use super::{
        Browser, PASS, TRIAD, on_line, rejection, require_nginx, start, verdict, verdict_at,
    };

    #[test]
    fn an_if_inherits_headers_and_handler() {
        require_nginx!();
        let inside = |content: &str| {
            format!("location / {{ {PASS} {TRIAD} if ($http_upgrade) {{ {content} }} }}")
        };
        assert_eq!(verdict(inside("set $seen 1;")), "switched");
        assert_eq!(verdict(inside(PASS)), "switched");
        assert_eq!(verdict(inside("return 403;")), "403");
    }

    #[test]
    fn an_if_takes_no_proxy_set_header() {
        require_nginx!();
        assert_eq!(
            rejection("location / { if ($http_upgrade) { proxy_set_header Upgrade websocket; } }"),
            on_line(r#""proxy_set_header" directive is not allowed here"#, 1)
        );
    }

    #[test]
    fn a_nested_location_inherits_headers_but_no_handler() {
        require_nginx!();
        let nested = |content: &str| {
            start(format!("location / {{ {PASS} {TRIAD} location /ws {{ {content} }} }}"))
        };
        let site = nested("");
        assert_eq!(verdict_at(&site, "/ws", Browser::Chrome), "404");
        assert_eq!(verdict_at(&site, "/", Browser::Chrome), "switched");
        assert_eq!(verdict_at(&nested(PASS), "/ws", Browser::Chrome), "switched");
    }
}

mod include {
    use super::{Folder, body, check, rejection, require_nginx};

    const MAIN: &str = "events {}\nhttp { server {\ninclude parts/one.conf; } }\n";

    #[test]
    fn paths_are_relative_to_the_folder_of_the_main_file() {
        require_nginx!();
        let folder = Folder::new(MAIN)
            .with("parts/one.conf", "include parts/two.conf;")
            .with("parts/two.conf", "return 200 two;");
        assert_eq!(body(folder), "two");

        let sibling = Folder::new(MAIN)
            .with("parts/one.conf", "include two.conf;")
            .with("parts/two.conf", "return 200 two;");
        let check = check(&sibling);
        assert_eq!(
            (check.message.as_str(), check.file.as_deref(), check.line),
            (
                r#"open() "two.conf" failed (2: No such file or directory)"#,
                Some("parts/one.conf"),
                Some(1)
            )
        );
    }

    #[test]
    fn the_folder_of_the_main_file_may_be_below_another() {
        require_nginx!();
        let mut folder = Folder::new("")
            .with("site/main.conf", MAIN)
            .with("site/parts/one.conf", "return 200 below;");
        folder.main = "site/main.conf".to_owned();
        assert_eq!(body(folder), "below");
    }

    #[test]
    fn only_a_path_without_wildcards_has_to_exist() {
        require_nginx!();
        let (message, line) = rejection(MAIN);
        assert_eq!(
            (message.as_str(), line),
            (r#"open() "parts/one.conf" failed (2: No such file or directory)"#, Some(3))
        );
        for pattern in ["parts/*.conf", "parts/?.conf", "parts/[ab].conf"] {
            assert!(check(&Folder::new(&MAIN.replace("parts/one.conf", pattern))).ok);
        }
    }

    #[test]
    fn wildcards_read_files_in_byte_order() {
        require_nginx!();
        let server = |name: &str| format!("server {{ return 200 {name}; }}");
        let folder = Folder::new("events {} http { include servers/*.conf; }")
            .with("servers/9.conf", &server("nine"))
            .with("servers/a.conf", &server("a"))
            .with("servers/10.conf", &server("ten"))
            .with("servers/Z.conf", &server("Z"));
        // The first server of an address is its default.
        assert_eq!(body(folder.clone()), "ten");
        let mut folder = folder;
        folder.files.remove("servers/10.conf");
        assert_eq!(body(folder.clone()), "nine");
        folder.files.remove("servers/9.conf");
        assert_eq!(body(folder), "Z");
    }

    #[test]
    fn a_hidden_file_is_not_matched_by_a_star() {
        require_nginx!();
        let folder = Folder::new("events {} http { include servers/*; }")
            .with("servers/.hidden", "no such directive;");
        assert!(check(&folder).ok);
    }
}

mod tokenizer {
    use super::{Folder, body, check, check_verbatim, on_line, rejected, rejection, require_nginx};

    /// The value nginx reads from `word`, which it returns as a body.
    fn value(word: &str) -> String {
        body(format!("return 200 {word};"))
    }

    #[test]
    fn a_closing_brace_ends_no_word() {
        require_nginx!();
        assert_eq!(value("close}"), "close}");
        assert_eq!(value("clo}se"), "clo}se");
        assert_eq!(rejection("location / { return 200 close}\n}"), on_line(r#"unexpected "}""#, 2));
        assert_eq!(body("location / {return 200 close;}location /b {}"), "close");
    }

    #[test]
    fn an_opening_brace_ends_a_word() {
        require_nginx!();
        assert_eq!(body("location /{ return 200 root; }"), "root");
        assert_eq!(
            rejection("return 200 a{b};"),
            on_line(r#"directive "return" is not terminated by ";""#, 1)
        );
    }

    #[test]
    fn a_brace_after_a_dollar_opens_no_block() {
        require_nginx!();
        assert_eq!(body("set $a 1; return 200 ${a}b;"), "1b");
        assert_eq!(
            rejection("return 200 ${a;"),
            on_line(r#"the closing bracket in "a" variable is missing"#, 1)
        );
    }

    #[test]
    fn a_comment_starts_where_a_word_could() {
        require_nginx!();
        assert_eq!(value("a#b"), "a#b");
        assert_eq!(value("\"#a\""), "#a");
        assert_eq!(value("#a\nb"), "b");
        assert_eq!(body("return 200 a;#b"), "a");
        assert_eq!(body("location /{#b}\nreturn 200 a;}"), "a");
    }

    #[test]
    fn a_comment_ends_at_a_line_feed_only() {
        require_nginx!();
        assert_eq!(body("# a\rreturn 200 a;\nreturn 200 b;"), "b");
    }

    #[test]
    fn quotes_count_only_at_the_start_of_a_word() {
        require_nginx!();
        assert_eq!(value("\"a b;{}\""), "a b;{}");
        assert_eq!(value("'a \"b\"'"), "a \"b\"");
        assert_eq!(value("a\"b"), "a\"b");
        assert_eq!(value("a'b'"), "a'b'");
        assert_eq!(
            rejection("return 200 a\"b c\";"),
            on_line(r#"invalid number of arguments in "return" directive"#, 1)
        );
    }

    #[test]
    fn after_a_closing_quote_comes_a_blank_an_end_or_a_closing_parenthesis() {
        require_nginx!();
        assert_eq!(rejection("return 200 \"a\"b;"), on_line(r#"unexpected "b""#, 1));
        assert_eq!(rejection("return 200 'a'\"b\";"), on_line(r#"unexpected """"#, 1));
        assert_eq!(rejection("return 200 'a'}"), on_line(r#"unexpected "}""#, 1));
        assert_eq!(rejection("return 200 'a'#b\n;"), on_line(r##"unexpected "#""##, 1));
        assert_eq!(body("location \"/\"{ return 200 a; }"), "a");
        assert_eq!(body("if ($host = \"example.com\") { return 200 yes; } return 200 no;"), "yes");
        // The parenthesis starts a word of its own.
        assert_eq!(
            rejection("return 200 \"a\");"),
            on_line(r#"invalid number of arguments in "return" directive"#, 1)
        );
    }

    #[test]
    fn names_may_be_quoted() {
        require_nginx!();
        assert_eq!(body("\"return\" '200' a;"), "a");
        assert_eq!(rejection("'' 200; return 200;"), on_line(r#"unknown directive """#, 1));
    }

    #[test]
    fn blanks_are_space_tab_and_both_line_ends() {
        require_nginx!();
        assert_eq!(body("return\r200\ra\r;\r"), "a");
        assert_eq!(body("return\t200\na\n;\r\n"), "a");
        for other in ["\u{b}", "\u{c}", "\u{a0}"] {
            assert_eq!(
                rejection(format!("return 200{other}a;")),
                on_line(&format!("invalid return code \"200{other}a\""), 1)
            );
        }
    }

    #[test]
    fn a_nul_byte_is_part_of_a_word() {
        require_nginx!();
        assert_eq!(value("a\0b"), "a\0b");
        assert_eq!(
            rejection("location / {}\0location /b {}"),
            // The message ends the name where C ends a string.
            on_line(r#"unknown directive """#, 1)
        );
    }

    #[test]
    fn a_byte_order_mark_is_part_of_the_first_word() {
        require_nginx!();
        assert_eq!(
            rejected(check_verbatim(&Folder::new("\u{feff}events {}\nhttp {}"))),
            on_line("unknown directive \"\u{feff}events\"", 1)
        );
    }

    #[test]
    fn escapes_stand_for_quotes_backslash_tab_and_line_ends() {
        require_nginx!();
        let escaped = r#"a\"b\'c\\d\te\rf\ng"#;
        let plain = "a\"b'c\\d\te\rf\ng";
        assert_eq!(value(escaped), plain);
        assert_eq!(value(&format!("\"{escaped}\"")), plain);
        assert_eq!(value(&format!("'{escaped}'")), plain);
        assert_eq!(value(r#"\"a"#), "\"a");
    }

    #[test]
    fn any_other_backslash_stays_and_shields_what_follows() {
        require_nginx!();
        for kept in [r"a\xb", r"a\;b", r"a\ b", r"a\{b\}c", "a\\\nb", r"\ a", r"\#a"] {
            assert_eq!(value(kept), kept);
            assert_eq!(value(&format!("\"{kept}\"")), kept);
        }
        // A dollar is shielded from nothing: variables are not the tokenizer's.
        assert_eq!(body(r"set $a 1; return 200 \$a;"), r"\1");
        assert_eq!(
            rejected(check_verbatim(&Folder::new("user a\\;\n"))),
            on_line(r#"unexpected end of file, expecting ";" or "}""#, 2)
        );
    }

    #[test]
    fn a_word_and_its_end_fit_into_4096_bytes() {
        require_nginx!();
        let word = |length: usize| "a".repeat(length);
        assert_eq!(value(&word(4095)).len(), 4095);
        for length in [4096, 5000] {
            assert_eq!(
                rejection(format!("return 200\n{};", word(length))),
                on_line("too long parameter \"aaaaaaaaaa...\" started", 2)
            );
        }
    }

    #[test]
    fn a_quoted_word_and_its_end_fit_into_4096_bytes() {
        require_nginx!();
        let quoted = |length: usize| format!("\"{}\"", "a".repeat(length));
        assert_eq!(value(&quoted(4094)).len(), 4094);
        assert_eq!(
            rejection(format!("return 200\n{};", quoted(4095))),
            on_line("too long parameter \"aaaaaaaaaa...\" started", 2)
        );
        for length in [4096, 5000] {
            assert_eq!(
                rejection(format!("return 200\n{};", quoted(length))),
                on_line("too long parameter, probably missing terminating \"\"\" character", 2)
            );
        }
    }

    #[test]
    fn a_comment_and_its_line_feed_fit_into_4096_bytes() {
        require_nginx!();
        let comment = |length: usize| format!("\n#{}", "-".repeat(length - 1));
        assert_eq!(body(format!("{}\nreturn 200 a;", comment(4095))), "a");
        for length in [4096, 5000] {
            assert_eq!(
                rejection(format!("{}\nreturn 200 a;", comment(length))),
                on_line("too long parameter \"#---------...\" started", 2)
            );
        }
        // At the end of the file nothing more is read, so one byte more fits.
        let last = |length: usize| Folder::new(&format!("events {{}}{}", comment(length)));
        assert!(check(&last(4096)).ok);
        assert!(!check(&last(4097)).ok);
    }

    #[test]
    fn a_semicolon_needs_a_directive() {
        require_nginx!();
        for config in ["location / {};", "return 200 a;;", ";location / {}"] {
            assert_eq!(rejection(config), on_line(r#"unexpected ";""#, 1), "{config}");
        }
    }

    #[test]
    fn a_brace_needs_a_directive_or_a_block() {
        require_nginx!();
        assert_eq!(rejection("events {}\n{}"), on_line(r#"unexpected "{""#, 2));
        assert_eq!(rejection("events {}\n}"), on_line(r#"unexpected "}""#, 2));
    }

    #[test]
    fn a_missing_semicolon_is_noticed_at_the_next_brace() {
        require_nginx!();
        assert_eq!(rejection("location / {\nreturn 200 a\n}"), on_line(r#"unexpected "}""#, 3));
        assert_eq!(
            rejection("location / {\nroot a\n}\nlocation /b {\n}"),
            on_line(r#"unexpected "}""#, 3)
        );
        assert_eq!(
            rejection("events {}\nworker_processes 1"),
            on_line(r#"unexpected end of file, expecting ";" or "}""#, 2)
        );
    }

    #[test]
    fn a_missing_closing_brace_is_noticed_at_the_end() {
        require_nginx!();
        assert_eq!(
            rejection("events {}\nhttp {\nserver { return 200; }\n"),
            on_line(r#"unexpected end of file, expecting "}""#, 4)
        );
    }

    #[test]
    fn a_missing_closing_quote_is_noticed_at_the_end() {
        require_nginx!();
        assert_eq!(
            rejection("events {}\nerror_log \"a;\npid b;\n"),
            on_line(r#"unexpected end of file, expecting ";" or "}""#, 4)
        );
    }

    #[test]
    fn blocks_and_simple_directives_end_each_in_their_own_way() {
        require_nginx!();
        assert_eq!(
            rejection("return 200 {}"),
            on_line(r#"directive "return" is not terminated by ";""#, 1)
        );
        assert_eq!(
            rejection("location /;"),
            on_line(r#"directive "location" has no opening "{""#, 1)
        );
    }
}

mod harness {
    use super::{Browser, Folder, TRIAD, check, require_nginx, start, verdict_at};
    use crate::support::client;

    /// What a distribution's main file and a site beside it look like.
    fn system_like() -> Folder {
        Folder::new(
            "user www-data;\n\
             worker_processes auto;\n\
             pid /run/nginx.pid;\n\
             events { worker_connections 768; }\n\
             http {\n\
             include /etc/nginx/mime.types;\n\
             log_format main '$remote_addr \"$request\"';\n\
             access_log /var/log/nginx/access.log main;\n\
             error_log /var/log/nginx/error.log;\n\
             ssl_protocols TLSv1.2;\n\
             include /etc/nginx/sites-enabled/*;\n\
             }\n",
        )
        .with(
            "sites-enabled/app",
            &format!(
                "upstream app {{ server app.internal:3000 weight=2; server unix:/run/app.sock; }}\n\
                 server {{ listen 80 default_server; listen [::]:80 default_server ipv6only=on;\n\
                 return 301 https://$host$request_uri; }}\n\
                 server {{ listen 443 ssl http2; listen [::]:443 ssl; server_name example.com;\n\
                 ssl_certificate /etc/ssl/example.pem; ssl_certificate_key /etc/ssl/example.key;\n\
                 {TRIAD}\n\
                 set $other https://other.internal:8443;\n\
                 location / {{ proxy_pass http://app; }}\n\
                 location /path/ {{ proxy_pass https://other.internal/base/; }}\n\
                 location /set/ {{ proxy_pass $other; }} }}\n"
            ),
        )
    }

    #[test]
    fn a_system_configuration_runs() {
        require_nginx!();
        let site = start(system_like());
        assert_eq!(verdict_at(&site, "/", Browser::Chrome), "301");

        let secure = site.nginx.address_for_port(443).expect("a stand-in for 443");
        for (uri, target) in [("/a", "/a"), ("/path/a", "/base/a"), ("/set/a", "/set/a")] {
            let handshake = client::Handshake::new("example.com", uri, Browser::Firefox);
            let marker = site.backend.marker();
            assert!(handshake.send(secure).expect("a response").switched, "{uri}");
            assert_eq!(site.backend.since(marker)[0].target(), target);
        }
    }

    #[test]
    fn rewriting_moves_no_line() {
        require_nginx!();
        let folder = system_like();
        let site = format!("{}no_such_directive;\n", folder.files["sites-enabled/app"]);
        let line = u32::try_from(site.lines().count()).expect("a short file");
        let check = check(&folder.with("sites-enabled/app", &site));
        assert_eq!(check.message, r#"unknown directive "no_such_directive""#);
        assert_eq!((check.file.as_deref(), check.line), (Some("sites-enabled/app"), Some(line)));
    }

    #[test]
    fn placeholders_stand_for_addresses_and_the_folder() {
        require_nginx!();
        let site = start(format!(
            "events {{}} http {{ proxy_cache_path @PREFIX@/pages keys_zone=pages:1m; \
             server {{ listen @LISTEN@; location / {{ proxy_pass http://@BACKEND@; {TRIAD} }} }} }}"
        ));
        assert_eq!(verdict_at(&site, "/", Browser::Chrome), "switched");
    }

    #[test]
    fn stream_servers_proxy_to_the_backend() {
        require_nginx!();
        let config = "events {} stream { server { listen 5000; proxy_pass app.internal:3000; } }";
        // Not every build has the module, nor has to.
        if check(&Folder::new(config)).message.contains("unknown directive") {
            return;
        }
        assert_eq!(verdict_at(&start(config), "/", Browser::Chrome), "switched");
    }
}
