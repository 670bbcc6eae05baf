//! What an `upstream` block takes.

use super::{
    Folder, PASS, TRIAD, check_verbatim, location, on_every_nginx, on_line, rejection, verdict,
};

#[test]
fn an_address_needs_the_server_directive() {
    on_every_nginx!(an_address_needs_the_server_directive);
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
    on_every_nginx!(ports_are_numbers_from_1_to_65535);
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
    on_every_nginx!(websocket_schemes_are_not_for_proxy_pass);
    for scheme in ["ws://", "wss://", ""] {
        assert_eq!(
            rejection(location("").replace("http://", scheme)),
            on_line("invalid URL prefix", 1),
            "{PASS} with {scheme:?}"
        );
    }
}

#[test]
fn a_name_with_a_scheme_or_a_port_is_never_found() {
    on_every_nginx!(a_name_with_a_scheme_or_a_port_is_never_found);
    let config = |name: &str, url: &str| {
        check_verbatim(&Folder::new(&format!(
            "pid @PREFIX@/pid;\nevents {{}}\nhttp {{\naccess_log off;\n\
             upstream {name} {{ server 127.0.0.1:3000; }}\n\
             server {{ location / {{ proxy_pass {url}; }} }}\n}}\n"
        )))
    };
    for (name, url) in [
        ("http://app.invalid", "http://app.invalid"),
        ("app.invalid:3000", "http://app.invalid:3000"),
        ("app.invalid:3000", "http://app.invalid"),
        ("app.invalid/", "http://app.invalid/"),
    ] {
        let check = config(name, url);
        assert!(!check.ok, "{name} {url}");
        assert_eq!(check.message, "host not found in upstream \"app.invalid\"", "{name} {url}");
    }
    assert!(config("app.invalid", "http://app.invalid").ok);
}

#[test]
fn names_are_looked_up_when_nginx_starts() {
    on_every_nginx!(names_are_looked_up_when_nginx_starts);
    let config = |text: &str| {
        check_verbatim(&Folder::new(&format!(
            "pid @PREFIX@/pid;\nevents {{}}\nhttp {{\naccess_log off;\n{text}\n}}\n"
        )))
    };
    for text in [
        "upstream app { server app.invalid:3000; }",
        "server { location / { proxy_pass http://app.invalid:3000; } }",
    ] {
        let message = config(text).message;
        assert!(message.starts_with("host not found in upstream \"app.invalid"), "{message}");
    }
    // A variable is looked up with the request.
    let variable = "server { set $app app.invalid; location / { proxy_pass http://$app:3000; } }";
    assert!(config(variable).ok);
}

#[test]
fn scalar_values_are_read_strictly() {
    on_every_nginx!(scalar_values_are_read_strictly);
    for version in ["HTTP/1.1", "1", "2.0", "3", "$version"] {
        let config = location(&format!("proxy_http_version {version};"));
        let message = format!("invalid value \"{version}\"");
        assert_eq!(rejection(config), on_line(&message, 1));
    }
    assert_eq!(
        rejection(location("proxy_buffering no;")),
        on_line(
            r#"invalid value "no" in "proxy_buffering" directive, it must be "on" or "off""#,
            1
        )
    );
    assert_eq!(
        rejection(location("proxy_set_header Connection = upgrade;")),
        on_line(r#"invalid number of arguments in "proxy_set_header" directive"#, 1)
    );
}

#[test]
fn a_zone_needs_a_size_that_is_enough_for_its_servers() {
    on_every_nginx!(a_zone_needs_a_size_that_is_enough_for_its_servers);
    let config = |zone: &str, servers: usize| {
        let addresses = (0..servers).map(|it| format!("127.0.{}.{}", it / 250, it % 250 + 1));
        let servers: Vec<String> = addresses.map(|it| format!("server {it}:3000;")).collect();
        let servers = servers.join(" ");
        check_verbatim(&Folder::new(&format!(
            "events {{}} http {{ upstream chat {{ zone chat {zone}; {servers} }} }}"
        )))
    };
    assert_eq!(config("", 1).message, r#"zero size shared memory zone "chat""#);
    assert_eq!(config("16k", 1).message, r#"zone "chat" is too small"#);
    for (zone, servers) in [("64k", 32), ("128k", 64), ("256k", 128), ("2m", 1000)] {
        assert!(config(zone, servers).ok, "{zone} for {servers}");
    }
    assert!(!config("64k", 200).ok);
}
