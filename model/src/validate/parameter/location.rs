//! Locations and the files that they serve.

use wslint_grammar::catalogue::directive as d;

use super::{Line, Row, refuse};
use crate::text::value::{Refused, number, size};

pub(super) const PLAIN: &[Row] = &[(d::DIRECTIO, directio)];

pub(super) const OPEN: &[Row] = &[
    (d::LOCATION, location),
    (d::ROOT, root),
    (d::ALIAS, root),
    (d::TRY_FILES, try_files),
    (d::INDEX, index),
    (d::ERROR_PAGE, error_page),
    (d::AIO, aio),
    (d::DISABLE_SYMLINKS, disable_symlinks),
];

/// `ngx_http_core_location`
fn location(line: &Line<'_>) -> Option<Refused> {
    if line.count() == 2 {
        return match line.word(1) {
            [b'~', b'*', ..] => line.regex(1, 2),
            [b'~', ..] => line.regex(1, 1),
            _ => None,
        };
    }
    match line.word(1) {
        b"~" | b"~*" => line.regex(2, 0),
        b"=" | b"^~" => None,
        _ if line.is_open || line.count() != 3 => None,
        _ => {
            let message = format!("invalid location modifier \"{}\"", line.shown(1));
            refuse(1, message, "`=`, `^~`, `~` or `~*` in front of the URI")
        }
    }
}

/// `ngx_http_core_root`
fn root(line: &Line<'_>) -> Option<Refused> {
    const MADE_FROM_IT: [(&str, &str, &str); 2] = [
        ("document_root", "$document_root", "${document_root}"),
        ("realpath_root", "$realpath_root", "${realpath_root}"),
    ];
    let path = line.word(1);
    if !path.contains(&b'$') {
        return None;
    }
    for (name, plain, braced) in MADE_FROM_IT {
        let is_used = |text: &str| memchr::memmem::find(path, text.as_bytes()).is_some();
        if is_used(plain) || is_used(braced) {
            let message =
                format!("the ${name} variable cannot be used in the \"{}\" directive", line.name());
            return refuse(1, message, "a folder; this variable is made from it");
        }
    }
    line.script(1)
}

/// `ngx_http_try_files`
fn try_files(line: &Line<'_>) -> Option<Refused> {
    let fault = line.words_from(1).find_map(|(at, _)| line.script(at));
    if fault.is_some() {
        return fault;
    }
    let last = line.count() - 1;
    let code = line.word(last).strip_prefix(b"=")?;
    if line.is_open_at(last) || number(code).is_some_and(|code| code <= 999) {
        return None;
    }
    let message = format!("invalid code \"{}\"", line.shown(last));
    refuse(last, message, "a status code, as in `=404`")
}

/// `ngx_http_index_set_index`
fn index(line: &Line<'_>) -> Option<Refused> {
    line.words_from(1).find_map(|(at, word)| {
        if word.is_empty() {
            let message = "index \"\" in \"index\" directive is invalid".to_owned();
            return refuse(at, message, "the name of a file");
        }
        line.script(at)
    })
}

/// `ngx_http_core_error_page`
fn error_page(line: &Line<'_>) -> Option<Refused> {
    let last = line.count() - 1;
    let invalid = |at: usize, expected: &str| {
        refuse(at, format!("invalid value \"{}\"", line.shown(at)), expected)
    };
    let mut codes_end = last;
    if let Some(code) = line.word(last - 1).strip_prefix(b"=")
        && !line.is_open
    {
        codes_end -= 1;
        if last == 2 {
            return invalid(1, "a status code in front of `=`");
        }
        if !code.is_empty() && number(code).is_none() {
            return invalid(last - 1, "`=` or `=CODE`, such as `=200`");
        }
    }
    let fault = line.script(last);
    if fault.is_some() || line.is_open {
        return fault;
    }
    line.words_from(1).take(codes_end - 1).find_map(|(at, word)| match number(word) {
        None | Some(499) => invalid(at, "status codes from 300 to 599, and then a URI"),
        Some(300..=599) => None,
        Some(_) => {
            let message = format!("value \"{}\" must be between 300 and 599", line.shown(at));
            refuse(at, message, "status codes from 300 to 599, and then a URI")
        }
    })
}

/// `ngx_http_core_set_aio`
fn aio(line: &Line<'_>) -> Option<Refused> {
    let word = line.word(1);
    if word.starts_with(b"threads=") {
        return line.script_from(1, 8);
    }
    // `sendfile` was a value up to 1.7.11.
    if matches!(word, b"on" | b"off" | b"threads") || line.is_open {
        return None;
    }
    line.invalid_value(1, "`on`, `off`, `threads` or `threads=POOL`")
}

/// `ngx_http_core_directio`
fn directio(line: &Line<'_>) -> Option<Refused> {
    if line.word(1) == b"off" || size(line.word(1), true).is_some() {
        return None;
    }
    line.invalid_value(1, "`off`, or a size such as `4m`")
}

/// `ngx_http_disable_symlinks`
fn disable_symlinks(line: &Line<'_>) -> Option<Refused> {
    let is_switch = |word: &[u8]| matches!(word, b"off" | b"on" | b"if_not_owner");
    let switches = line.words_from(1).filter(|(_, word)| is_switch(word)).count();
    for (at, word) in line.words_from(1) {
        if word.starts_with(b"from=") {
            if let Some(refused) = line.script_from(at, 5) {
                return Some(refused);
            }
        } else if !is_switch(word) && !line.is_open {
            return line.invalid_parameter(at, "`off`, `on` or `if_not_owner`, and `from=PART`");
        }
    }
    let says_off = line.words_from(1).any(|(_, word)| word == b"off");
    match (switches, line.count()) {
        _ if line.is_open => None,
        (0, _) => line.missing("\"off\", \"on\" or \"if_not_owner\" parameter"),
        (2, _) => {
            let message = format!("duplicate parameters \"{} {}\"", line.shown(1), line.shown(2));
            refuse(2, message, "one of the two")
        }
        (1, 3) if says_off => {
            let message = "\"from=\" cannot be used with \"off\" parameter".to_owned();
            refuse(1, message, "`on` or `if_not_owner` with `from=`")
        }
        _ => None,
    }
}
