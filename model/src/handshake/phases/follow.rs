//! nginx's phases, one after the other (`ngx_http_core_run_phases`).

use std::cell::RefCell;
use std::sync::Arc;

use wslint_grammar::catalogue::{Version, directive as d};

use crate::evaluate::{Evaluated, Unknown, Value};
use crate::handshake::phases::access::{self, Access};
use crate::handshake::phases::subrequest::{self, Mirrored};
use crate::handshake::phases::try_files::{self, Tried};
use crate::handshake::phases::{answer, content};
use crate::handshake::{
    By, Kind, Outcome, Phase, Question, Reach, ReasonKind, Step, Trace, Tracer, UpstreamRequest,
    Url,
};
use crate::resolve::{LevelId, LevelKind, settings};
use crate::rewrite::client::ClientRequest;
use crate::rewrite::interpreter::{self, Decision, End, Subject};
use crate::rewrite::request::Request;
use crate::routing::find_location::Found;
use crate::routing::virtual_server::{ServerMatch, Socket};
use crate::source::Place;
use crate::text::location::LocationPattern;
use crate::versions::HTTP_1_1_BY_DEFAULT;

/// How many ways are followed where the configuration does not say how it goes on.
const MOST_WAYS: usize = 64;

/// A handshake on one of its ways.
pub(crate) struct Walk<'x, 'c> {
    pub(crate) tracer: &'x Tracer<'x, 'c>,
    pub(crate) request: Request<'c>,
    pub(crate) steps: Vec<Step>,
    pub(crate) upstream_request: Option<UpstreamRequest>,
    /// The `proxy_cache` that may answer in the backend's place.
    pub(crate) cached: Option<Place>,
    /// What `mirror` is to send on.
    pub(crate) mirrors: Vec<Mirrored>,
    /// The answers to the questions that come up, as this way is to go.
    answers: Vec<bool>,
    /// The questions that came up.
    asked: RefCell<Vec<Asked>>,
    /// The level whose `proxy_pass` was met last.
    pub(crate) proxied_by: Option<LevelId>,
    /// The location where the walk is to end.
    until: Option<LevelId>,
    /// The request as it arrived there.
    arrived: Option<Request<'c>>,
}

/// A question that the configuration does not answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    depends_on: String,
    place: Option<Place>,
}

/// Where the request goes next.
pub(crate) enum Next {
    /// To the location of its URI.
    FindLocation,
    /// It has begun anew inside nginx, with the server's rewrites.
    ServerRewrite,
    /// To the rewrites of the location that it is in.
    LocationRewrite,
    /// It is over.
    End(Outcome),
}

impl Next {
    /// Adds the reason of a refusal, where it is the end.
    pub(crate) fn because_of(mut self, kind: ReasonKind, place: Option<Place>) -> Self {
        if let Self::End(outcome) = &mut self
            && outcome.kind == Kind::Refused
        {
            outcome.reasons.push(kind.at(place));
        }
        self
    }
}

/// Follows a handshake on all its ways: from the choice of the server on, or from a location.
pub(crate) fn follow(
    tracer: &Tracer<'_, '_>,
    question: &Question,
    start: Option<LevelId>,
) -> Trace {
    let client = Arc::new(question.client_request());
    let mut ways: Vec<(Trace, Vec<Asked>, Vec<bool>)> = Vec::new();
    let mut pending = vec![Vec::new()];
    while let Some(answers) = pending.pop() {
        let (trace, asked) = walk(tracer, question, &client, answers.clone(), start);
        // Each question that came up behind those that were answered opens another way.
        let open = asked.len().min(MOST_WAYS);
        for number in (answers.len()..open).rev() {
            if ways.len() + pending.len() >= MOST_WAYS {
                break;
            }
            let mut other = answers.clone();
            other.resize(number, false);
            other.push(true);
            pending.push(other);
        }
        ways.push((trace, asked, answers));
    }
    let agree =
        |a: &Trace, b: &Trace| a.outcome.kind == b.outcome.kind && a.outcome.kind != Kind::Unknown;
    let (first, others) = (&ways[0], &ways[1..]);
    match others.iter().find(|(trace, ..)| !agree(trace, &first.0)) {
        None => ways.swap_remove(0).0,
        Some((other, asked, answers)) => {
            // The last answer of that way is what made it another one.
            let reason = asked.get(answers.len().saturating_sub(1));
            let mut trace = first.0.clone();
            let (yes, no) = (&other.outcome, &first.0.outcome);
            if no.kind == Kind::Unknown {
                return trace;
            }
            if let Some(Asked { depends_on, place }) = reason {
                trace.outcome = Outcome {
                    kind: Kind::Unknown,
                    by: None,
                    status: None,
                    why: format!("it depends on {depends_on}: {}, or {}", brief(no), brief(yes)),
                    place: *place,
                    reasons: Vec::new(),
                };
            }
            trace
        }
    }
}

