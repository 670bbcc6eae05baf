//! `try_files` (`ngx_http_try_files_handler`).
//!
//! The files of the server are not those of the machine that wslint runs on. A handshake's URI is
//! no file: what is tried is taken for missing, but for the folder itself.

use wslint_grammar::Word;
use wslint_grammar::catalogue::directive as d;

use crate::evaluate::Value;
use crate::handshake::Phase;
use crate::handshake::phases::answer;
use crate::handshake::phases::follow::{Next, Walk, unknown};
use crate::rewrite::document_root;

/// What `try_files` leads to.
pub(crate) enum Tried {
    /// It is not there, or found something: the request goes on where it is.
    Nothing,
    /// The request goes somewhere else.
    Goes(Next),
}

/// Tries the files of the level itself: `try_files` passes to no other level.
pub(crate) fn run(walk: &mut Walk<'_, '_>) -> Tried {
    let configuration = walk.tracer.model.configuration;
    let Some(setting) = configuration.own(walk.request.level, d::TRY_FILES).iter().next_back()
    else {
        return Tried::Nothing;
    };
    let place = Some(setting.place());
    let words: Vec<Vec<u8>> =
        setting.directive.arguments().map(Word::value).map(std::borrow::Cow::into_owned).collect();
    let Some((last, tried)) = words.split_last() else { return Tried::Nothing };
    let alias = document_root::root(configuration, walk.request.level)
        .filter(|root| root.alias_of.is_some());
    if alias.is_some() && !walk.request.is_in_location {
        let message = "`alias` cannot be used where the URI was rewritten";
        walk.step(Phase::TryFiles, message, place);
        return Tried::Goes(answer::finish(walk, 500, place));
    }
    for file in tried {
        // The configured folder itself is the one thing that is surely there.
        if file.ends_with(b"/")
            && let Value::Known(path) = walk.value(file)
            && path.iter().all(|&byte| byte == b'/')
        {
            walk.step(Phase::TryFiles, "`try_files` finds the folder itself", place);
            walk.request.path = Some(path);
            return Tried::Nothing;
        }
    }
    if let Some(code) = last.strip_prefix(b"=") {
        let code = std::str::from_utf8(code).ok().and_then(|code| code.parse().ok());
        let code = code.unwrap_or(500);
        walk.step(Phase::TryFiles, format!("`try_files` finds no file: {code}"), place);
        return Tried::Goes(answer::finish(walk, code, place));
    }
    match walk.value(last) {
        Value::Unknown(why) => Tried::Goes(Next::End(unknown(&why, place))),
        Value::Known(mut target) => {
            // What an `alias` takes the place of is taken away from a text with variables, be it
            // the path of a file or not.
            let replaced = alias.and_then(|root| root.replaced(configuration));
            if let Some(name) = replaced.and_then(|length| walk.request.known_path().get(..length))
                && last.contains(&b'$')
                && let Some(rest) = target.strip_prefix(name)
            {
                target = rest.to_vec();
            }
            let shown = String::from_utf8_lossy(&target).into_owned();
            walk.step(Phase::TryFiles, format!("`try_files` finds no file: on to {shown}"), place);
            if target.starts_with(b"@") {
                return Tried::Goes(walk.named_location(&target, place));
            }
            let (path, arguments) = answer::split_arguments(&target);
            Tried::Goes(walk.internal_redirect(path, arguments))
        }
    }
}
