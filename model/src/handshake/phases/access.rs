//! The access phase: `allow`, `deny`, `auth_basic`, `auth_request`, `satisfy`, and `limit_except`
//! (`ngx_http_core_access_phase`).

use std::net::IpAddr;

use wslint_grammar::Word;
use wslint_grammar::catalogue::directive as d;

use crate::handshake::phases::answer;
use crate::handshake::phases::follow::{Next, Walk};
use crate::handshake::phases::subrequest::{self, Ended};
use crate::handshake::{Kind, Phase, ReasonKind};
use crate::resolve::{Configuration, LevelId, LevelKind, settings};
use crate::routing::subrequest::uri_of;
use crate::source::Place;
use crate::text::network::Network;

/// Whether a request may come in.
pub(crate) enum Access {
    /// It may.
    Allowed,
    /// It may not: nginx answers with this status.
    Denied(u16, Option<Place>),
    /// It goes somewhere else.
    Goes(Next),
}

/// What one module says.
enum Says {
    /// It has nothing to say.
    Nothing,
    /// The request may come in.
    Allows,
    /// It may not.
    Denies(u16, Option<Place>),
    /// The request goes somewhere else.
    Goes(Next),
}

/// The `limit_except` block of a location, when it is about the method.
pub(crate) fn limit_except(
    configuration: &Configuration,
    level: LevelId,
    method: &[u8],
) -> Option<LevelId> {
    configuration.children(level).find(|&child| {
        configuration.level(child).kind == LevelKind::LimitExcept
            && configuration.head(child).is_some_and(|head| {
                let mut listed = head.directive.arguments().map(Word::value);
                // `GET` lists `HEAD` too.
                !listed.any(|listed| {
                    listed.eq_ignore_ascii_case(method)
                        || method == b"HEAD" && listed.eq_ignore_ascii_case(b"GET")
                })
            })
    })
}

/// Asks the modules in nginx's order.
pub(crate) fn check(walk: &mut Walk<'_, '_>) -> Access {
    let configuration = walk.tracer.model.configuration;
    let level = walk.request.level;
    let any = settings::word(configuration, level, d::SATISFY).is_some_and(|word| word == b"any");
    let mut denied: Option<(u16, Option<Place>)> = None;
    for module in [addresses, basic, request] {
        match module(walk) {
            Says::Allows if any => return Access::Allowed,
            Says::Nothing | Says::Allows => {}
            Says::Denies(status, place) if any => {
                // 401 stays, because it asks the client for a password.
                if denied.is_none_or(|(known, _)| known != 401) {
                    denied = Some((status, place));
                }
            }
            Says::Denies(status, place) => return Access::Denied(status, place),
            Says::Goes(next) => return Access::Goes(next),
        }
    }
    match denied {
        Some((status, place)) => Access::Denied(status, place),
        None => Access::Allowed,
    }
}

/// `ngx_http_access_handler`
fn addresses(walk: &mut Walk<'_, '_>) -> Says {
    let configuration = walk.tracer.model.configuration;
    let rules = settings::nearest(configuration, walk.request.level, &[d::ALLOW, d::DENY]);
    for rule in rules {
        let allows = rule.directive.id() == Some(d::ALLOW);
        let place = Some(rule.place());
        let Some(network) = rule.directive.argument(0).map(|word| word.value().into_owned()) else {
            continue;
        };
        let network = String::from_utf8_lossy(&network).into_owned();
        let matches = match contains(&network, walk.request.client.address) {
            Some(matches) => matches,
            None => walk.ask(format!("whether the client is in {network}"), place),
        };
        if matches {
            let verb = if allows { "allow" } else { "deny" };
            walk.step(Phase::Access, format!("`{verb}` holds for the client's address"), place);
            return if allows { Says::Allows } else { Says::Denies(403, place) };
        }
    }
    Says::Nothing
}

