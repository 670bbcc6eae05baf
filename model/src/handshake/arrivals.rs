//! What is known of a request when it has arrived at a level: the summary of all ways that lead
//! there.
//!
//! The steps of the server and of the location are taken once for a request of which the URI, the
//! host and the like are unknown: where they decide, both ways are taken. What all ways agree on is
//! known. Where they don't agree, some URIs that lead to the location are followed one by one, and
//! to a location that only nginx itself leads to, the requests from where it does.

use std::sync::{Arc, Mutex, RwLock};

use rustc_hash::FxHashMap;
use wslint_grammar::catalogue::directive as d;

use crate::evaluate::{Evaluated, Request as SampleRequest, Unknown, Value, Variables};
use crate::handshake::Tracer;
use crate::handshake::phases::follow::{self, Walk};
use crate::handshake::phases::{access, content};
use crate::model::Model;
use crate::resolve::{Configuration, LevelId, LevelKind, RewriteStep, settings};
use crate::rewrite::client::ClientRequest;
use crate::rewrite::interpreter::{self, Decision, End, Subject};
use crate::rewrite::program::Action;
use crate::rewrite::request::Request;
use crate::routing::find_location::Found;
use crate::routing::onward::{Onward, locations_of};
use crate::routing::sample;
use crate::source::Place;
use crate::text::location::LocationPattern;
use crate::text::pattern::Captures;
use crate::text::request_uri;

/// Whether a request gets past the steps of the rewrite module to the `proxy_pass` of a level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// It does.
    Arrives,
    /// It does not: a `return` answers it, an `if` around the level does not let it in, or one in
    /// the location has another `proxy_pass`.
    TurnedAway,
    /// It depends on these `if` blocks.
    Depends(Vec<LevelId>),
}

/// The requests that arrive at a level.
#[derive(Debug)]
pub(crate) struct Arrivals<'c> {
    /// As they are when they arrive; when none does, as they would be.
    requests: Mutex<Vec<Request<'c>>>,
    /// Whether they do.
    arrival: Arrival,
}

impl<'c> Arrivals<'c> {
    fn requests(&self) -> Vec<Request<'c>> {
        match self.requests.lock() {
            Ok(requests) => requests.clone(),
            Err(poisoned) => poisoned.into_inner().clone(),
        }
    }
}

