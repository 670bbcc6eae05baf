//! Small configurations that only an evaluation gets right, one test each.
//!
//! The first line of `kinds/NAME.conf` says what nginx does. The installed nginx has the last word.

use std::fs;
use std::path::{Path, PathBuf};

use wslint_test_support::{Browser, Folder, require_nginx};

use super::contradictions::{self, Scope};
use super::said;
use crate::generator::Route;
use crate::observe::Running;

/// The request targets of each configuration, after the host unless that is `one.test`.
macro_rules! kinds {
    ($($name:ident: $targets:expr;)+) => {
        const NAMES: &[&str] = &[$(stringify!($name)),+];
        $(
            #[test]
            fn $name() {
                agrees(stringify!($name), &$targets);
            }
        )+
    };
}

kinds! {
    // The rewrite module, in `server` and in locations.
    break_in_server: ["/ws", "/ws/room", "/ws?a=1"];
    break_in_server_if: ["/ws", "/ws/room", "/ws?a=1"];
    rewrite_break_in_server: ["/old/a", "/ws", "/ws/b"];
    rewrite_break_before_set: ["/ws", "/ws/room", "/ws?a=1"];
    rewrite_break_some_paths: ["/ws", "/ws/pub/a"];
    rewrite_break_in_if: ["/ws", "/ws/room", "/ws?a=1"];
    set_for_some_paths: ["/ws", "/ws/pub/a"];
    set_overwritten_for_some_paths: ["/ws", "/ws/pub/a"];
    set_in_another_location: ["/ws", "/ws/room", "/ws?a=1"];
    set_in_another_location_if: ["/ws", "/ws/room", "/ws?a=1"];
    set_lost_in_limit_except: ["/ws", "/ws/room", "/ws?a=1"];
    pass_in_if_with_set: ["/ws", "/ws/room", "/ws?a=1"];
    pass_in_if_not_for_handshakes: ["/ws", "/ws/room", "/ws?a=1"];
    set_of_a_map_variable: ["/ws", "/ws/room", "/ws?a=1"];
    set_of_itself: ["/ws", "/ws/room", "/ws?a=1"];
    group_of_location: ["/ws/upgrade", "/ws/close"];
    group_of_location_empties_set: ["/ws", "/ws/room", "/ws?a=1"];
    left_by_rewrite_in_server: ["/ws", "/t"];
    break_in_server_with_cache: ["/ws", "/ws/room", "/ws?a=1"];
    break_in_location_if: ["/ws", "/ws/room", "/ws?a=1"];
    break_in_location_some_paths: ["/ws", "/ws/pub"];
    rewrite_last_back_to_itself: ["/ws", "/ws/x"];
    rewrite_without_flag: ["/ws", "/ws/room", "/ws?a=1"];
    rewrite_without_flag_then_break: ["/ws", "/ws/room", "/ws?a=1"];
    return_for_some: ["/ws", "/ws?token=1"];
    set_twice: ["/ws", "/ws/room", "/ws?a=1"];
    set_of_http_variable: ["/ws", "/ws/room", "/ws?a=1"];

    // Locations that a handshake passes through.
    set_before_error_page_named: ["/ws", "/ws/room", "/ws?a=1"];
    set_before_try_files_named: ["/ws", "/ws/room", "/ws?a=1"];
    set_before_try_files_uri: ["/ws", "/ws/room", "/ws?a=1"];
    set_before_rewrite_last: ["/ws", "/ws/room", "/ws?a=1"];
    set_before_error_page_uri: ["/ws", "/ws/room", "/ws?a=1"];
    set_before_named_replaces_server: ["/ws", "/ws/room", "/ws?a=1"];
    set_before_named_wrong: ["/ws", "/ws/room", "/ws?a=1"];
    set_before_named_in_one_of_two: ["/ws", "/chat"];
    named_never_gets_a_value: ["/ws", "/ws/room", "/ws?a=1"];
    capture_before_named: ["/ws/upgrade", "/ws/close"];
    left_by_try_files: ["/ws", "/ws/room", "/ws?a=1"];
    left_by_rewrite: ["/ws", "/ws/room", "/ws?a=1"];
    left_by_return_for_handshakes: ["/ws", "/ws/room", "/ws?a=1"];
    left_with_a_cache: ["/ws", "/ws/room", "/ws?a=1"];
    version_inherited_in_named: ["/ws", "/ws/room", "/ws?a=1"];
    error_page_of_server_catches_return: ["/ws", "/ws/room", "/ws?a=1"];
    error_page_of_404: ["/ws", "/ws/room", "/ws?a=1"];
    error_page_second_not_recursive: ["/ws", "/ws/room", "/ws?a=1"];
    auth_request_through_named: ["/ws"];
    error_page_after_internal: ["/ws", "/ws/room"];
    error_page_after_return: ["/ws", "/ws/room"];
    error_page_after_no_file: ["/ws", "/ws/room"];
    internal_location_incomplete: ["/ws", "/ws/room"];
    error_page_recursive: ["/ws", "/ws/room", "/ws?a=1"];
    deny_then_named: ["/ws", "/ws/room", "/ws?a=1"];
    left_with_hidden_header: ["/ws", "/ws/room", "/ws?a=1"];
    left_with_a_map_fault: ["/ws", "/ws/room", "/ws?a=1"];

    // Maps, `geo`, captures and named groups.
    map_value_remembered: ["/ws", "/ws/room", "/ws?a=1"];
    map_value_remembered_by_if: ["/ws", "/ws/room", "/ws?a=1"];
    map_value_remembered_good: ["/ws", "/ws/room", "/ws?a=1"];
    map_value_remembered_in_server: ["/ws", "/ws/room", "/ws?a=1"];
    map_volatile: ["/ws", "/ws/room", "/ws?a=1"];
    map_volatile_chained: ["/ws", "/ws/room", "/ws?a=1"];
    map_remembered_over_two_locations: ["/ws", "/ws/room", "/ws?a=1"];
    map_by_path: ["/ws", "/ws/room", "/ws?a=1"];
    map_by_path_some: ["/ws", "/ws/pub/a"];
    map_by_argument: ["/ws", "/ws?transport=websocket"];
    map_by_host: ["/ws", "two.test/ws"];
    capture_lost_to_map: ["/ws/upgrade"];
    map_included: ["/ws", "/ws/room", "/ws?a=1"];
    capture_absent: ["/ws", "/ws/room", "/ws?a=1"];
    capture_of_location: ["/ws/a"];
    capture_of_rewrite: ["/ws", "/ws/upgrade"];
    capture_lost: ["/ws", "/ws/room", "/ws?a=1"];
    group_of_server_name: ["/ws", "upgrade.test/ws"];
    group_of_server_name_never: ["/ws", "/ws/room", "/ws?a=1"];
    group_of_map_unused: ["/ws", "/ws/room", "/ws?a=1"];
    group_of_map_used: ["/ws", "/ws/room", "/ws?a=1"];
    capture_of_client_connection: ["/ws", "/ws/room", "/ws?a=1"];
    map_by_cookie: ["/ws", "/ws/room", "/ws?a=1"];
    map_by_header: ["/ws", "/ws/room", "/ws?a=1"];
    map_by_method: ["/ws", "/ws/room", "/ws?a=1"];
    map_by_rewritten_path: ["/ws", "/ws/room", "/ws?a=1"];
    map_by_rewritten_argument: ["/ws", "/ws/room", "/ws?a=1"];
    map_by_set_args: ["/ws", "/ws/room", "/ws?a=1"];
    map_value_remembered_in_server_good: ["/ws", "/ws/room", "/ws?a=1"];
    map_of_set_after_break: ["/ws", "/ws/room", "/ws?a=1"];

    // The rest of the request to the backend and of the response.
    method_empty: ["/ws", "/ws/room", "/ws?a=1"];
    method_variable: ["/ws", "/ws/room", "/ws?a=1"];
    method_set_before_named: ["/ws", "/ws/room", "/ws?a=1"];
    method_variable_empty: ["/ws", "/ws/room", "/ws?a=1"];
    method_variable_good: ["/ws", "/ws/room", "/ws?a=1"];
    host_twice_variable: ["/ws", "/ws/room", "/ws?a=1"];
    version_header_variable: ["/ws", "/ws/room", "/ws?a=1"];
    key_header_variable: ["/ws", "/ws/room", "/ws?a=1"];
    two_connection_lines: ["/ws", "/ws/room", "/ws?a=1"];
    upgrade_two_lines: ["/ws", "/ws/room", "/ws?a=1"];
    request_headers_off: ["/ws", "/ws/room", "/ws?a=1"];
    hidden_then_passed: ["/ws", "/ws/room", "/ws?a=1"];
    version_inherited_into_if: ["/ws", "/ws/pub"];
    route_url_with_space: ["/w%20s"];
    limit_except_pass: ["/ws", "/ws/room", "/ws?a=1"];
    snippet_inherited: ["/ws", "/chat"];
    nested_location_loses_set: ["/ws", "/ws/pub"];
    nested_location_own_set: ["/ws", "/ws/pub"];
    default_server_sets: ["/ws", "two.test/ws"];
    host_twice: ["/ws", "/ws/room", "/ws?a=1"];
    host_twice_by_snippet: ["/ws", "/ws/room", "/ws?a=1"];

    // The cache: every handshake is sent again after a regular request.
    cache_zone_variable_empty: ["/ws", "/ws/room", "/ws?a=1"];
    cache_zone_variable_in_named: ["/ws", "/ws/room", "/ws?a=1"];
    cache_zone_variable_pages: ["/ws", "/ws/room", "/ws?a=1"];
    cache_zone_variable_set: ["/ws", "/ws/room", "/ws?a=1"];
    cache_zone_unknown: ["/ws", "/ws/room", "/ws?a=1"];
    cache_bypass_set_before_named: ["/ws", "/ws/room", "/ws?a=1"];
    cache_bypass_zero: ["/ws", "/ws/room", "/ws?a=1"];
    cache_bypass_after_break: ["/ws", "/ws/room", "/ws?a=1"];
    cache_key_by_upgrade: ["/ws", "/ws/room", "/ws?a=1"];
    cache_key_by_arguments: ["/ws", "/ws/room", "/ws?a=1"];
    cache_no_store_variable: ["/ws", "/ws/room", "/ws?a=1"];
    cache_methods_post: ["/ws", "/ws/room", "/ws?a=1"];
    cache_only_for_handshakes: ["/ws", "/ws/room", "/ws?a=1"];
}

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/nginx/verdicts/kinds")
}

