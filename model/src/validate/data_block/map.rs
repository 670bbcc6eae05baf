//! Lines of `map` (`ngx_http_map` in nginx, src/http/modules/ngx_http_map_module.c, and that of
//! `stream`).

use wslint_grammar::Word;

use crate::declarations::Declarations;
use crate::load::DataLine;
use crate::resolve::Setting;
use crate::source::DirectiveRef;
use crate::text::host_name::is_name_or_wildcard;
use crate::text::placeholder;
use crate::text::value::Refused;
use crate::validate::parameter::{regex_fault, script_fault};
use crate::validate::with_words;

/// The lines of a map whose key or value nginx refuses. How many words there are, and whether a key
/// comes twice, is not asked here.
pub fn refused_lines(model: &Declarations<'_>, block: Setting<'_>) -> Vec<(DirectiveRef, Refused)> {
    let mut refused = Vec::new();
    let mut hostnames = false;
    model.configuration.loaded.each_data_line(block.reference, |line| {
        let DataLine::Read(reference, line) = line else { return };
        if line.argument_count() == 0 {
            hostnames |= line.name().as_ref() == b"hostnames";
        }
        if line.argument_count() != 1 {
            return;
        }
        let words: [Word<'_>; 2] = [line.name_word(), line.argument(0).unwrap_or(line.name_word())];
        let found = with_words(&[], words.into_iter(), |words| entry(model, words, hostnames));
        if let Some(found) = found {
            refused.push((reference, found));
        }
    });
    refused
}

fn entry(model: &Declarations<'_>, words: &[&[u8]], hostnames: bool) -> Option<Refused> {
    let &[key, value] = words else { return None };
    let value_fault = script_fault(1, value, 0, true);
    if value_fault.is_some() {
        return value_fault;
    }
    match key {
        b"default" => None,
        [b'~', b'*', ..] => regex_fault(0, key, 2, model.nginx_version),
        [b'~', ..] => regex_fault(0, key, 1, model.nginx_version),
        _ => {
            let name = key.strip_prefix(b"\\").unwrap_or(key);
            if !hostnames || placeholder::stands_in(key) || is_name_or_wildcard(name) {
                return None;
            }
            let message =
                format!("invalid hostname or wildcard \"{}\"", String::from_utf8_lossy(name));
            Some(Refused::new(0, message, "a name, `*.NAME`, `.NAME` or `NAME.*`"))
        }
    }
}