/// By the sample request, whether single URIs are followed, and the level.
type Key = (&'static str, bool, LevelId);

/// What was found out so far.
#[derive(Debug, Default)]
pub(crate) struct ArrivalsMemo<'c> {
    by_level: RwLock<FxHashMap<Key, Arc<Arrivals<'c>>>>,
    after_server: RwLock<FxHashMap<(&'static str, LevelId), Arc<AfterServer<'c>>>>,
    led_from: RwLock<FxHashMap<LevelId, Arc<LedFrom>>>,
}

/// From where nginx itself leads requests to each location of a server, by `rewrite`, `try_files`
/// or `error_page`.
type LedFrom = FxHashMap<LevelId, Vec<LevelId>>;

/// The requests that have taken the steps of their server, each with what these led to.
#[derive(Debug)]
struct AfterServer<'c> {
    ends: Mutex<Vec<(State<'c>, End)>>,
}

/// How many requests that differ are kept apart.
const MOST: usize = 12;

/// How many URIs are tried for a location.
const MOST_TARGETS: usize = 8;

/// How many steps a server and its locations may take for single URIs to be followed through them:
/// those of the server are taken for each location.
const MOST_STEPS: usize = 100_000;

impl<'c> Model<'c> {
    /// Whether no step of the rewrite module is taken on the way to a level, so that texts become
    /// there what they become at other such levels.
    pub fn takes_no_steps(&self, level: LevelId) -> bool {
        let configuration = self.configuration;
        let server = configuration.level(level).server;
        let location = configuration.enclosing(level, LevelKind::Location);
        let mut levels = [server, location].into_iter().flatten();
        levels.all(|level| configuration.rewrite_steps(level).is_empty())
            && !location.is_some_and(|location| {
                is_led_only(configuration, location)
                    && server.is_some_and(|server| self.sets_variables(server))
            })
    }

    /// The server and locations from which nginx itself leads requests to a location.
    pub fn led_from(&self, location: LevelId) -> Vec<LevelId> {
        let Some(server) = self.configuration.level(location).server else { return Vec::new() };
        let memo = &self.arrivals_memo().led_from;
        let known = memo.read().ok().and_then(|known| known.get(&server).cloned());
        let led_from = known.unwrap_or_else(|| {
            let mut led_from = LedFrom::default();
            let mut from = locations_of(self, server);
            from.push(server);
            for level in from {
                for to in Onward::from(self, level).levels {
                    let levels = led_from.entry(to).or_default();
                    if to != level && !levels.contains(&level) {
                        levels.push(level);
                    }
                }
            }
            let led_from = Arc::new(led_from);
            if let Ok(mut known) = memo.write() {
                known.insert(server, Arc::clone(&led_from));
            }
            led_from
        });
        led_from.get(&location).cloned().unwrap_or_default()
    }

    /// Request targets from which nginx itself leads requests to a level.
    pub(crate) fn leading_targets(&self, level: LevelId) -> Vec<String> {
        let way = Way { model: self, sample: &SampleRequest::CHROME, level, inside: false };
        way.location().map_or_else(Vec::new, |location| way.leading_targets(location))
    }

    /// Request targets that lead to a level: to its location, or to where nginx leads requests there
    /// from.
    pub fn targets(&self, level: LevelId) -> Vec<String> {
        let way = Way { model: self, sample: &SampleRequest::CHROME, level, inside: false };
        let Some(location) = way.location() else { return Vec::new() };
        match is_led_only(self.configuration, location) {
            true => way.leading_targets(location),
            false => way.targets(location),
        }
    }

    /// What `text` becomes for a request of that kind at a level.
    pub fn evaluate(&self, text: &[u8], request: &SampleRequest, level: LevelId) -> Arc<Evaluated> {
        if !text.contains(&b'$') || self.takes_no_steps(level) {
            return self.variables.evaluate_unset(text, request);
        }
        let evaluated = self.summarize(request, level, |walk| vec![walk.evaluated(text)]);
        Arc::new(evaluated.into_iter().next().unwrap_or_else(|| Evaluated::plain(Value::known(""))))
    }

    /// Whether a request of that kind gets to the `proxy_pass` of a level, once it has come to its
    /// location.
    pub fn arrival(&self, request: &SampleRequest, level: LevelId) -> Arrival {
        if self.takes_no_steps(level) {
            return Arrival::Arrives;
        }
        self.arrivals(request, level, false, false).arrival.clone()
    }

    /// Whether some handshake gets to the `proxy_pass` of a level: not all are led elsewhere, answered
    /// before, or handed to another backend by an `if`.
    pub fn gets_handshakes(&self, level: LevelId) -> bool {
        let browsers = [SampleRequest::CHROME, SampleRequest::FIREFOX];
        let arrives = |browser: &SampleRequest| match self.arrival(browser, level) {
            Arrival::Arrives => true,
            Arrival::TurnedAway => false,
            Arrival::Depends(_) => {
                let single = self.arrivals(browser, level, true, false);
                single.arrival != Arrival::TurnedAway || single.requests().is_empty()
            }
        };
        let is_led_away = || {
            let location = self.configuration.enclosing(level, LevelKind::Location);
            location.is_some_and(|location| {
                self.configuration.own(location, d::TRY_FILES).iter().next().is_some()
            })
        };
        !is_led_away() && (self.takes_no_steps(level) || browsers.iter().any(arrives))
    }

    /// What `ask` finds out for all requests of that kind that arrive at a level: what they agree on.
    /// `ask` gives as many values for each.
    pub(crate) fn summarize(
        &self,
        request: &SampleRequest,
        level: LevelId,
        ask: impl Fn(&mut Walk<'_, 'c>) -> Vec<Evaluated>,
    ) -> Vec<Evaluated> {
        let tracer = Tracer::new(self);
        let joined = |arrivals: &Arrivals<'c>| {
            let mut requests = arrivals.requests().into_iter();
            let ask = |request| ask(&mut Walk::at(&tracer, request));
            let Some(first) = requests.next() else { return Vec::new() };
            let first = ask(first);
            requests.fold(first, |known, request| {
                let other = ask(request);
                known.into_iter().zip(other).map(|(a, b)| join(a, b)).collect()
            })
        };
        let any = self.arrivals(request, level, false, true);
        let known = joined(&any);
        let is_unknown =
            |values: &[Evaluated]| values.iter().any(|it| matches!(it.value, Value::Unknown(_)));
        if !is_unknown(&known) {
            return known;
        }
        let single = self.arrivals(request, level, true, true);
        let by_uri = joined(&single);
        if by_uri.is_empty() { known } else { by_uri }
    }

    /// The requests of that kind that arrive at a level: of any URI, or of some that lead there.
    /// `inside`: of an `if`, those that are in it.
    fn arrivals(
        &self,
        request: &SampleRequest,
        level: LevelId,
        by_uri: bool,
        inside: bool,
    ) -> Arc<Arrivals<'c>> {
        let is_if = self.configuration.level(level).kind == LevelKind::If;
        let key = (request.name, by_uri, level);
        let is_kept = inside || !is_if;
        if is_kept
            && let Ok(known) = self.arrivals_memo().by_level.read()
            && let Some(known) = known.get(&key)
        {
            return Arc::clone(known);
        }
        let way = Way { model: self, sample: request, level, inside: inside && is_if };
        let arrivals = Arc::new(if by_uri { way.of_single_uris() } else { way.of_any_uri() });
        if is_kept && let Ok(mut known) = self.arrivals_memo().by_level.write() {
            known.insert(key, Arc::clone(&arrivals));
        }
        arrivals
    }

    /// Whether some location of a server assigns variables.
    fn sets_variables(&self, server: LevelId) -> bool {
        self.servers_with_sets().contains(&server)
    }
}

