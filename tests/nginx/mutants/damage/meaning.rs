//! What is well written and means nothing: unknown variables and zones, things declared twice.

use wslint_test_support::directive::directives;
use wslint_test_support::random::Random;

use super::words::argument;
use super::{Kind, replace};

pub(super) const KINDS: &[Kind] = &[
    ("unknown variable", unknown_variable),
    ("misspell a variable", misspell_variable),
    ("variable in an argument", variable_in_argument),
    ("damage a variable", damage_variable),
    ("unknown reference", unknown_reference),
    ("declare again", declare_again),
    ("lose a declaration", lose_declaration),
    ("insert a directive", insert_directive),
];

/// The places after each `$`.
fn variables(text: &str) -> Vec<usize> {
    let is_name = |at: usize| text[at..].starts_with(|it: char| it.is_ascii_lowercase());
    text.match_indices('$').map(|(at, _)| at + 1).filter(|&at| is_name(at)).collect()
}

fn name_end(text: &str, start: usize) -> usize {
    let is_end = |it: char| !(it.is_ascii_alphanumeric() || it == '_');
    text[start..].find(is_end).map_or(text.len(), |length| start + length)
}

fn unknown_variable(random: &mut Random, text: &str) -> Option<String> {
    let start = *random.choose(&variables(text))?;
    let other = random.pick(&[
        "undefined_one",
        "remote_address",
        "hostname2",
        "http_",
        "arg_",
        "cookie_x",
        "upstream_http_x",
        "sent_trailer_a",
        "1",
        "Host",
        "proxy_hosts",
        "connection_upgrade",
        "ssl_protocol",
        "ssl_preread_protocol",
        "is_inside",
        "realip_remote_addr",
        "upstream_cookie_x",
        "HTTP_HOST",
        "document_root",
        "9",
        "geoip_country_code",
        "memcached_key",
        "secure_link",
    ]);
    Some(replace(text, start..name_end(text, start), other))
}

/// Of some arguments nginx takes every dollar sign for a variable's, of others none.
fn variable_in_argument(random: &mut Random, text: &str) -> Option<String> {
    let word = argument(random, text)?;
    let variable = random.pick(&["$undefined_one", "$host", "${undefined_two}", "$", "${host"]);
    let by = match random.below(3) {
        0 => variable.to_owned(),
        1 => format!("{variable}{}", word.text),
        _ => format!("{}{variable}", word.text),
    };
    Some(replace(text, word.range, &by))
}

fn misspell_variable(random: &mut Random, text: &str) -> Option<String> {
    let start = *random.choose(&variables(text))?;
    let end = name_end(text, start);
    let at = start + random.below(end - start);
    let letter = char::from(b'a' + random.below(26) as u8).to_string();
    let until = if random.chance(50) { at + 1 } else { at };
    Some(replace(text, at..until, &letter))
}

fn damage_variable(random: &mut Random, text: &str) -> Option<String> {
    let start = *random.choose(&variables(text))?;
    let name = &text[start..name_end(text, start)];
    let damaged = match random.below(6) {
        0 => format!("{{{name}"),
        1 => format!("{{{name}}}"),
        2 => String::new(),
        3 => format!("${name}"),
        4 => format!("{{ {name} }}"),
        _ => format!("({name})"),
    };
    Some(replace(text, start..start + name.len(), &damaged))
}

/// Parameters and directives that name something declared elsewhere.
fn unknown_reference(random: &mut Random, text: &str) -> Option<String> {
    let wanted = [
        "zone=requests",
        "zone=connections",
        "limit_conn connections",
        "keys_zone=content",
        "proxy_cache content",
        "access.log main",
        "threads=io",
        "http://app",
        "@fallback",
        "zone app",
        "log_format main",
        "thread_pool io",
        "proxy_pass stream_app",
        "upstream app",
        "zone=requests:1m",
        "shared:TLS:1m",
    ];
    let wanted = random.pick(&wanted);
    let places: Vec<usize> = text.match_indices(wanted).map(|(at, _)| at + wanted.len()).collect();
    let at = *random.choose(&places)?;
    let by = random.pick(&["x", "_2", ":1m", ":", "/", " ", "-other"]);
    Some(replace(text, at..at, by))
}

/// Repeats what may be declared once, beside the first or in the next place where such a thing may be.
fn declare_again(random: &mut Random, text: &str) -> Option<String> {
    let list = directives(text);
    let names = [
        "listen",
        "server_name",
        "log_format",
        "limit_req_zone",
        "limit_conn_zone",
        "proxy_cache_path",
        "server",
        "root",
        "proxy_pass",
        "thread_pool",
        "limit_req",
        "limit_conn",
        "zone",
        "error_page",
        "default_type",
        "index",
        "fastcgi_pass",
        "proxy_set_header",
        "keepalive",
        "auth_basic",
        "return",
        "set",
        "worker_processes",
        "try_files",
        "hash",
        "client_max_body_size",
        "default",
        "access_log",
        "proxy_cache",
        "gzip",
        "expires",
    ];
    let name = random.pick(&names);
    let found: Vec<_> = list.iter().filter(|it| !it.is_block && it.name() == name).collect();
    let directive = *random.choose(&found)?;
    let copy = &text[directive.range.clone()];
    let at = random.choose(&found)?.range.end;
    Some(replace(text, at..at, &format!(" {copy}")))
}

