//! Configurations of any size for the benches: each server has an upstream, a location for
//! WebSockets and a static one.

use std::fmt::Write as _;

/// What stands before the servers.
pub(crate) const HEAD: &str = "\
worker_processes 1;
events { worker_connections 1024; }
http {
    server_names_hash_max_size 131072;
    server_names_hash_bucket_size 128;
    map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
";

/// One server and its upstream, about a kilobyte.
pub(crate) fn server(number: usize) -> String {
    let first = 3000 + number % 1000;
    let second = 4000 + number % 1000;
    let mut text = String::new();
    let _ = write!(
        text,
        "
    # Site {number}: a chat behind two backends, and its files.
    upstream backend_{number} {{
        server 127.0.0.1:{first} max_fails=3 fail_timeout=10s;
        server 127.0.0.1:{second} backup;
        keepalive 16;
    }}

    server {{
        listen 8080;
        server_name site{number}.example.com www.site{number}.example.com;
        access_log off;

        location /ws/ {{
            proxy_pass http://backend_{number};
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header X-Real-IP $remote_addr;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_read_timeout 3600s;
        }}

        location /static/ {{
            root /srv/site{number};
            expires 7d;
            add_header Cache-Control public;
        }}
    }}
"
    );
    text
}

/// A whole configuration in one file.
pub(crate) fn one_file(servers: usize) -> String {
    let mut text = HEAD.to_owned();
    (0..servers).for_each(|number| text.push_str(&server(number)));
    text.push_str("}\n");
    text
}
