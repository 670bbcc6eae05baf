use std::collections::HashSet;

use super::variable::Protocol;
use super::*;

fn id(name: &str) -> DirectiveId {
    DirectiveId::lookup(name.as_bytes()).unwrap_or_else(|| panic!("{name} is unknown"))
}

/// The definitions of a name that hold in a context and a version.
fn definitions(name: &str, context: Context, version: &str) -> Vec<&'static Definition> {
    let version = version.parse().expect("a version");
    id(name)
        .definitions()
        .iter()
        .filter(|definition| definition.contexts.contains(context) && definition.exists_in(version))
        .collect()
}

fn only(name: &str, context: Context, version: &str) -> &'static Definition {
    match definitions(name, context, version)[..] {
        [definition] => definition,
        ref found => panic!("{name} in {context}, {version}: {found:?}"),
    }
}

#[test]
fn the_table_is_complete() {
    // Whoever adds to the data files raises these; they guard against losing a file.
    assert!(names().count() >= 1630, "{}", names().count());
    let total: usize = names().map(|id| id.definitions().len()).sum();
    assert!(total >= 1920, "{total}");
    assert!(variable::all().count() >= 260);
}

#[test]
fn every_name_is_found_and_no_other() {
    let mut seen = HashSet::new();
    for (index, id) in names().enumerate() {
        assert_eq!(DirectiveId::lookup(id.name().as_bytes()), Some(id));
        assert_eq!(DirectiveId::from_index(index), Some(id));
        assert_eq!(id.index(), index);
        assert!(!id.definitions().is_empty());
        assert!(id.name().len() <= nearest::LONGEST);
        assert!(seen.insert(id.name()));

        for other in [format!("{}_", id.name()), format!(" {}", id.name())] {
            assert_eq!(DirectiveId::lookup(other.as_bytes()), None);
        }
    }
    for unknown in ["", "p", "Proxy_pass", "proxy_passs", "\0", "proxy-pass"] {
        assert_eq!(DirectiveId::lookup(unknown.as_bytes()), None, "{unknown}");
    }
    assert_eq!(DirectiveId::from_index(names().count()), None);
}

#[test]
fn names_are_sorted() {
    assert!(names().map(DirectiveId::name).is_sorted());
}

#[test]
fn constants_are_names() {
    assert_eq!(directive::PROXY_SET_HEADER, id("proxy_set_header"));
    assert_eq!(directive::IF.name(), "if");
}

/// For one context and version, nginx itself has one definition of a name at most.
#[test]
fn definitions_of_nginx_do_not_overlap() {
    for id in names() {
        let own: Vec<_> = id
            .definitions()
            .iter()
            .filter(|definition| definition.availability < Availability::Commercial)
            .collect();
        for (i, one) in own.iter().enumerate() {
            for two in &own[i + 1..] {
                let apart = |a: &Definition, b: &Definition| match (a.until, b.since) {
                    (Some(until), Some(since)) => until <= since,
                    _ => false,
                };
                assert!(
                    !one.contexts.intersects(two.contexts) || apart(one, two) || apart(two, one),
                    "{}",
                    id.name()
                );
            }
        }
    }
}

#[test]
fn proxy_http_version_learns_2() {
    let versions = |nginx| only("proxy_http_version", Context::Location, nginx).value;
    assert_eq!(versions("1.29.3"), Value::OneOf(&["1.0", "1.1"]));
    assert_eq!(versions("1.29.4"), Value::OneOf(&["1.0", "1.1", "2"]));
}

#[test]
fn proxy_set_header_takes_two_again_and_again() {
    let definition = only("proxy_set_header", Context::Server, "1.22.1");
    assert_eq!(definition.arguments, ArgumentCount::OneOf(0b100));
    assert_eq!(definition.repeat, Repeat::Many);
    assert_eq!(definition.contexts.to_string(), "http, server, location");
    assert_eq!(definition.module, "http_proxy");
    assert!(definition.variables);
    assert!(
        definitions("proxy_set_header", Context::IfLocation, "1.22.1").is_empty(),
        "nginx refuses it in `if`"
    );
}

