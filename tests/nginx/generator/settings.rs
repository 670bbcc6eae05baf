//! What a location says beside the proxy's settings: access, files, error pages.

use wslint_test_support::random::Random;

use super::locations::Form;

/// Where files are looked for.
pub(crate) fn files(random: &mut Random, form: Form) -> String {
    match random.below(5) {
        0 if form == Form::Prefix => "alias @PREFIX@/conf/www/other/; ".to_owned(),
        1 => "root @PREFIX@/conf/www/absent; ".to_owned(),
        3 => "root @PREFIX@/conf/www/absent/$host/; ".to_owned(),
        2 if form == Form::Prefix => {
            "alias @PREFIX@/conf/www/other/; try_files $uri /l3/$uri; ".to_owned()
        }
        2 if form == Form::Regex => "alias @PREFIX@/conf/www/other/absent$1; ".to_owned(),
        2 => "index none.html; ".to_owned(),
        _ => "root @PREFIX@/conf/www; ".to_owned(),
    }
}

/// Who may come in.
pub(crate) fn access(random: &mut Random) -> String {
    random.word(&[
        "deny all; ",
        "allow 127.0.0.1; deny all; ",
        "deny 127.0.0.1; ",
        "allow 10.0.0.0/8; deny all; ",
        "deny 10.0.0.0/8; allow all; ",
        "allow ::1; allow unix:; deny 127.0.0.0/8; ",
        "satisfy any; deny all; auth_basic x; auth_basic_user_file @PREFIX@/conf/users; ",
        "satisfy any; allow 127.0.0.1; deny all; auth_basic x; auth_basic_user_file @PREFIX@/conf/users; ",
        "auth_basic x; auth_basic_user_file @PREFIX@/conf/users; ",
        "auth_basic off; auth_basic_user_file @PREFIX@/conf/users; ",
        "auth_basic $s2; auth_basic_user_file @PREFIX@/conf/users; ",
        "limit_except GET { deny all; } ",
        "limit_except POST { deny all; } ",
        "limit_except PUT { proxy_pass http://backend; } ",
        "limit_except POST { allow all; } deny all; ",
        "limit_except HEAD { allow 127.0.0.1; deny all; } ",
    ])
}

/// An `error_page`.
pub(crate) fn error_page(random: &mut Random) -> String {
    let codes = random.pick(&[
        "404",
        "403",
        "418",
        "400",
        "502",
        "500",
        "401",
        "404 403 418",
        "502 503 504",
        "400 405 500",
        "301",
        "302",
        "444",
        "408",
        "400 401 402 403 404 405 406 409 410 418 429 500 501 502 503",
    ]);
    let overwrite =
        random.pick(&["", "", " =", " =200", " =404", " =101", " =302", " =204", " =503"]);
    let target = random.pick(&[
        "@n0",
        "@n0",
        "@n1",
        "/t0",
        "/t1",
        "/t2/x?e=$uri",
        "/t3?code",
        "/nowhere",
        "/l3/$arg_a",
        "@missing",
        "https://other.test/",
        "/l4/",
        "$s0",
    ]);
    // Only a text with variables is no URI at the first sight.
    format!("error_page {codes}{overwrite} {target}; ")
}

/// A `try_files`, of which no file is there.
pub(crate) fn try_files(random: &mut Random) -> String {
    random.word(&[
        "try_files $uri @n0; ",
        "try_files $uri $uri/ @n1; ",
        "try_files /absent.html /t0?x=$uri; ",
        "try_files $uri =404; ",
        "try_files $uri =503; ",
        "try_files $uri =444; ",
        "try_files $uri.html $uri/index.html /t1; ",
        "try_files absent /t2/$arg_a; ",
        "try_files $arg_a/absent /l5/x?$args; ",
    ])
}
