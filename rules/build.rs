//! Generates the registry of rules from the directories of `src/rules/`: `src/rules.rs` includes it.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

#[path = "src/facts.rs"]
#[allow(dead_code, unreachable_pub)]
mod facts;
#[path = "build/registry.rs"]
mod registry;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed=src/facts.rs");
    println!("cargo::rerun-if-changed=src/rules");

    let manifest = env::var_os("CARGO_MANIFEST_DIR").ok_or("CARGO_MANIFEST_DIR is not set")?;
    let directory = Path::new(&manifest).join("src/rules");
    match registry::read(&directory) {
        Ok(rules) => {
            let out = env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?;
            fs::write(Path::new(&out).join("rules.rs"), registry::code(&directory, &rules))?;
        }
        Err(mistakes) => {
            for mistake in mistakes {
                println!("cargo::error={mistake}");
            }
        }
    }
    Ok(())
}
