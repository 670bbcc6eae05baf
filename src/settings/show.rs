//! `--show-settings`: what holds for which configuration, in the format of `wslint.toml`.

use std::io::{self, Write};
use std::rc::Rc;

use serde_json::json;

use super::{Settings, directive_text};
use crate::discover::Input;

/// Writes the settings of all configurations; what several share is written once.
///
/// # Errors
/// When `out` cannot be written to.
pub(crate) fn show(inputs: &[Input], out: &mut dyn Write) -> io::Result<()> {
    let mut shown: Vec<&Rc<Settings>> = Vec::new();
    for input in inputs {
        let settings = &input.settings;
        if shown.iter().any(|known| Rc::ptr_eq(known, settings)) {
            continue;
        }
        if !shown.is_empty() {
            writeln!(out)?;
        }
        shown.push(settings);
        for other in inputs.iter().filter(|other| Rc::ptr_eq(&other.settings, settings)) {
            writeln!(out, "# for {}", other.loaded.main().name.escape_debug())?;
        }
        match &settings.file {
            Some(file) => writeln!(out, "# from {}", file.display().to_string().escape_debug())?,
            None => writeln!(out, "# from no file")?,
        }
        write(settings, out)?;
    }
    Ok(())
}

fn write(settings: &Settings, out: &mut dyn Write) -> io::Result<()> {
    // A string, and a list of strings, are written in TOML as in JSON.
    if let Some(version) = settings.assumptions.nginx_version {
        writeln!(out, "nginx-version = {}", json!(version.to_string()))?;
    }
    writeln!(out, "fail-on = {}", json!(settings.fail_on.name()))?;
    if !settings.assumptions.websocket.is_empty() {
        writeln!(out, "websocket = {}", json!(settings.assumptions.websocket))?;
    }
    if !settings.load.prefixes.is_empty() {
        let pairs = settings.load.prefixes.iter();
        let pairs: Vec<String> =
            pairs.map(|(from, to)| format!("{}={}", from.display(), to.display())).collect();
        writeln!(out, "prefix = {}", json!(pairs))?;
    }
    writeln!(out, "select = [")?;
    for rule in &settings.rules {
        writeln!(out, "    {},", json!(rule.name))?;
    }
    writeln!(out, "]")?;
    write_table("severity", &settings.severities, out, |name, severity| {
        format!("{name} = {}", json!(severity.name()))
    })?;
    write_table("per-file-ignores", settings.per_file_ignores.shown(), out, |pattern, rules| {
        format!("{} = {}", json!(pattern), json!(rules))
    })?;
    let directives = settings.assumptions.directives.iter();
    write_table("directives", directives, out, |name, directive| {
        format!("{} = {}", json!(name), directive_text(*directive))
    })
}

fn write_table<K, V>(
    title: &str,
    entries: impl IntoIterator<Item = (K, V)>,
    out: &mut dyn Write,
    line: impl Fn(K, V) -> String,
) -> io::Result<()> {
    for (number, (key, value)) in entries.into_iter().enumerate() {
        if number == 0 {
            writeln!(out, "\n[{title}]")?;
        }
        writeln!(out, "{}", line(key, value))?;
    }
    Ok(())
}