/// Whether a network contains an address; `None` when that cannot be told.
fn contains(network: &str, address: Option<IpAddr>) -> Option<bool> {
    if network == "all" {
        return Some(true);
    }
    if network == "unix:" {
        return Some(false);
    }
    Some(Network::read(network.as_bytes())?.contains(address?))
}

/// `ngx_http_auth_basic_handler`
fn basic(walk: &mut Walk<'_, '_>) -> Says {
    let configuration = walk.tracer.model.configuration;
    let level = walk.request.level;
    let Some(realm) = settings::value(configuration, level, d::AUTH_BASIC) else {
        return Says::Nothing;
    };
    if settings::value(configuration, level, d::AUTH_BASIC_USER_FILE).is_none() {
        return Says::Nothing;
    }
    let place = Some(realm.place());
    let Some(text) = realm.directive.argument(0) else { return Says::Nothing };
    match walk.value(&text.value()).bytes() {
        Some(b"off") => return Says::Nothing,
        Some(_) => {}
        None => {
            if !walk.ask("whether `auth_basic` is off", place) {
                return Says::Nothing;
            }
        }
    }
    if walk.request.header("Authorization").is_none() {
        walk.step(Phase::Access, "`auth_basic` asks for a name and a password", place);
        return Says::Denies(401, place);
    }
    if walk.ask("the passwords of `auth_basic_user_file`", place) {
        Says::Denies(401, place)
    } else {
        Says::Allows
    }
}

/// `ngx_http_auth_request_handler`
fn request(walk: &mut Walk<'_, '_>) -> Says {
    let configuration = walk.tracer.model.configuration;
    let Some(setting) = settings::value(configuration, walk.request.level, d::AUTH_REQUEST) else {
        return Says::Nothing;
    };
    let Some(uri) = uri_of(setting) else { return Says::Nothing };
    let place = Some(setting.place());
    let shown = String::from_utf8_lossy(&uri).into_owned();
    walk.step(Phase::Access, format!("`auth_request` asks {shown} first"), place);
    let main = walk.upstream_request.take();
    let asked = subrequest::authorize(walk, uri);
    let own = std::mem::replace(&mut walk.upstream_request, main);
    let status = match asked {
        Some(Ended::Answered(status)) => status,
        Some(Ended::Closes(mut end)) => {
            walk.upstream_request = own;
            if end.kind == Kind::Switches {
                end = subrequest::closes(end.place, "auth_request");
                end.reasons.push(ReasonKind::AuthRequestUpgrades.at(place));
            }
            return Says::Goes(Next::End(end));
        }
        Some(Ended::Unknown(end)) => return Says::Goes(Next::End(end)),
        None if walk.ask("what `auth_request` answers", place) => 403,
        None => 200,
    };
    match status {
        200..300 => {
            walk.step(Phase::Access, format!("{status} of {shown} lets the handshake in"), place);
            return Says::Allows;
        }
        401 | 403 => return Says::Denies(status, place),
        _ => {}
    }
    walk.step(Phase::Access, format!("auth request unexpected status: {status}"), place);
    let got_upgrade = own.as_ref().is_some_and(|own| own.sends("Upgrade"));
    walk.upstream_request = own;
    match answer::finish(walk, 500, place) {
        Next::End(mut end) if got_upgrade => {
            end.reasons.push(ReasonKind::AuthRequestUpgrades.at(place));
            Says::Goes(Next::End(end))
        }
        next => Says::Goes(next),
    }
}

#[cfg(test)]
mod tests {
    use super::contains;

    #[test]
    fn networks_contain_addresses() {
        let local = Some([127, 0, 0, 1].into());
        assert_eq!(contains("all", None), Some(true));
        assert_eq!(contains("127.0.0.0/8", local), Some(true));
        assert_eq!(contains("10.0.0.0/8", local), Some(false));
        assert_eq!(contains("10.0.0.0/8", None), None);
        assert_eq!(contains("unix:", None), Some(false));
    }
}