/// Whether only nginx itself leads requests to a location: it is named, or `internal`.
pub fn is_led_only(configuration: &Configuration, location: LevelId) -> bool {
    let is_named = || {
        let name = configuration.head(location).and_then(|head| head.directive.argument(0));
        name.is_some_and(|name| name.raw().first() == Some(&b'@'))
    };
    is_named() || settings::value(configuration, location, d::INTERNAL).is_some()
}

/// What two ways agree on.
fn join(a: Evaluated, b: Evaluated) -> Evaluated {
    if a.value == b.value {
        let Evaluated { value, mut maps } = a;
        Evaluated::add_maps(&mut maps, b.maps);
        return Evaluated { value, maps };
    }
    let value = match (a.value, b.value) {
        (unknown @ Value::Unknown(_), _) | (_, unknown @ Value::Unknown(_)) => unknown,
        _ => Value::unknown("the way that the request takes", None),
    };
    Evaluated { value, maps: a.maps }
}

/// The way of requests to a level.
struct Way<'m, 'c> {
    model: &'m Model<'c>,
    sample: &'m SampleRequest,
    level: LevelId,
    /// The requests are known to be in the level, which is an `if`.
    inside: bool,
}

impl<'c> Way<'_, 'c> {
    fn location(&self) -> Option<LevelId> {
        self.model.configuration.enclosing(self.level, LevelKind::Location)
    }

    fn server(&self) -> LevelId {
        self.model.configuration.level(self.level).server.unwrap_or(self.level)
    }

    /// Takes the steps for a request of any URI.
    fn of_any_uri(&self) -> Arrivals<'c> {
        let configuration = self.model.configuration;
        let location = self.location();
        if let Some(location) = location
            && is_led_only(configuration, location)
            && let Some(arrivals) = self.of_led_requests(location)
        {
            return arrivals;
        }
        let after_server = self.after_server();
        let ends = match after_server.ends.lock() {
            Ok(ends) => ends.clone(),
            Err(poisoned) => poisoned.into_inner().clone(),
        };
        let mut way = Passed::default();
        for (mut state, end) in ends {
            if end != End::GoesOn {
                way.elsewhere.push(state);
                continue;
            }
            if let Some(location) = location {
                state.come_to(location, None);
            }
            self.through_location(state, &mut way);
        }
        way.into_arrivals(self.level)
    }

    /// The requests of any URI after the steps of the server.
    fn after_server(&self) -> Arc<AfterServer<'c>> {
        let memo = self.model.arrivals_memo();
        let key = (self.sample.name, self.server());
        if let Ok(known) = memo.after_server.read()
            && let Some(known) = known.get(&key)
        {
            return Arc::clone(known);
        }
        let ends = self.through_server(self.state(None));
        let after_server = Arc::new(AfterServer { ends: Mutex::new(ends) });
        if let Ok(mut known) = memo.after_server.write() {
            known.insert(key, Arc::clone(&after_server));
        }
        after_server
    }

    /// A request as it comes to the server.
    fn state(&self, target: Option<String>) -> State<'c> {
        let configuration = self.model.configuration;
        let client = ClientRequest::any(self.sample, target, self.model.nginx_version);
        let mut request = Request::new(Arc::new(client), configuration, self.server());
        request.read_target(true);
        // The name of the server may be a regular expression.
        for line in configuration.own(self.server(), d::SERVER_NAME).iter() {
            for word in line.directive.arguments() {
                let name = word.value();
                if let Some(pattern) = name.strip_prefix(b"~") {
                    let why = Unknown {
                        depends_on: "the host that the client asks for".to_owned(),
                        place: Some(line.place()),
                    };
                    request.forget_captures(&String::from_utf8_lossy(pattern), &why);
                }
            }
        }
        State { request, entered: Vec::new(), doubts: Vec::new() }
    }

    fn run(&self, level: LevelId, state: State<'c>) -> Vec<(State<'c>, End)> {
        let inside = self.inside.then_some(self.level);
        let subject = Summarized { variables: &self.model.variables, inside, state };
        let ends = interpreter::run(self.model.programs(), level, subject);
        ends.into_iter().map(|(subject, end)| (subject.state, end)).collect()
    }

    fn through_server(&self, state: State<'c>) -> Vec<(State<'c>, End)> {
        self.run(self.server(), state)
    }

    /// Takes the steps of the location.
    fn through_location(&self, state: State<'c>, way: &mut Passed<'c>) {
        let configuration = self.model.configuration;
        let Some(location) = self.location() else {
            way.arrived.push(state);
            return;
        };
        // A request that `limit_except` catches takes no steps of the location.
        if access::limit_except(configuration, location, b"GET").is_some() {
            way.arrived.push(state);
            return;
        }
        if configuration.level(self.level).kind == LevelKind::LimitExcept {
            way.elsewhere.push(state);
            return;
        }
        for (state, end) in self.run(location, state) {
            if end != End::GoesOn || state.request.uri_changed {
                way.elsewhere.push(state);
            } else {
                self.hand_over(state, way);
            }
        }
    }

    /// Counts a request that has taken all steps by what answers it.
    fn hand_over(&self, state: State<'c>, way: &mut Passed<'c>) {
        let own = content::handler_level(self.model.configuration, self.level);
        if state.request.handler == own || self.inside {
            way.arrived.push(state);
        } else {
            way.elsewhere.push(state);
        }
    }

    /// Follows some URIs that lead to the location, one by one.
    fn of_single_uris(&self) -> Arrivals<'c> {
        let configuration = self.model.configuration;
        let mut way = Passed::default();
        let Some(location) = self.location() else { return way.into_arrivals(self.level) };
        if is_led_only(configuration, location) || self.has_too_many_steps() {
            return way.into_arrivals(self.level);
        }
        let targets = self.targets(location);
        for (number, target) in targets.iter().enumerate() {
            let is_last = number + 1 == targets.len();
            for (mut state, end) in self.through_server(self.state(Some(target.clone()))) {
                if end != End::GoesOn {
                    way.elsewhere.push(state);
                    continue;
                }
                let path = state.request.path.as_deref();
                match path.map(|path| self.model.locations().find(self.server(), path)) {
                    Some(Found::Location(found, captures)) if found == location => {
                        state.come_to(location, Some(&captures));
                    }
                    // It is not plain to see what the server makes of the URI.
                    None => state.come_to(location, None),
                    // Other locations answer: what leads here is out of sight.
                    Some(_) if is_last && way.arrived.is_empty() => state.come_to(location, None),
                    Some(_) => continue,
                }
                self.through_location(state, &mut way);
            }
        }
        way.into_arrivals(self.level)
    }

    /// Whether following single URIs would take long: the steps of the server are taken for each of
    /// its locations.
    fn has_too_many_steps(&self) -> bool {
        let configuration = self.model.configuration;
        let steps = configuration.rewrite_steps(self.server()).len();
        let locations = configuration.level(self.server()).children_count();
        steps.saturating_mul(locations) > MOST_STEPS
    }

    /// Request targets that lead to a location: the shortest, a longer one, and what the patterns on
    /// the way ask for.
    fn targets(&self, location: LevelId) -> Vec<String> {
        let configuration = self.model.configuration;
        let pattern =
            configuration.head(location).and_then(|head| LocationPattern::read(head.directive));
        let Some(base) = pattern.as_ref().and_then(sample::target) else { return Vec::new() };
        let takes_steps = |level| !configuration.rewrite_steps(level).is_empty();
        let asked_by_maps = self.model.paths_of_maps();
        if asked_by_maps.is_empty() && !takes_steps(self.server()) && !takes_steps(location) {
            return vec![base];
        }
        let mut targets = vec![base.clone()];
        if !matches!(pattern, Some(LocationPattern::Exact(_))) {
            let slash = if base.ends_with('/') { "" } else { "/" };
            targets.push(format!("{base}{slash}x"));
            targets.push(format!("{base}{slash}x/y"));
        }
        targets.extend_from_slice(asked_by_maps);
        if let Some(LocationPattern::Regex(regex)) = &pattern
            && let Some(text) = sample::shortest_text_of(&regex.text)
        {
            targets.push(sample::request_target(&text));
        }
        let mut blocks = vec![self.server(), location];
        while let Some(block) = blocks.pop() {
            for step in self.model.programs().of(configuration, block).iter() {
                if let Action::If { condition, .. } = &step.action
                    && let Some((name, value)) = condition.argument()
                {
                    let value = sample::request_target(value);
                    targets.push(format!("{base}?{name}={value}"));
                }
                let pattern = match &step.action {
                    Action::Rewrite { pattern, .. } => Some(pattern),
                    Action::If { condition, .. } => condition.pattern(),
                    _ => None,
                };
                let text = pattern.and_then(|pattern| sample::text_of(&pattern.text));
                if let Some(text) = text.map(|text| sample::request_target(&text)) {
                    targets.push(match text.starts_with('/') {
                        true => text.clone(),
                        false => format!("{base}{text}"),
                    });
                    targets.push(format!("{base}{text}"));
                }
            }
            let inner = configuration.rewrite_steps(block).iter();
            blocks.extend(inner.filter_map(|step| match *step {
                RewriteStep::If(block) => Some(block),
                RewriteStep::Directive(_) => None,
            }));
            if targets.len() > 4 * MOST_TARGETS {
                break;
            }
        }
        let mut seen = rustc_hash::FxHashSet::default();
        targets.retain(|target| seen.insert(target.clone()));
        let (locations, server) = (self.model.locations(), self.server());
        let leads = |target: &String| {
            let path = request_uri::parse(target.as_bytes(), true).map(|uri| uri.path);
            let found = path.map(|path| locations.find(server, &path));
            matches!(found, Some(Found::Location(found, _)) if found == location)
        };
        let mut leading: Vec<String> = targets.iter().filter(|it| leads(it)).cloned().collect();
        if leading.is_empty() {
            leading.push(base);
        }
        leading.truncate(MOST_TARGETS);
        leading
    }

    /// Request targets from which nginx itself leads requests to a location.
    fn leading_targets(&self, location: LevelId) -> Vec<String> {
        let mut targets = Vec::new();
        let mut seen = vec![location];
        let mut pending = self.model.led_from(location);
        while let Some(level) = pending.pop() {
            if seen.contains(&level) || seen.len() > MOST_TARGETS {
                continue;
            }
            seen.push(level);
            if level == self.server() {
                targets.extend(["/".to_owned(), "/x".to_owned()]);
            } else {
                if is_led_only(self.model.configuration, level) {
                    pending.extend(self.model.led_from(level));
                }
                // A client that asks for an internal location is led on from there, too.
                let mut leading = self.targets(level);
                leading.truncate(3);
                targets.extend(leading);
            }
        }
        targets
    }

    /// The requests that nginx itself leads to a location; `None` when there are none.
    fn of_led_requests(&self, location: LevelId) -> Option<Arrivals<'c>> {
        let tracer = Tracer::new(self.model);
        let mut way = Passed::default();
        for target in self.leading_targets(location) {
            let state = self.state(Some(target));
            for request in follow::arriving(&tracer, &state.request, location) {
                self.hand_over(State { request, ..state.clone() }, &mut way);
            }
        }
        (!way.arrived.is_empty()).then(|| way.into_arrivals(self.level))
    }
}

