//! `wslint routes`: every proxied location.

use serde_json::{Value, json};

use super::{Folder, whole};

fn site() -> Folder {
    let servers = "
    upstream chat { server 127.0.0.1:3000; }
    server {
        listen 443 ssl;
        listen 80;
        server_name chat.test www.chat.test;
        ssl_certificate a.pem;
        ssl_certificate_key a.key;
        proxy_read_timeout 1h;
        location /ws {
            proxy_pass http://chat;
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection upgrade;
        }
        location /cable { proxy_pass http://chat; }
        location ~ ^/v\\d/(api|feed)$ { proxy_pass http://127.0.0.1:9000; }
        location @fallback { proxy_pass http://chat; proxy_read_timeout 5s; }
        location /files { root /srv; }
    }
    server { listen 8080; location / { proxy_pass http://chat; } }";
    Folder::with("nginx.conf", whole(servers))
}

fn routes(folder: &Folder, options: &[&str]) -> Value {
    let outcome = folder.run(["routes", "--format", "json"].iter().chain(options)).expect(0);
    serde_json::from_str::<Value>(&outcome.stdout).expect("JSON")["routes"].clone()
}

#[test]
fn a_list_for_people() {
    insta::assert_snapshot!(site().run(["routes"]).expect(0).stdout);
    let listed = site().run(["routes"]).expect(0);
    assert!(listed.stdout.lines().all(|line| line.chars().count() <= 80), "{}", listed.stdout);
}

#[test]
fn every_proxied_location_has_a_url_where_one_leads_there() {
    let routes = routes(&site(), &[]);
    let urls: Vec<&Value> = routes.as_array().unwrap().iter().map(|route| &route["url"]).collect();
    assert_eq!(
        urls,
        [
            &json!("wss://chat.test/ws"),
            &json!("wss://chat.test/cable"),
            &json!("wss://chat.test/v1/api"),
            &Value::Null,
            &json!("ws://localhost:8080/")
        ]
    );
}

#[test]
fn intent_settings_and_outcome_are_told() {
    let routes = routes(&site(), &["--nginx-version", "1.22.1"]);
    let intents: Vec<&str> =
        routes.as_array().unwrap().iter().map(|route| route["intent"].as_str().unwrap()).collect();
    assert_eq!(intents, ["websocket", "unclear", "plain", "plain", "plain"]);
    let first = &routes[0];
    assert_eq!(first["outcome"]["kind"], "switches");
    assert_eq!(first["upstream"], "http://chat");
    assert_eq!(first["effective"]["proxy_http_version"]["value"], "1.1");
    assert_eq!(first["effective"]["upgrade"]["value"], "websocket");
    assert_eq!(first["effective"]["proxy_read_timeout"]["value"], "1h");
    assert_eq!(first["effective"]["proxy_read_timeout"]["from"]["start"]["line"], 11);
    let last = &routes[4];
    assert_eq!(
        last["effective"]["proxy_http_version"],
        json!({
            "value": "1.0", "file": null, "from": "default"
        })
    );
    assert_eq!(last["outcome"]["kind"], "refused");
}

#[test]
fn a_configuration_that_proxies_nothing_has_no_routes() {
    let folder = Folder::with("nginx.conf", whole("server { listen 80; }"));
    assert_eq!(routes(&folder, &[]), json!([]));
    let listed = folder.run(["routes"]).expect(0);
    assert_eq!(listed.stdout, "Nothing is proxied here.\n");
}