#[test]
fn one_name_means_different_things() {
    assert_eq!(only("server", Context::Http, "1.22.1").body, Body::Directives(Context::Server));
    assert_eq!(only("server", Context::Upstream, "1.22.1").body, Body::None);
    assert_eq!(
        only("server", Context::Stream, "1.22.1").body,
        Body::Directives(Context::StreamServer)
    );
    assert_eq!(only("if", Context::Location, "1.22.1").body, Body::Directives(Context::IfLocation));
    assert_eq!(only("map", Context::Http, "1.22.1").body, Body::Data);
    assert_eq!(only("content_by_lua_block", Context::Location, "1.22.1").body, Body::Raw);
}

#[test]
fn contexts_of_location_and_include() {
    let location = only("location", Context::Server, "1.22.1");
    assert_eq!(location.contexts, ContextSet::of(&[Context::Server, Context::Location]));
    let include = id("include").definitions()[0];
    assert_eq!(include.contexts, ContextSet::ANY);
    assert_eq!(include.contexts.to_string(), "any");
    assert_eq!(include.contexts.iter().count(), Context::ALL.len());
}

#[test]
fn directives_come_and_go() {
    assert!(definitions("http2", Context::Server, "1.22.1").is_empty());
    assert_eq!(definitions("http2", Context::Server, "1.25.1").len(), 1);
    assert_eq!(definitions("ssl", Context::Server, "1.22.1").len(), 1);
    assert!(definitions("ssl", Context::Server, "1.25.1").is_empty());
    // NGINX Plus had it long before the open source.
    let sticky = |version| {
        definitions("sticky", Context::Upstream, version)
            .iter()
            .map(|definition| definition.availability)
            .min()
    };
    assert_eq!(sticky("1.29.5"), Some(Availability::Commercial));
    assert_eq!(sticky("1.29.6"), Some(Availability::Stock));
}

#[test]
fn argument_counts() {
    let one_or_two = ArgumentCount::OneOf(0b110);
    assert_eq!(one_or_two.to_string(), "1 or 2");
    assert_eq!(
        [0, 1, 2, 3, 9].map(|count| one_or_two.accepts(count)),
        [false, true, true, false, false]
    );
    assert_eq!(ArgumentCount::OneOf(0b1110).to_string(), "1, 2 or 3");
    assert_eq!(ArgumentCount::OneOf(1).to_string(), "0");
    assert_eq!(ArgumentCount::AtLeast(1).to_string(), "at least 1");
    assert!(ArgumentCount::AtLeast(2).accepts(100));
    assert!(!ArgumentCount::AtLeast(2).accepts(1));
    assert_eq!(ArgumentCount::Flag.to_string(), "on or off");
    assert!(ArgumentCount::Flag.accepts(1) && !ArgumentCount::Flag.accepts(2));
}

#[test]
fn versions_parse_and_compare() {
    let version: Version = "1.29.7".parse().expect("a version");
    assert_eq!(version, Version::new(1, 29, 7));
    assert_eq!(version.to_string(), "1.29.7");
    assert!(version > Version::new(1, 29, 0) && version < Version::new(1, 30, 0));
    for wrong in ["", "1", "1.29", "1.29.7.1", "1.29.x", "1.+2.3", "1..2", "v1.2.3"] {
        assert_eq!(wrong.parse::<Version>(), Err(ParseVersionError), "{wrong}");
    }
}

#[test]
fn contexts_keep_their_keywords() {
    for context in Context::ALL {
        assert_eq!(Context::from_keyword(context.keyword()), Some(*context));
    }
    assert_eq!(Context::from_keyword("nowhere"), None);
    assert_eq!(Context::IfLocation.to_string(), "if in location");
}