/// A request on its way, with what is open about it.
#[derive(Clone, Debug)]
struct State<'c> {
    request: Request<'c>,
    /// The `if` blocks that it has entered.
    entered: Vec<LevelId>,
    /// Those of which it is unknown whether it enters them, or where they lead.
    doubts: Vec<LevelId>,
}

impl State<'_> {
    /// It comes to a location, with what regular expressions captured on the way if that is known.
    fn come_to(&mut self, location: LevelId, captures: Option<&[Captures]>) {
        let configuration = self.request.configuration;
        self.request.level = location;
        self.request.handler = content::handler_level(configuration, location);
        self.request.uri_changed = false;
        match captures {
            Some(captures) => captures.iter().for_each(|it| self.request.set_captures(it)),
            None => {
                for around in configuration.ancestors(location) {
                    let head = configuration.head(around);
                    let pattern = head.and_then(|head| LocationPattern::read(head.directive));
                    if let (Some(head), Some(LocationPattern::Regex(regex))) = (head, pattern) {
                        let why = Unknown {
                            depends_on: "the request's `$uri`".to_owned(),
                            place: Some(head.place()),
                        };
                        self.request.forget_captures(&regex.text, &why);
                    }
                }
            }
        }
    }
}

/// The requests that have taken all steps.
#[derive(Default)]
struct Passed<'c> {
    arrived: Vec<State<'c>>,
    elsewhere: Vec<State<'c>>,
}

