//! The floors of this crate: a file uses lower ones only.

#[path = "../../model/tests/layers/floors.rs"]
mod floors;

use floors::Floors;

/// From the ground up. The modules of one row may use each other.
const FLOORS: Floors = &[
    &["facts", "suggest", "refusal"],
    // A rule is checked with the context, which keeps what causes and edits ask.
    &[
        "finding",
        "rule",
        "groups",
        "syntax_errors",
        "rewritten_uri",
        // What several rules know, each named for it.
        "backend_tls",
        "balancing",
        "client_address",
        "handshake_predicate",
        "map_comparison",
        "upstream_zone",
        "cause",
        "fix_writing",
        "context",
        "comments",
        "explain",
        "rules",
        "check",
    ],
    &["fix"],
];

#[test]
fn no_file_uses_a_floor_above_its_own() {
    floors::check(env!("CARGO_MANIFEST_DIR"), FLOORS);
}
