//! How the program is linked.

use std::env;

/// On Linux with the GNU C library the program is linked to a fixed address. Else the loader writes the
/// address of each of some 17,000 constants, the catalogue's and the tables of regular expressions,
/// before `main` begins: a seventh of the time that a small file takes, and more on a busy machine.
/// What an unforeseeable address protects, memory that is written past its end, safe Rust does not
/// have.
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |name: &str, wanted: &str| env::var(name).is_ok_and(|value| value == wanted);
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