impl<'c> Passed<'c> {
    fn into_arrivals(self, level: LevelId) -> Arrivals<'c> {
        let Self { arrived, elsewhere } = self;
        let all = arrived.iter().chain(&elsewhere);
        let mut doubts: Vec<LevelId> = all.flat_map(|it| it.doubts.iter().copied()).collect();
        doubts.sort_unstable();
        doubts.dedup();
        let arrival = match (arrived.is_empty(), elsewhere.is_empty()) {
            (false, true) => Arrival::Arrives,
            (true, _) => Arrival::TurnedAway,
            (false, false) => Arrival::Depends(doubts),
        };
        let is_arrived = !arrived.is_empty();
        let mut states = if is_arrived { arrived } else { elsewhere };
        merge(&mut states);
        let requests = states.into_iter().map(|state| {
            let mut request = state.request;
            // Of those that are turned away it is asked what would be.
            if !is_arrived {
                request.level = level;
            }
            request
        });
        Arrivals { requests: Mutex::new(requests.collect()), arrival }
    }
}

/// Makes one of requests that go on alike; of too many, one of which only that is known in which
/// they agree.
fn merge(states: &mut Vec<State<'_>>) {
    let mut kept: Vec<State<'_>> = Vec::new();
    for state in states.drain(..) {
        match kept.iter_mut().find(|known| known.request.is_alike(&state.request)) {
            Some(known) => known.add_doubts(&state),
            None => kept.push(state),
        }
    }
    while kept.len() > MOST {
        let Some(state) = kept.pop() else { break };
        let alike = |known: &&mut State<'_>| {
            known.request.level == state.request.level
                && known.request.handler == state.request.handler
        };
        match kept.iter_mut().rev().find(alike) {
            Some(known) => {
                known.request.join(&state.request);
                known.add_doubts(&state);
            }
            None => {
                kept.push(state);
                break;
            }
        }
    }
    *states = kept;
}

