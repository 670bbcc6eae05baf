//! The floors of this crate: a file uses lower ones only.

#[path = "layers/floors.rs"]
mod floors;

use floors::Floors;

/// From the ground up. The modules of one row may use each other.
const FLOORS: Floors = &[
    &["source", "versions", "prose", "parallel"],
    &["text"],
    &["added_directive"],
    &["assumptions"],
    &["load"],
    &["damage"],
    &["resolve"],
    &["given"],
    &["evaluate"],
    &["rewrite"],
    &["declarations"],
    &["routing"],
    &["validate", "intent"],
    // The model keeps what handshakes become, and a handshake asks the model for the rest.
    &["handshake", "model"],
];

#[test]
fn no_file_uses_a_floor_above_its_own() {
    floors::check(env!("CARGO_MANIFEST_DIR"), FLOORS);
}
