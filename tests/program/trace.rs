//! `wslint trace`: one handshake, step by step.

use serde_json::{Value, json};

use super::{FAULTY, Folder, SOUND, whole};

/// A configuration whose handshakes end in every way.
fn site() -> Folder {
    let servers = "
    map $http_upgrade $connection_upgrade { default upgrade; '' close; }
    upstream chat { server 127.0.0.1:3000; }
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $connection_upgrade;
    server {
        listen 80;
        server_name chat.test;
        location /ws { proxy_pass http://chat; proxy_http_version 1.1; }
        location /old { proxy_pass http://chat; proxy_http_version 1.0; }
        location /any { proxy_pass http://chat; }
        location /moved { rewrite ^/moved/(.*)$ /ws/$1 last; }
        location /closed { deny all; proxy_pass http://chat; }
        location /members { allow 10.0.0.0/8; deny all; proxy_pass http://chat; proxy_http_version 1.1; }
        location /asked { auth_request /auth; proxy_pass http://chat; proxy_http_version 1.1; }
        location /hidden { proxy_hide_header Upgrade; proxy_pass http://chat; proxy_http_version 1.1; }
        location /exact {
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $chrome_only;
            proxy_pass http://chat;
            proxy_http_version 1.1;
        }
    }
    map $http_connection $chrome_only { Upgrade upgrade; default close; }
    server { listen 80; server_name *.wild.test; return 404; }";
    Folder::with("nginx.conf", whole(servers))
}

fn outcome(folder: &Folder, url: &str, options: &[&str]) -> Value {
    let outcome = folder.run(["trace", url, "--format", "json"].iter().chain(options));
    serde_json::from_str(&outcome.stdout).expect("JSON")
}

#[test]
fn a_handshake_is_a_story() {
    let told = site().run(["trace", "ws://chat.test/moved/room?a=b"]).expect(0);
    insta::assert_snapshot!(told.stdout);
}

#[test]
fn what_differs_between_versions_is_said() {
    let told = site().run(["trace", "ws://chat.test/any"]).expect(1);
    insta::assert_snapshot!(told.stdout);
    let document = outcome(&site(), "ws://chat.test/any", &[]);
    assert_eq!(document["outcome"]["kind"], "refused");
    assert_eq!(document["versions"][0]["nginx_versions"]["before"], "1.29.7");
    assert_eq!(document["versions"][1]["outcome"]["kind"], "switches");
    let document = outcome(&site(), "ws://chat.test/any", &["--nginx-version", "1.29.7"]);
    assert_eq!(document["outcome"]["kind"], "switches");
    assert_eq!(document["versions"], json!([]));
}

#[test]
fn each_end_has_its_kind_and_who_refuses() {
    for (path, kind, by, status) in [
        ("/ws", "switches", Value::Null, json!(101)),
        ("/old", "refused", json!("backend"), json!(400)),
        ("/closed", "refused", json!("nginx"), json!(403)),
        ("/members", "unknown", Value::Null, Value::Null),
        ("/asked", "refused", json!("nginx"), json!(500)),
        ("/hidden", "refused", json!("client"), json!(101)),
        ("/nothing", "refused", json!("nginx"), json!(404)),
    ] {
        let document = outcome(&site(), &format!("ws://chat.test{path}"), &[]);
        let end = &document["outcome"];
        assert_eq!(
            (&end["kind"], &end["by"], &end["status"]),
            (&json!(kind), &by, &status),
            "{path}"
        );
    }
}

#[test]
fn an_upstream_without_a_live_server_is_told() {
    let text = SOUND.replace("127.0.0.1:3000", "chat");
    let text = whole(&format!("upstream chat {{ server 127.0.0.1:3000 down; }}\n{text}"));
    let folder = Folder::with("nginx.conf", text);
    let told = folder.run(["trace", "ws://chat.test/ws"]).expect(1).stdout;
    assert!(told.contains("every server of the upstream is `down`"), "{told}");
    assert!(told.contains("delete `down` from a server of the upstream"), "{told}");
    assert_eq!(outcome(&folder, "ws://chat.test/ws", &[])["outcome"]["status"], 502);
}

#[test]
fn what_the_client_is_can_be_said() {
    let from = |address| {
        outcome(&site(), "ws://chat.test/members", &["--client-address", address])["outcome"]
            ["kind"]
            .clone()
    };
    assert_eq!(from("10.1.2.3"), "switches");
    assert_eq!(from("192.0.2.1"), "refused");
    let document = outcome(
        &site(),
        "ws://chat.test/ws",
        &["--header", "X-Room: blue", "-H", "Host: a.wild.test"],
    );
    assert_eq!(document["server"]["name"], "*.wild.test");
    assert_eq!(document["outcome"]["status"], 404);
    let folder = site();
    folder
        .run(["trace", "ws://chat.test/ws", "-H", "no field"])
        .expect(2)
        .complains_about(&["NAME: VALUE"]);
    folder.run(["trace", "ws://chat.test/ws", "--client-address", "x"]).expect(2);
}

#[test]
fn browsers_that_end_otherwise_are_told_apart() {
    let told = site().run(["trace", "ws://chat.test/exact", "--nginx-version", "1.22.1"]).expect(1);
    insta::assert_snapshot!(told.stdout);
    let document = outcome(&site(), "ws://chat.test/exact", &[]);
    assert_eq!(document["outcome"]["kind"], "switches");
    assert_eq!(document["clients"][0]["client"], "firefox");
    assert_eq!(document["clients"][0]["outcome"]["kind"], "refused");
}

#[test]
fn the_document_has_the_way_and_the_request() {
    let document = outcome(&site(), "ws://chat.test/ws/x?a=%20", &["--nginx-version", "1.22.1"]);
    assert_eq!(document["version"], 1);
    assert_eq!(document["url"], "ws://chat.test/ws/x?a=%20");
    assert_eq!(document["nginx_version"], "1.22.1");
    assert_eq!(document["location"]["pattern"], "/ws");
    assert_eq!(document["location"]["file"], "nginx.conf");
    let phases: Vec<&str> = document["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step["phase"].as_str().unwrap())
        .collect();
    assert_eq!(phases, ["server", "location", "proxy", "backend", "response"]);
    let request = &document["upstream_request"];
    assert_eq!(request["uri"], "/ws/x?a=%20");
    assert_eq!(request["http_version"], "1.1");
    assert_eq!(request["to"], "http://chat");
    assert!(request["headers"].as_array().unwrap().contains(&json!(["Upgrade", "websocket"])));
}

#[test]
fn a_part_of_a_configuration_is_traced_in_its_context() {
    let fragment = SOUND.replace("Connection upgrade", "Connection $connection_upgrade");
    let folder = Folder::with("site.conf", fragment);
    let told = folder.run(["trace", "ws://any.test/ws", "site.conf"]).expect(0);
    assert!(told.stdout.contains("$connection_upgrade is taken for the usual"), "{}", told.stdout);
    let location = "proxy_pass http://127.0.0.1:3000;\nproxy_http_version 1.1;\n";
    let folder = Folder::with("proxy.conf", location);
    let document = outcome(&folder, "wss://any.test/ws", &["proxy.conf"]);
    assert_eq!(document["outcome"]["kind"], "refused");
    assert_eq!(document["outcome"]["rules"][0], "upgrade-not-forwarded");
}

#[test]
fn stream_carries_the_connection_as_it_is() {
    let text = "events {}\nstream {\n server { listen 5000; proxy_pass 127.0.0.1:3000; }\n}\n";
    let folder = Folder::with("nginx.conf", text);
    let told = folder.run(["trace", "ws://a.test:5000/ws"]).expect(0);
    assert!(told.stdout.contains("`stream` carries the connection as it is"), "{}", told.stdout);
}

#[test]
fn a_configuration_that_nginx_refuses_is_not_loaded() {
    let folder = Folder::with("nginx.conf", whole("server { location / { proxy_pas http://a; } }"));
    let document = outcome(&folder, "ws://a.test/", &[]);
    assert_eq!(document["outcome"]["kind"], "not-loaded");
    assert_eq!(document["outcome"]["rules"], json!(["unknown-directive"]));
    let told = folder.run(["trace", "ws://a.test/"]).expect(1);
    assert!(told.stdout.contains("nginx does not load this configuration"), "{}", told.stdout);
}

#[test]
fn of_a_folder_the_configuration_with_the_server_is_taken() {
    let server =
        |name: &str| FAULTY.replacen("server {", &format!("server {{\n server_name {name};"), 1);
    let folder = Folder::new()
        .file("conf.d/a.conf", server("a.test"))
        .file("conf.d/b.conf", server("b.test"));
    let document = outcome(&folder, "ws://b.test/ws", &["."]);
    assert!(document["server"]["file"].as_str().unwrap().ends_with("b.conf"), "{document}");
}

#[test]
fn what_is_no_url_is_said() {
    let folder = site();
    for (url, word) in [
        ("chat.test/ws", "ws://"),
        ("ws:///ws", "host"),
        ("ws://a:99999/", "99999"),
        ("ws://a/b#c", "fragment"),
    ] {
        folder.run(["trace", url]).expect(2).complains_about(&[word]);
    }
    folder.run(["trace", "ws://a.test/", "gone.conf"]).expect(2).complains_about(&["gone.conf"]);
    let folder = Folder::new();
    folder.run(["trace", "ws://a.test/"]).expect(2);
}

#[test]
fn what_an_include_holds_decides_only_where_nothing_else_does() {
    let location = |lines: &str| {
        whole(&format!(
            "server {{ listen 80; location /ws {{ include gone.conf; {lines} proxy_pass http://127.0.0.1:3; }} }}"
        ))
    };
    let kind = |lines: &str| {
        let folder = Folder::with("nginx.conf", location(lines));
        outcome(&folder, "ws://a.test/ws", &["--nginx-version", "1.22.1"])["outcome"].clone()
    };
    // The include may set the version, or the headers.
    let headers = "proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;";
    assert_eq!(kind(headers)["kind"], "unknown");
    assert_eq!(kind("proxy_http_version 1.1;")["kind"], "unknown");
    // Whatever it holds, this is no HTTP/1.1, and no GET.
    assert_eq!(kind("proxy_http_version 1.0;")["kind"], "refused");
    assert_eq!(kind("proxy_http_version 1.1; proxy_method POST;")["kind"], "refused");
}

#[test]
fn the_proxy_protocol_is_spoken_by_what_stands_between() {
    let text = whole(
        "server { listen 80 proxy_protocol; location /ws { proxy_pass http://127.0.0.1:3;
         proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade;
         proxy_set_header Connection upgrade; } }",
    );
    let folder = Folder::with("nginx.conf", text);
    let end = outcome(&folder, "ws://a.test/ws", &[]);
    assert_eq!(
        (&end["outcome"]["kind"], &end["outcome"]["status"]),
        (&json!("refused"), &Value::Null)
    );
    let end = outcome(&folder, "ws://a.test/ws", &["--proxy-protocol"]);
    assert_eq!(end["outcome"]["kind"], "switches");
    let routes = folder.run(["routes"]).expect(0);
    assert!(routes.stdout.contains("switches"), "{}", routes.stdout);
}

#[test]
fn a_key_that_is_not_the_clients_is_refused_by_the_client() {
    let text = whole(
        "server { listen 80; location /ws { proxy_pass http://127.0.0.1:3;
         proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade;
         proxy_set_header Sec-WebSocket-Key AAAAAAAAAAAAAAAAAAAAAA==;
         proxy_set_header Connection upgrade; } }",
    );
    let end = outcome(&Folder::with("nginx.conf", text), "ws://a.test/ws", &[]);
    assert_eq!(
        (&end["outcome"]["kind"], &end["outcome"]["by"]),
        (&json!("refused"), &json!("client"))
    );
}