fn brief(outcome: &Outcome) -> String {
    match outcome.kind {
        Kind::Switches => "it switches".to_owned(),
        _ => outcome.why.clone(),
    }
}

fn walk(
    tracer: &Tracer<'_, '_>,
    question: &Question,
    client: &Arc<ClientRequest>,
    answers: Vec<bool>,
    start: Option<LevelId>,
) -> (Trace, Vec<Asked>) {
    let mut steps = Vec::new();
    let ended = |outcome, steps, server| Trace {
        outcome,
        server,
        location: None,
        proxied_by: None,
        steps,
        upstream_request: None,
    };
    let chosen = match start {
        Some(location) => Ok(Chosen::around(tracer, location)),
        None => choose_server(tracer, question, &mut steps),
    };
    let chosen = match chosen {
        Ok(chosen) => chosen,
        Err(outcome) => return (ended(outcome, steps, None), Vec::new()),
    };
    let configuration = tracer.model.configuration;
    // The request line is read before nginx knows the host: by the default server's settings.
    let merges = settings::flag(configuration, chosen.default, d::MERGE_SLASHES, true);
    let client = match client.address {
        // Nobody else reaches an address of the machine's own.
        None if chosen.is_loopback => Arc::new(ClientRequest {
            address: Some([127, 0, 0, 1].into()),
            ..question.client_request()
        }),
        _ => Arc::clone(client),
    };
    let mut request = Request::new(client, configuration, chosen.server);
    request.read_target(merges);
    if request.is_malformed {
        (request.server, request.level) = (chosen.default, chosen.default);
    }
    if let ServerMatch::Pattern(Some(captures)) = &chosen.how {
        request.set_captures(captures);
    }
    let mut walk = Walk { steps, answers, ..Walk::at(tracer, request) };
    let first = if chosen.proxy_protocol && !question.proxy_protocol {
        let why = "the port waits for the PROXY protocol, which only a load balancer speaks";
        Next::End(refused(By::Nginx, None, why.to_owned(), chosen.place))
    } else if walk.request.is_malformed {
        let why = "nginx does not take this request target";
        because(answer::finish(&mut walk, 400, None), why)
    } else if chosen.ssl && !question.url.secure {
        let why = "the port speaks TLS, and the URL is ws://, not wss://";
        because(answer::finish(&mut walk, 497, chosen.place), why)
    } else if question.url.secure && !chosen.ssl && !chosen.is_implied {
        let why = "the port does not speak TLS, and the URL is wss://, not ws://".to_owned();
        Next::End(refused(By::Nginx, None, why, chosen.place))
    } else if let Some(location) = start {
        walk.request.level = location;
        walk.update_location();
        Next::LocationRewrite
    } else {
        Next::ServerRewrite
    };
    let mut outcome = walk.run(first);
    if outcome.kind == Kind::Switches {
        outcome = subrequest::mirror(&mut walk, outcome);
    }
    if walk.cached.is_some() && outcome.by != Some(By::Nginx) {
        outcome.reasons.push(ReasonKind::Cached.at(walk.cached));
    }
    let location = settings::location(configuration, walk.request.level);
    let trace = Trace {
        outcome,
        server: Some(walk.request.server),
        location,
        proxied_by: walk.proxied_by,
        steps: walk.steps,
        upstream_request: walk.upstream_request,
    };
    (trace, walk.asked.into_inner())
}

/// Gives an end its reason, unless an `error_page` leads on.
fn because(next: Next, why: &str) -> Next {
    match next {
        Next::End(outcome) => Next::End(Outcome { why: why.to_owned(), ..outcome }),
        next => next,
    }
}

/// An end by refusal.
pub(crate) fn refused(by: By, status: Option<u16>, why: String, place: Option<Place>) -> Outcome {
    Outcome { kind: Kind::Refused, by: Some(by), status, why, place, reasons: Vec::new() }
}