#[test]
fn nearest_names() {
    let near = |name, context| nearest(name, context).map(DirectiveId::name);
    assert_eq!(near("proxy_pas", None), Some("proxy_pass"));
    assert_eq!(near("porxy_pass", None), Some("proxy_pass"));
    assert_eq!(near("proxy_set_headers", Some(Context::Location)), Some("proxy_set_header"));
    assert_eq!(near("sever", Some(Context::Http)), Some("server"));
    assert_eq!(near("keepalive_timout", Some(Context::Server)), Some("keepalive_timeout"));
    assert_eq!(near("something_else_entirely", None), None);
    assert_eq!(near("", None), None);
    assert_eq!(near(&"x".repeat(100), None), None);
}

#[test]
fn variables() {
    let http = |name: &str| variable::is_builtin(name.as_bytes(), Protocol::Http);
    let upgrade = http("http_upgrade").expect("the family http_");
    assert!(upgrade.prefix && upgrade.name == "http_" && upgrade.changeable);
    assert_eq!(http("http_host").map(|found| found.prefix), Some(false));
    assert_eq!(http("host").map(|found| found.changeable), Some(false));
    assert_eq!(http("args").map(|found| found.changeable), Some(true));
    assert_eq!(http("sent_http_x").map(|found| found.name), Some("sent_http_"));
    assert_eq!(http("upstream_http_x").map(|found| found.name), Some("upstream_http_"));
    assert_eq!(http("connection_upgrade"), None);
    assert_eq!(http(""), None);

    let stream = |name: &str| variable::is_builtin(name.as_bytes(), Protocol::Stream);
    assert!(stream("protocol").is_some() && http("protocol").is_none());
    assert!(stream("http_host").is_none());
}

#[test]
fn every_variable_is_found() {
    for known in variable::all() {
        let found = variable::is_builtin(known.name.as_bytes(), known.protocol);
        assert!(found.is_some(), "{}", known.name);
    }
}

const ROW: &str = "a_b http,server 1,2 simple once str http_a stock 1.2.3-1.4.0 vars";

#[test]
fn a_row_of_the_data_files() {
    let rows = text::directives(&format!("# comment\n\n{ROW}\n")).expect("a row");
    let [row] = &rows[..] else {
        panic!("{rows:?}");
    };
    assert_eq!(row.contexts, [Context::Http, Context::Server]);
    assert_eq!(row.arguments, "ArgumentCount::OneOf(6)");
    assert_eq!(row.since, Some(Version::new(1, 2, 3)));
    assert!(row.variables);
}

#[test]
fn the_data_files_are_read_strictly() {
    for (from, to, error) in [
        ("a_b", "a-b", "2: `a-b` is not a directive's name"),
        ("http,server", "server,http", "2: `http` stands too late in `server,http`"),
        ("http,server", "http,http", "2: `http` stands too late in `http,http`"),
        ("http,server", "http,", "2: `` is no context"),
        ("1,2", "2,1", "2: `2,1` is not in ascending order"),
        ("1,2", "8", "2: `8` is no number of arguments"),
        ("simple", "block:nowhere", "2: `block:nowhere` is no kind"),
        ("once", "twice", "2: `twice` is no repeat"),
        ("str", "enum(a|)", "2: `enum(a|)` is no value"),
        ("str", "num(1..x)", "2: `num(1..x)` is no value"),
        ("str", "string", "2: `string` is no value"),
        ("stock", "sold", "2: `sold` is no availability"),
        ("1.2.3-1.4.0", "1.2.3", "2: `1.2.3` has no `-` between its versions"),
        ("1.2.3-1.4.0", "1.4.0-1.2.3", "2: `1.4.0-1.2.3` ends before it begins"),
        ("vars", "", "2: 9 columns instead of 10"),
        ("vars", "vars vars", "2: 11 columns instead of 10"),
        ("vars", &format!("vars\n{ROW}"), "3: this line stands above already"),
    ] {
        let text = format!("# comment\n{}\n", ROW.replace(from, to));
        let error_found = text::directives(&text).expect_err(&text);
        assert_eq!(error_found, error, "{text}");
    }
    let error = text::variables("Http_x http http_core stock - fixed").expect_err("upper case");
    assert_eq!(error, "1: `Http_x` is not in lower case");
}