fn lose_declaration(random: &mut Random, text: &str) -> Option<String> {
    let list = directives(text);
    let names = [
        "log_format",
        "limit_req_zone",
        "limit_conn_zone",
        "proxy_cache_path",
        "set",
        "listen",
        "default",
        "server",
        "proxy_buffers",
        "proxy_buffer_size",
        "thread_pool",
        "set_real_ip_from",
        "geo",
        "worker_connections",
    ];
    let name = random.pick(&names);
    let found: Vec<_> = list.iter().filter(|it| !it.is_block && it.name() == name).collect();
    Some(replace(text, random.choose(&found)?.range.clone(), ""))
}

/// A directive of another place, with a mistake or without.
fn insert_directive(random: &mut Random, text: &str) -> Option<String> {
    let list = directives(text);
    let at = random.choose(&list)?.range.start;
    let directive = random.pick(&[
        "listen 20080;",
        "listen 20080 default_server;",
        "server_name example.test;",
        "location / { }",
        "root /x;",
        "alias /x/;",
        "return 200;",
        "return 302;",
        "return 200 a b;",
        "break;",
        "internal;",
        "proxy_pass http://app;",
        "proxy_pass http://app/uri;",
        "proxy_pass http://unknown.invalid$uri;",
        "try_files $uri;",
        "upstream app { server 127.0.0.1:1; }",
        "upstream empty { }",
        "if ($host = a) { return 404; }",
        "if $host { return 404; }",
        "if ($host == a) { return 404; }",
        "if ($host) { }",
        "if (host = a) { }",
        "set host a;",
        "set $host a;",
        "set $own a;",
        "set $own;",
        "rewrite ^ / last;",
        "rewrite ( /;",
        "error_page 404 /a /b;",
        "error_page 200 /a;",
        "limit_except GET { }",
        "limit_except WHAT { }",
        "deny all;",
        "allow nobody;",
        "proxy_set_header Host;",
        "add_header X-A b always c;",
        "add_header X-A;",
        "expires max;",
        "expires modified;",
        "include missing/*.conf;",
        "types { }",
        "map $a $b { }",
        "map $host { }",
        "geo $c { default; }",
        "events { }",
        "http { }",
        "worker_connections 10;",
        "ssl on;",
        "gzip on;",
        "access_log off;",
        "access_log syslog:server=127.0.0.1;",
        "error_log stderr;",
        "access_log @PREFIX@/x.log nowhere;",
        "limit_req zone=nowhere;",
        "limit_req zone=requests;",
        "proxy_cache nowhere;",
        "limit_conn nowhere 1;",
        "keepalive 2;",
        "zone other 64k;",
        "zone other;",
        "hash $uri;",
        "least_conn;",
        "ip_hash;",
        "random;",
        "fastcgi_pass 127.0.0.1:1;",
        "stub_status;",
        "stub_status on;",
        "empty_gif;",
        "auth_request /a;",
        "resolver 127.0.0.1;",
        "resolver;",
        "default_type a;",
        "index a b;",
        "client_max_body_size 1t;",
        "proxy_http_version 2.0;",
        "user;",
        "daemon off;",
        "server { }",
        "server { listen 20090; location /a { } location /a { } }",
        "location /x { location /y { } }",
        "location = /x { location /x/y { } }",
        "location @n { location /a { } }",
        "location ~ ( { }",
        "split_clients $host $s { 60% a; 50% b; }",
        "split_clients $host $s { * a; 5% b; }",
        "split_clients $host $s { 5.555% b; }",
        "proxy_buffers 1 1k;",
        "proxy_buffer_size 64k;",
        "log_format main '$host';",
        "log_format own '$host' '$nobody';",
        "log_format own escape=none '$1';",
        "userid_expires never;",
        "open_file_cache inactive=1s;",
        "output_buffers 0 1k;",
        "mp4_buffer_size x;",
        "charset_map a b { G1 02; }",
        "lua_code_cache on;",
        "more_set_headers 'A: b';",
        "http2 on;",
        "quic on;",
        "ssl_certificate a;",
        "proxy_ssl_protocols TLSv9;",
        "ssl_protocols SSLv3 TLSv1;",
        "variables_hash_bucket_size 33;",
        "server_names_hash_bucket_size 0;",
        "worker_processes 0;",
        "worker_cpu_affinity 01 10;",
        "worker_cpu_affinity auto 0102;",
        "use kqueue;",
        "use nothing;",
        "env A=b;",
        "load_module modules/none.so;",
    ]);
    Some(replace(text, at..at, &format!("{directive}\n")))
}