/// An end that cannot be told.
pub(crate) fn unknown(why: &Unknown, place: Option<Place>) -> Outcome {
    Outcome {
        kind: Kind::Unknown,
        by: None,
        status: None,
        why: format!("it depends on {}", why.depends_on),
        place: why.place.or(place),
        reasons: Vec::new(),
    }
}

#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
struct Chosen {
    server: LevelId,
    /// The server that nginx takes as long as it does not know the host.
    default: LevelId,
    how: ServerMatch,
    ssl: bool,
    proxy_protocol: bool,
    is_loopback: bool,
    /// The server is around a fragment, and not seen.
    is_implied: bool,
    place: Option<Place>,
}

impl Chosen {
    /// The server around a location that the handshake is in already.
    fn around(tracer: &Tracer<'_, '_>, location: LevelId) -> Self {
        let server = tracer.model.configuration.level(location).server.unwrap_or(location);
        Chosen {
            server,
            default: server,
            how: ServerMatch::Default,
            ssl: false,
            proxy_protocol: false,
            is_loopback: false,
            is_implied: true,
            place: None,
        }
    }
}

fn choose_server(
    tracer: &Tracer<'_, '_>,
    question: &Question,
    steps: &mut Vec<Step>,
) -> Result<Chosen, Outcome> {
    let configuration = tracer.model.configuration;
    let url = &question.url;
    let host = host_without_port(question);
    if let Some(server) = tracer.implied_server {
        steps.push(Step {
            phase: Phase::Server,
            message: "the file is a part of a server, which is taken for one that fits".to_owned(),
            place: None,
        });
        return Ok(Chosen {
            server,
            default: server,
            how: ServerMatch::Default,
            ssl: url.secure,
            proxy_protocol: false,
            is_loopback: false,
            is_implied: true,
            place: None,
        });
    }
    let sockets = tracer.sockets.on(url.port);
    let Some(socket) = choose_socket(sockets, &host) else {
        if let Some(level) = tracer.sockets.stream(url.port) {
            let place = configuration.head(level).map(|head| head.place());
            steps.push(Step {
                phase: Phase::Server,
                message: format!("port {} belongs to a server of `stream`", url.port),
                place,
            });
            return Err(Outcome {
                kind: Kind::Switches,
                by: None,
                status: Some(101),
                why: "`stream` carries the connection as it is".to_owned(),
                place,
                reasons: Vec::new(),
            });
        }
        let ports: Vec<String> = tracer.ports().iter().map(u16::to_string).collect();
        let why = match ports.as_slice() {
            [] => "no server of `http` is there".to_owned(),
            ports => {
                format!("no server listens on port {}, only on {}", url.port, ports.join(", "))
            }
        };
        return Err(refused(By::Nginx, None, why, None));
    };
    let (server, how) = socket.server(host.as_bytes());
    let names = configuration.own(server, d::SERVER_NAME).iter().next();
    let place = match how {
        ServerMatch::Default => configuration.head(server).map(|head| head.place()),
        _ => names.or(configuration.head(server)).map(|setting| setting.place()),
    };
    let message = match how {
        ServerMatch::Name | ServerMatch::Pattern(_) => {
            format!("the server named for {host}, on {}:{}", socket.shown, url.port)
        }
        ServerMatch::Default => {
            format!("no server is named {host}: the default one of {}:{}", socket.shown, url.port)
        }
    };
    steps.push(Step { phase: Phase::Server, message, place });
    let is_loopback = socket.address.is_some_and(|address| address.is_loopback());
    let default = socket.default;
    Ok(Chosen {
        server,
        default,
        how,
        ssl: socket.ssl,
        proxy_protocol: socket.proxy_protocol,
        is_loopback,
        is_implied: false,
        place,
    })
}

/// How near a URL comes to a server.
pub(crate) fn reach(tracer: &Tracer<'_, '_>, url: &Url) -> Reach {
    if tracer.implied_server.is_some() {
        return Reach::Port;
    }
    let host = url.host.to_ascii_lowercase();
    match choose_socket(tracer.sockets.on(url.port), &host) {
        Some(socket) => match socket.server(host.as_bytes()).1 {
            ServerMatch::Default => Reach::Port,
            ServerMatch::Name | ServerMatch::Pattern(_) => Reach::Name,
        },
        None if tracer.sockets.stream(url.port).is_some() => Reach::Port,
        None => Reach::Nowhere,
    }
}