impl State<'_> {
    fn add_doubts(&mut self, other: &Self) {
        self.doubts.extend_from_slice(&other.doubts);
        self.doubts.sort_unstable();
        self.doubts.dedup();
    }
}

/// A request that takes both ways where the configuration does not say which.
#[derive(Clone)]
struct Summarized<'m, 'c> {
    variables: &'m Variables<'c>,
    /// The `if` that it is known to enter.
    inside: Option<LevelId>,
    state: State<'c>,
}

impl<'c> Subject<'c> for Summarized<'_, 'c> {
    const TAKES_UNKNOWN_URI: bool = true;

    fn request(&self) -> &Request<'c> {
        &self.state.request
    }

    fn request_mut(&mut self) -> &mut Request<'c> {
        &mut self.state.request
    }

    fn value(&self, text: &[u8]) -> Value {
        self.variables.evaluate_with(text, &self.state.request).value
    }

    fn is_inside(&self, block: LevelId) -> bool {
        self.inside == Some(block)
    }

    fn decide(&mut self, _: &Unknown, _: Place, block: Option<LevelId>) -> Decision<Self> {
        let configuration = self.state.request.configuration;
        let leads_away = |block: LevelId| {
            [d::RETURN, d::REWRITE, d::PROXY_PASS]
                .into_iter()
                .any(|id| configuration.own(block, id).iter().next().is_some())
        };
        let doubt = match block {
            Some(block) => Some(block).filter(|&block| leads_away(block)),
            None => self.state.entered.last().copied(),
        };
        self.state.doubts.extend(doubt);
        Decision::Both(self.clone())
    }

    fn enter(&mut self, block: LevelId, has_settings: bool) {
        self.state.entered.push(block);
        if has_settings {
            let request = &mut self.state.request;
            request.level = block;
            let own = content::handler_level(request.configuration, block);
            request.handler = own.or(request.handler);
        }
    }

    fn note(&mut self, _: impl FnOnce() -> String, _: Place) {}

    fn merge(subjects: &mut Vec<Self>) {
        let Some(first) = subjects.first() else { return };
        let (variables, inside) = (first.variables, first.inside);
        let mut states: Vec<State<'c>> = subjects.drain(..).map(|subject| subject.state).collect();
        merge(&mut states);
        subjects.extend(states.into_iter().map(|state| Self { variables, inside, state }));
    }
}
