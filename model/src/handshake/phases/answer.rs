//! Answers of nginx's own, and `error_page` (`ngx_http_special_response_handler`,
//! `ngx_http_send_error_page`).

use wslint_grammar::Word;
use wslint_grammar::catalogue::directive as d;

use crate::evaluate::Value;
use crate::handshake::phases::follow::{Next, Walk, refused, unknown};
use crate::handshake::{By, Phase};
use crate::resolve::{Setting, settings};
use crate::source::Place;

/// nginx answers with a status, unless `error_page` has something for it.
pub(crate) fn finish(walk: &mut Walk<'_, '_>, status: u16, place: Option<Place>) -> Next {
    if matches!(status, 408 | 444 | 499) {
        // nginx closes the connection at once (`ngx_http_finalize_request`).
        return Next::End(refused(By::Nginx, None, why(status), place));
    }
    walk.request.error_status = Some(status);
    let configuration = walk.tracer.model.configuration;
    let level = walk.request.level;
    if !walk.request.had_error_page
        && let Some(page) = page_for(walk, status)
    {
        walk.request.had_error_page =
            !settings::flag(configuration, level, d::RECURSIVE_ERROR_PAGES, false);
        return error_page(walk, status, page);
    }
    Next::End(refused(By::Nginx, Some(shown(status)), why(status), place))
}

/// nginx sends an answer for which no `error_page` is looked for.
pub(crate) fn sent(walk: &Walk<'_, '_>, status: u16, place: Option<Place>) -> Next {
    let status = walk.request.error_status.unwrap_or(status);
    Next::End(refused(By::Nginx, Some(status), why(status), place))
}

/// The `error_page` for a status.
pub(crate) fn page_for<'c>(walk: &Walk<'_, 'c>, status: u16) -> Option<Setting<'c>> {
    let configuration = walk.tracer.model.configuration;
    let pages = settings::nearest(configuration, walk.request.level, &[d::ERROR_PAGE]);
    pages.into_iter().find(|page| {
        let count = page.directive.argument_count();
        page.directive.arguments().take(count.saturating_sub(1)).any(|word| {
            std::str::from_utf8(&word.value()).is_ok_and(|code| code.parse() == Ok(status))
        })
    })
}

fn error_page(walk: &mut Walk<'_, '_>, status: u16, page: Setting<'_>) -> Next {
    let place = Some(page.place());
    let words: Vec<Vec<u8>> =
        page.directive.arguments().map(Word::value).map(std::borrow::Cow::into_owned).collect();
    let Some((target, codes)) = words.split_last() else { return Next::FindLocation };
    let overwrite = codes.iter().find_map(|word| word.strip_prefix(b"="));
    let overwrite = overwrite.map(|code| {
        std::str::from_utf8(code).ok().and_then(|code| code.parse::<u16>().ok()).unwrap_or(0)
    });
    walk.request.error_page = place;
    match overwrite {
        Some(0) => walk.request.error_status = None,
        Some(code) => walk.request.error_status = Some(code),
        None => {}
    }
    let target = match walk.value(target) {
        Value::Known(target) => target,
        Value::Unknown(why) => return Next::End(unknown(&why, place)),
    };
    let name = String::from_utf8_lossy(&target).into_owned();
    walk.step(Phase::Response, format!("`error_page` for {status}: on to {name}"), place);
    match target.first() {
        Some(b'/') => {
            if walk.request.method != b"HEAD" {
                walk.request.method = b"GET".to_vec();
            }
            let (path, arguments) = split_arguments(&target);
            walk.internal_redirect(path, arguments)
        }
        Some(b'@') => walk.named_location(&target, place),
        _ => {
            let is_redirect = |code: &u16| matches!(code, 301 | 302 | 303 | 307 | 308);
            let status = overwrite.filter(is_redirect).unwrap_or(302);
            Next::End(refused(By::Nginx, Some(status), why(status), place))
        }
    }
}

/// A URI without and with its arguments (`ngx_http_split_args`).
pub(crate) fn split_arguments(target: &[u8]) -> (Vec<u8>, Option<Vec<u8>>) {
    match target.iter().position(|&byte| byte == b'?') {
        Some(question) => (target[..question].to_vec(), Some(target[question + 1..].to_vec())),
        None => (target.to_vec(), Some(Vec::new())),
    }
}

/// The status as the client sees it: some are nginx's own and are sent as another one.
fn shown(status: u16) -> u16 {
    match status {
        494..=497 => 400,
        status => status,
    }
}

fn why(status: u16) -> String {
    match status {
        408 | 444 | 499 => "nginx closes the connection without an answer".to_owned(),
        301 | 302 | 303 | 307 | 308 => {
            format!(
                "nginx answers {status}, a redirect, which browsers do not follow for a handshake"
            )
        }
        status => format!("nginx answers {status} itself, and the backend never hears of it"),
    }
}