fn host_without_port(question: &Question) -> String {
    let given = question.fields.iter().find(|(name, _)| name.eq_ignore_ascii_case("host"));
    let host = given.map_or(question.url.host.as_str(), |(_, host)| host.as_str());
    let end = match host.rfind(']') {
        Some(close) => close + 1,
        None => host.find(':').unwrap_or(host.len()),
    };
    host[..end].trim_end_matches('.').to_ascii_lowercase()
}

/// The socket that a client reaches. Where a host has no address in the configuration, one whose
/// servers know its name is taken, else the one for all addresses.
fn choose_socket<'s>(sockets: &'s [Socket], host: &str) -> Option<&'s Socket> {
    let literal: Option<std::net::IpAddr> = match host {
        "localhost" => Some([127, 0, 0, 1].into()),
        _ => host.trim_matches(['[', ']']).parse().ok(),
    };
    let by_address = sockets.iter().find(|socket| literal.is_some() && socket.address == literal);
    let by_name = || {
        let known =
            |socket: &&Socket| !matches!(socket.server(host.as_bytes()).1, ServerMatch::Default);
        sockets.iter().find(known)
    };
    let for_all = || sockets.iter().find(|socket| socket.address.is_none());
    match literal {
        Some(_) => by_address.or_else(for_all).or_else(by_name),
        None => by_name().or_else(for_all),
    }
    .or(sockets.first())
}

/// The requests that arrive at a location, on all ways that one takes from its server on.
pub(crate) fn arriving<'c>(
    tracer: &Tracer<'_, 'c>,
    request: &Request<'c>,
    location: LevelId,
) -> Vec<Request<'c>> {
    let mut arrived = Vec::new();
    let mut count = 0;
    let mut pending = vec![Vec::new()];
    while let Some(answers) = pending.pop() {
        let known = answers.len();
        let mut walk = Walk::at(tracer, request.clone());
        (walk.answers, walk.until) = (answers, Some(location));
        walk.run(Next::ServerRewrite);
        count += 1;
        for number in (known..walk.asked.borrow().len().min(MOST_WAYS)).rev() {
            if count + pending.len() >= MOST_WAYS {
                break;
            }
            let mut other = walk.answers.clone();
            other.resize(number, false);
            other.push(true);
            pending.push(other);
        }
        arrived.extend(walk.arrived);
    }
    arrived
}

impl<'x, 'c> Walk<'x, 'c> {
    /// A walk of a request from where it is.
    pub(crate) fn at(tracer: &'x Tracer<'x, 'c>, request: Request<'c>) -> Self {
        Walk {
            tracer,
            request,
            steps: Vec::new(),
            upstream_request: None,
            cached: None,
            mirrors: Vec::new(),
            answers: Vec::new(),
            asked: RefCell::default(),
            until: None,
            arrived: None,
            proxied_by: None,
        }
    }

    /// Whether the walk itself is a part of a summary: what else is known of the level is not asked.
    pub(crate) fn is_summary(&self) -> bool {
        self.until.is_some()
    }

    /// Makes the walk a part of a summary of the level where it is.
    pub(crate) fn summarize(&mut self) {
        self.until = Some(self.request.level);
    }

    pub(crate) fn run(&mut self, mut next: Next) -> Outcome {
        loop {
            next = match next {
                Next::ServerRewrite => self.server_rewrite(),
                Next::FindLocation => self.find_location(),
                Next::LocationRewrite => self.in_location(),
                Next::End(outcome) => return outcome,
            };
        }
    }

    /// Writes a step down.
    pub(crate) fn step(&mut self, phase: Phase, message: impl Into<String>, place: Option<Place>) {
        self.steps.push(Step { phase, message: message.into(), place });
    }

    /// What a text becomes for the request.
    pub(crate) fn value(&self, text: &[u8]) -> Value {
        self.evaluated(text).value
    }

    /// What a text becomes for the request, with the maps that decided it.
    pub(crate) fn evaluated(&self, text: &[u8]) -> Evaluated {
        self.tracer.model.variables.evaluate_with(text, &self.request)
    }

    /// The version of nginx that the handshake is followed through.
    pub(crate) fn nginx_version(&self) -> Version {
        self.request.client.nginx_version.unwrap_or(HTTP_1_1_BY_DEFAULT)
    }

