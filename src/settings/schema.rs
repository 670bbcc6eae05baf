//! The published JSON Schema of `wslint.toml` is that of the types.

use std::path::Path;

use super::file::SettingsFile;

/// To write it anew: `WSLINT_UPDATE_SCHEMA=1 cargo test schema`.
#[test]
fn published_schema_is_that_of_the_types() {
    let schema = schemars::schema_for!(SettingsFile);
    let mut made = serde_json::to_string_pretty(&schema).unwrap();
    made.push('\n');
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema/wslint.toml.schema.json");
    if std::env::var_os("WSLINT_UPDATE_SCHEMA").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &made).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(published, made, "run `WSLINT_UPDATE_SCHEMA=1 cargo test schema`");
}
