//! `wslint rules` and `wslint explain`.

use std::io::{self, Write};

use serde::Serialize;
use wslint_rules::rules;

use crate::cli::ListFormat;

/// A rule as `wslint rules --format json` shows it.
#[derive(Debug, Serialize)]
struct Listed {
    rule: &'static str,
    category: &'static str,
    severity: &'static str,
    effect: &'static str,
    summary: &'static str,
    url: String,
}

/// Lists all rules.
pub(crate) fn list(format: ListFormat, out: &mut dyn Write) -> io::Result<()> {
    match format {
        ListFormat::Text => {
            let widest = rules::ALL.iter().map(|rule| rule.name.len()).max().unwrap_or_default();
            for rule in rules::ALL {
                writeln!(
                    out,
                    "{:widest$}  {:7}  {}",
                    rule.name,
                    rule.severity.name(),
                    rule.summary
                )?;
            }
        }
        ListFormat::Json => {
            let listed: Vec<Listed> = rules::ALL
                .iter()
                .map(|rule| Listed {
                    rule: rule.name,
                    category: rule.category.name(),
                    severity: rule.severity.name(),
                    effect: rule.effect.name(),
                    summary: rule.summary,
                    url: rule.url(),
                })
                .collect();
            serde_json::to_writer_pretty(&mut *out, &listed)?;
            writeln!(out)?;
        }
    }
    Ok(())
}