    /// Asks what the configuration does not say. The answer is one of the two ways; the other one
    /// is followed as well.
    pub(crate) fn ask(&self, depends_on: impl Into<String>, place: Option<Place>) -> bool {
        let mut asked = self.asked.borrow_mut();
        let question = Asked { depends_on: depends_on.into(), place };
        // The same question has the same answer.
        let number = asked.iter().position(|known| *known == question).unwrap_or(asked.len());
        if number == asked.len() {
            asked.push(question);
        }
        self.answers.get(number).copied().unwrap_or(false)
    }

    fn server_rewrite(&mut self) -> Next {
        let server = self.request.server;
        self.request.level = server;
        self.rewrite(server).unwrap_or(Next::FindLocation)
    }

    /// Takes the steps of a server or location; where the request goes, unless it goes on here.
    fn rewrite(&mut self, level: LevelId) -> Option<Next> {
        let programs = self.tracer.model.programs();
        // A walk takes one of two ways and leaves the other one to another walk.
        let (_, end) = interpreter::run(programs, level, &mut *self).pop()?;
        Some(match end {
            End::GoesOn => return None,
            End::Answers(status, place) => answer::finish(self, status, Some(place)),
            End::Sends(status, place) => answer::sent(self, status, Some(place)),
            End::Unknown(why, place) => Next::End(unknown(&why, Some(place))),
        })
    }

    fn find_location(&mut self) -> Next {
        let tracer = self.tracer;
        let configuration = tracer.model.configuration;
        self.request.handler = None;
        self.request.uri_changed = false;
        let path = String::from_utf8_lossy(self.request.known_path()).into_owned();
        match tracer.locations.find(self.request.server, self.request.known_path()) {
            Found::Location(level, captures) => {
                for captures in &captures {
                    self.request.set_captures(captures);
                }
                let place = configuration.head(level).map(|head| head.place());
                let shown = tracer.locations.pattern(level).map(LocationPattern::shown);
                let shown = shown.unwrap_or_default();
                self.step(Phase::Location, format!("{path} belongs to `location {shown}`"), place);
                self.request.level = level;
                if let Some(end) = self.not_for_clients(level) {
                    return end;
                }
                self.update_location();
                Next::LocationRewrite
            }
            Found::Redirect(level) => {
                self.request.level = level;
                if let Some(end) = self.not_for_clients(level) {
                    return end;
                }
                let place = configuration.head(level).map(|head| head.place());
                let message =
                    format!("{path} is redirected to {path}/, which a handshake cannot follow");
                self.step(Phase::Location, message, place);
                answer::finish(self, 301, place)
            }
            Found::Nothing => {
                self.request.level = self.request.server;
                self.step(Phase::Location, format!("no location fits {path}"), None);
                Next::LocationRewrite
            }
            Found::Unknown(level) => {
                let place = configuration.head(level).map(|head| head.place());
                let why = Unknown { depends_on: "this regular expression".to_owned(), place };
                Next::End(unknown(&why, place))
            }
        }
    }

    /// The end of a request that comes from a client to a location that is `internal`.
    fn not_for_clients(&mut self, level: LevelId) -> Option<Next> {
        if self.request.is_internal {
            return None;
        }
        let configuration = self.tracer.model.configuration;
        let place = settings::value(configuration, level, d::INTERNAL)?.place();
        self.step(Phase::Location, "`internal`: clients get 404 here", Some(place));
        Some(answer::finish(self, 404, Some(place)).because_of(ReasonKind::Internal, Some(place)))
    }

    /// What changes when another level's settings come into effect
    /// (`ngx_http_update_location_config`).
    pub(crate) fn update_location(&mut self) {
        let configuration = self.tracer.model.configuration;
        let level = self.request.level;
        if let Some(limited) = access::limit_except(configuration, level, &self.request.method) {
            let place = configuration.head(limited).map(|head| head.place());
            let method = String::from_utf8_lossy(&self.request.method).into_owned();
            self.step(Phase::Access, format!("`limit_except` does not list {method}"), place);
            self.request.level = limited;
        }
        self.request.handler =
            content::handler_level(configuration, self.request.level).or(self.request.handler);
    }

