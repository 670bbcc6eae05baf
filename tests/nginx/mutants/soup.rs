//! Texts that nobody would write: directives, signs and bytes in any order.

use wslint_grammar::catalogue;
use wslint_test_support::random::Random;

const PIECES: [&[u8]; 62] = [
    b";",
    b"{",
    b"}",
    b"\"",
    b"'",
    b"\\",
    b"#",
    b"\n",
    b"\r",
    b"\t",
    b"$",
    b"${",
    b"=",
    b"~",
    b"~*",
    b"(",
    b")",
    b"%",
    b"*",
    b"@a",
    b"/",
    b"\xff",
    b"\xe2\x80\x9c",
    b"\xef\xbc\x9b",
    b"\xef\xbb\xbf",
    b"\x1b[31m",
    b"on",
    b"off",
    b"$host",
    b"$1",
    b"127.0.0.1:80",
    b"[::1]:80",
    b"unix:",
    b"http://a",
    b"http://$a/${",
    b"zone=a:1m",
    b"=404",
    b"default",
    b"include ./*;",
    b"include x;",
    b"999999999999999999999",
    b"-1",
    b"{{ a }}",
    b"<% a %>",
    b"...",
    b"http {",
    b"server {",
    b"location / {",
    b"location ~ (",
    b"map $a $b {",
    b"geo $c {",
    b"upstream a {",
    b"events {}",
    b"stream {",
    b"if ($a ~ (",
    b"split_clients $a $b {",
    b"content_by_lua_block {",
    b"--[[",
    b"]]",
    b"proxy_pass http://a;",
    b"proxy_set_header Upgrade $http_upgrade;",
    b"# wslint: ignore[all]",
];

/// Some hundred pieces, often with blanks between them.
pub(crate) fn soup(random: &mut Random) -> Vec<u8> {
    let names: Vec<&str> = catalogue::names().map(wslint_grammar::DirectiveId::name).collect();
    let mut text = Vec::new();
    for _ in 0..random.below(300) {
        match random.below(10) {
            0 => text.push(random.below(256) as u8),
            1..=3 => text.extend_from_slice(random.pick(&names).as_bytes()),
            _ => text.extend_from_slice(random.pick(&PIECES)),
        }
        if random.chance(70) {
            text.push(b' ');
        }
    }
    text
}
