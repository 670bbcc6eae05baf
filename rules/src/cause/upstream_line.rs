//! Lines of an upstream that nginx refuses.

use wslint_grammar::Word;
use wslint_grammar::catalogue::Version;
use wslint_model::resolve::Setting;
use wslint_model::text::placeholder;
use wslint_model::validate::parameter::is_server_parameter;

/// The first parameter that nginx refuses. What a template has yet to fill in is not judged.
pub(crate) fn bad_parameter(server: Setting<'_>, version: Option<Version>) -> Option<Word<'_>> {
    server.directive.arguments().skip(1).find(|word| {
        let value = word.value();
        !is_server_parameter(&value, version) && !placeholder::stands_in(&value)
    })
}

/// Whether an unknown directive of an upstream is an address.
pub(crate) fn looks_like_address(name: &[u8]) -> bool {
    let Ok(name) = std::str::from_utf8(name) else { return false };
    let host_characters = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]/".contains(&byte);
    (name.contains(['.', ':', '[']) || name == "localhost") && name.bytes().all(host_characters)
}