/// Starts nginx on a configuration, and compares what wslint says about it.
fn agrees(name: &str, targets: &[&str]) {
    require_nginx!();
    let file = directory().join(format!("{}.conf", name.replace('_', "-")));
    let text = fs::read_to_string(&file).expect("the configuration of the test");
    let folder = folder(&text);
    let has_cache = text.contains("proxy_cache ");
    let nginx = Running::start(&folder).unwrap_or_else(|check| panic!("{check:?}"));
    let routes = routes(targets, has_cache);
    let all = said::about(&nginx.main_file(), |said| {
        if let Some(finding) = said.not_loaded() {
            panic!("nginx accepts what {} rejects", finding.rule.name);
        }
        contradictions::find(&nginx, said, (&routes, &[]), Scope::Everything)
    });
    let shown: Vec<String> = all.iter().map(ToString::to_string).collect();
    assert!(all.is_empty(), "{}:\n  {}", file.display(), shown.join("\n  "));
}

/// The configuration and the snippets, with ports and directories of this test. Every line keeps its
/// number.
fn folder(text: &str) -> Folder {
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|module| format!(" {module}_temp_path @PREFIX@/temporary;"))
        .concat();
    let main = text
        .replace("listen 80;", "listen @LISTEN@;")
        .replace("http {", &format!("http {{ access_log off;{temporary}"))
        .replace("/var/cache/nginx", "@PREFIX@/cache");
    let mut folder = Folder::new(&main);
    for entry in fs::read_dir(directory().join("snippets")).expect("the snippets") {
        let entry = entry.expect("a snippet");
        let text = fs::read_to_string(entry.path()).expect("a snippet");
        folder = folder.with(&format!("snippets/{}", entry.file_name().display()), &text);
    }
    folder.map(|text| text.replace("127.0.0.1:3000", "127.0.0.1:@BACKEND@"))
}

/// The handshakes of both browsers, with a cache also after a regular request for the same URL.
fn routes(targets: &[&str], has_cache: bool) -> Vec<Route> {
    let mut all = Vec::new();
    let primed = if has_cache { &[false, true][..] } else { &[false] };
    for &primed in primed {
        for target in targets {
            let start = target.find('/').expect("a path");
            let host = if start == 0 { "one.test" } else { &target[..start] };
            all.extend(Browser::ALL.map(|browser| Route {
                address: [127, 0, 0, 1],
                other_port: false,
                host: host.to_owned(),
                target: target[start..].to_owned(),
                browser,
                fields: Vec::new(),
                primed,
            }));
        }
    }
    all
}

#[test]
fn every_configuration_has_a_test() {
    let mut names = Vec::new();
    for entry in fs::read_dir(directory()).expect("the configurations") {
        let path = entry.expect("a configuration").path();
        if path.is_file() {
            let name = path.file_stem().expect("a name").to_string_lossy().replace('-', "_");
            names.push(name);
        }
    }
    names.sort_unstable();
    let mut known = NAMES.to_vec();
    known.sort_unstable();
    assert_eq!(names, known);
}