    fn in_location(&mut self) -> Next {
        let level = self.request.level;
        // The steps of a location pass to no `limit_except` (`ngx_http_rewrite_merge_loc_conf`).
        let configuration = self.tracer.model.configuration;
        if level != self.request.server
            && configuration.level(level).kind != LevelKind::LimitExcept
            && let Some(location) = settings::location(configuration, level)
            && let Some(next) = self.rewrite(location)
        {
            return next;
        }
        if self.request.uri_changed {
            return match self.count_uri_change() {
                Some(end) => end,
                None => Next::FindLocation,
            };
        }
        // A sub-request needs no access (`ngx_http_core_access_phase`), and is not mirrored.
        let access =
            if self.request.is_subrequest() { Access::Allowed } else { access::check(self) };
        match access {
            Access::Allowed => {}
            Access::Goes(next) => return next,
            Access::Denied(status, place) => {
                let level = configuration.level(self.request.level);
                let next = answer::finish(self, status, place);
                let is_limited = level.kind == LevelKind::LimitExcept;
                let limited = level.head.map(|head| configuration.setting(head).place());
                return match is_limited {
                    true => next.because_of(ReasonKind::LimitExcept, limited),
                    false => next,
                };
            }
        }
        match try_files::run(self) {
            Tried::Nothing => {}
            Tried::Goes(next) => return next,
        }
        if self.until.is_some()
            && self.until == settings::location(configuration, self.request.level)
            && !self.request.is_subrequest()
        {
            self.arrived = Some(self.request.clone());
            return Next::End(refused(By::Nginx, None, String::new(), None));
        }
        if !self.request.is_subrequest() {
            subrequest::note_mirrors(self);
        }
        content::answer(self)
    }

    /// Counts a change of the URI; the end, when there were too many.
    pub(crate) fn count_uri_change(&mut self) -> Option<Next> {
        self.request.uri_changes_left -= 1;
        (self.request.uri_changes_left == 0).then(|| {
            let why = "rewrite or internal redirection cycle".to_owned();
            Next::End(refused(By::Nginx, Some(500), why, None))
        })
    }

    /// Sends the request to another URI inside nginx (`ngx_http_internal_redirect`).
    pub(crate) fn internal_redirect(&mut self, path: Vec<u8>, arguments: Option<Vec<u8>>) -> Next {
        if let Some(end) = self.count_uri_change() {
            return end;
        }
        self.request.path = Some(path);
        *self.request.arguments.borrow_mut() = arguments;
        self.request.level = self.request.server;
        self.request.is_internal = true;
        self.request.is_unparsed.set(false);
        self.request.is_in_location = true;
        Next::ServerRewrite
    }

    /// Sends the request to a named location (`ngx_http_named_location`).
    pub(crate) fn named_location(&mut self, name: &[u8], place: Option<Place>) -> Next {
        if let Some(end) = self.count_uri_change() {
            return end;
        }
        let shown = String::from_utf8_lossy(name).into_owned();
        if self.request.known_path().is_empty() {
            let message = format!("empty URI in redirect to named location \"{shown}\"");
            self.step(Phase::Location, message, place);
            return answer::finish(self, 500, place);
        }
        let Some(level) = self.tracer.locations.named(self.request.server, name) else {
            let message = format!("could not find named location \"{shown}\"");
            self.step(Phase::Location, message, place);
            return answer::finish(self, 500, place);
        };
        let head = self.tracer.model.configuration.head(level).map(|head| head.place());
        self.step(Phase::Location, format!("on to `location {shown}`"), head);
        self.request.is_internal = true;
        self.request.handler = None;
        self.request.uri_changed = false;
        self.request.level = level;
        self.update_location();
        Next::LocationRewrite
    }
}

impl<'c> Subject<'c> for &mut Walk<'_, 'c> {
    const TAKES_UNKNOWN_URI: bool = false;

    fn request(&self) -> &Request<'c> {
        &self.request
    }

    fn request_mut(&mut self) -> &mut Request<'c> {
        &mut self.request
    }

    fn value(&self, text: &[u8]) -> Value {
        Walk::value(self, text)
    }

    fn decide(&mut self, why: &Unknown, place: Place, _: Option<LevelId>) -> Decision<Self> {
        match self.ask(why.depends_on.clone(), why.place.or(Some(place))) {
            true => Decision::Holds,
            false => Decision::Fails,
        }
    }

    fn enter(&mut self, block: LevelId, has_settings: bool) {
        if has_settings {
            self.request.level = block;
            self.update_location();
        }
    }

    fn note(&mut self, message: impl FnOnce() -> String, place: Place) {
        self.step(Phase::Rewrite, message(), Some(place));
    }

    fn merge(_: &mut Vec<Self>) {}
}
