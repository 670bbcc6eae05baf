//! Several mistakes in one file are so many findings, each on its line, and none is an echo.

use super::Folder;

/// Twenty lines that are wrong, each marked; in between, what is right.
const TWENTY: &str = "\
worker_processes 1 2; # 1
events {
    worker_conections 64; # 2
}
http {
    sendfile; on; # 3
    tcp_nopush yes; # 4
    keepalive_timeout 65 # 5
    gzip on;
    map $http_upgrade $connection_upgrade {
        default upgrade;
        '' close close; # 6
    }
    log_format main \"$remote_addr - $request; # 7
    client_max_body_size 10mb; # 8
    upstream chat {
        server 127.0.0.1:3000 wieght=2; # 9
        127.0.0.1:3001; # 10
    }
    server {
        listen 80;
        listen 8080 defualt_server; # 11
        server_name a.test;
        proxy_pass http://chat; # 12
        location /ws {
            proxy_pass http://chat;
            proxy_http_version 1.1;
            proxy_set_header Upgrade; # 13
            proxy_set_header Connection $connection_upgrade;
            proxy_read_timeout 1hr; # 14
            proxy_read_timeout=60s; # 15
        }}  # 16
        location ~ ^/chat {
            proxy_pass http://chat/; # 17
            Proxy_Buffering off; # 18
        }
        if ($http_upgrade) {
            proxy_set_header X-Upgrade yes; # 19
        }
        return 301 https://a.test extra words; # 20
    }
}
";

#[test]
fn twenty_mistakes_are_twenty_findings() {
    let expected: Vec<u32> = (1..)
        .zip(TWENTY.lines())
        .filter(|(_, line)| line.contains(" # "))
        .map(|(number, _)| number)
        .collect();
    assert_eq!(expected.len(), 20);
    let folder = Folder::with("nginx.conf", TWENTY);
    let found: Vec<String> = folder.concise(["nginx.conf"]);
    let found: Vec<String> = found.into_iter().filter(|line| line.contains(" error[")).collect();
    let line_of = |line: &String| line.split(':').nth(1).unwrap().parse::<u32>().unwrap();
    let lines: Vec<u32> = found.iter().map(line_of).collect();
    assert_eq!(lines, expected, "{found:#?}");
}

/// Who switches a rule off still wants to know that the handshake fails.
#[test]
fn what_an_ignored_rule_explains_is_reported_by_another_one() {
    for (lines, cause, effect) in [
        (
            "proxy_cache_bypass $http_upgrade\n proxy_set_header Connection upgrade;",
            "swallowed-directive",
            "connection-not-forwarded",
        ),
        ("proxy_set_header Connection: upgrade;", "header-name-with-colon", "connection-not"),
        (
            "proxy_set_header Connection \u{201c}upgrade\u{201d};",
            "smart-quotes",
            "connection-value-not-upgrade",
        ),
        (
            "proxy_set_header Connection upgrade#now;",
            "hash-not-a-comment",
            "connection-value-not-upgrade",
        ),
    ] {
        let text = format!(
            "server {{\n location /ws {{\n proxy_pass http://127.0.0.1:3000;\n \
             proxy_http_version 1.1;\n proxy_set_header Upgrade $http_upgrade;\n {lines}\n }}\n}}\n"
        );
        let folder = Folder::with("site.conf", text);
        let found = folder.concise(["site.conf"]);
        assert!(found.len() == 1 && found[0].contains(cause), "{found:?}");
        let found = folder.concise(["site.conf", "--ignore", cause]);
        assert!(found.len() == 1 && found[0].contains(effect), "{cause}: {found:?}");
    }
}

/// The line `http {` has slipped below what belongs into it.
#[test]
fn a_block_that_begins_too_late_is_one_mistake() {
    let text =
        "events {}\nsendfile on;\ngzip on;\nlog_format a b;\nhttp {\n server { listen 80; }\n}\n";
    let found = Folder::with("nginx.conf", text).concise(["nginx.conf"]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("nginx.conf:2:1: error[directive-context] "), "{found:?}");
}
