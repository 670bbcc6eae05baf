//! The harness runs configurations as users write them.

use wslint_test_support::client;

use super::{Browser, Folder, TRIAD, check, on_every_nginx, start, verdict_at};

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
    on_every_nginx!(a_system_configuration_runs);
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
    on_every_nginx!(rewriting_moves_no_line);
    let folder = system_like();
    let site = format!("{}no_such_directive;\n", folder.files["sites-enabled/app"]);
    let line = u32::try_from(site.lines().count()).expect("a short file");
    let check = check(&folder.with("sites-enabled/app", &site));
    assert_eq!(check.message, r#"unknown directive "no_such_directive""#);
    assert_eq!((check.file.as_deref(), check.line), (Some("sites-enabled/app"), Some(line)));
}

#[test]
fn placeholders_stand_for_addresses_and_the_folder() {
    on_every_nginx!(placeholders_stand_for_addresses_and_the_folder);
    let site = start(format!(
        "events {{}} http {{ proxy_cache_path @PREFIX@/pages keys_zone=pages:1m; \
         server {{ listen @LISTEN@; location / {{ proxy_pass http://@BACKEND@; {TRIAD} }} }} }}"
    ));
    assert_eq!(verdict_at(&site, "/", Browser::Chrome), "switched");
}

#[test]
fn stream_servers_proxy_to_the_backend() {
    on_every_nginx!(stream_servers_proxy_to_the_backend);
    let config = "events {} stream { server { listen 5000; proxy_pass app.internal:3000; } }";
    // Not every build has the module, nor has to.
    if check(&Folder::new(config)).message.contains("unknown directive") {
        return;
    }
    assert_eq!(verdict_at(&start(config), "/", Browser::Chrome), "switched");
}
