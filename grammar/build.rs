//! Turns the text files of `catalogue/` into the static tables that `src/catalogue.rs` includes.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

// The crate's own modules, so that the words of the data files are spelled out in one place. Each side uses
// a part of them.
#[allow(dead_code, unreachable_pub)]
#[path = "src/catalogue/context.rs"]
mod context;
#[path = "src/catalogue/hash.rs"]
mod hash;
#[path = "src/catalogue/text.rs"]
mod text;
#[allow(dead_code, unreachable_pub)]
#[path = "src/catalogue/version.rs"]
mod version;

use text::{DirectiveRow, VariableRow};
use version::Version;

/// In the order that the definitions of one name are listed in.
const FILES: [&str; 6] =
    ["core.txt", "http.txt", "stream.txt", "mail.txt", "commercial.txt", "third-party.txt"];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=catalogue");
    println!("cargo::rerun-if-changed=src/catalogue");

    let mut directives: BTreeMap<String, Vec<DirectiveRow>> = BTreeMap::new();
    for file in FILES {
        for row in read(file, text::directives)? {
            directives.entry(row.name.clone()).or_default().push(row);
        }
    }
    write("directives.rs", &directive_tables(&directives)?)?;
    write("variables.rs", &variable_tables(read("variables.txt", text::variables)?)?)
}

fn read<Row>(
    file: &str,
    parse: impl Fn(&str) -> Result<Vec<Row>, String>,
) -> Result<Vec<Row>, Box<dyn Error>> {
    let path = Path::new("catalogue").join(file);
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    parse(&text).map_err(|error| format!("{}:{error}", path.display()).into())
}

fn write(file: &str, text: &str) -> Result<(), Box<dyn Error>> {
    let folder = env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?;
    Ok(fs::write(Path::new(&folder).join(file), text)?)
}

fn directive_tables(
    directives: &BTreeMap<String, Vec<DirectiveRow>>,
) -> Result<String, Box<dyn Error>> {
    let names: Vec<&str> = directives.keys().map(String::as_str).collect();
    let mut constants = String::new();
    let mut first = vec![0];
    let mut definitions = String::new();
    let mut count = 0;
    for (index, (name, rows)) in directives.iter().enumerate() {
        writeln!(
            constants,
            "    /// `{name}`\n    pub const {}: DirectiveId = DirectiveId({index});",
            name.to_ascii_uppercase()
        )?;
        for row in rows {
            writeln!(definitions, "    {},", definition(row))?;
        }
        count += rows.len();
        first.push(count);
    }
    // Ids and offsets are `u16`, and the last id marks an empty slot.
    if names.len().max(count) >= usize::from(u16::MAX) {
        return Err("the catalogue has outgrown its ids".into());
    }
    let (displacements, slots) = perfect_hash(&names)?;

    let mut out = String::new();
    table(&mut out, "NAMES", "&str", &names)?;
    table(&mut out, "FIRST_DEFINITION", "u16", &first)?;
    table(&mut out, "DISPLACEMENTS", "u16", &displacements)?;
    table(&mut out, "SLOTS", "u16", &slots)?;
    writeln!(
        out,
        "static DEFINITIONS: [Definition; {count}] = [\n{definitions}];\n\
         /// Every known name as a constant: `proxy_pass` is `PROXY_PASS`.\n\
         pub mod directive {{\n    use super::DirectiveId;\n{constants}}}"
    )?;
    Ok(out)
}

fn table<T: std::fmt::Debug>(
    out: &mut String,
    name: &str,
    of: &str,
    values: &[T],
) -> Result<(), Box<dyn Error>> {
    Ok(writeln!(out, "static {name}: [{of}; {}] = {values:?};", values.len())?)
}

fn definition(row: &DirectiveRow) -> String {
    let contexts: Vec<String> =
        row.contexts.iter().map(|context| format!("Context::{}", context.variant())).collect();
    let contexts = contexts.join(", ");
    format!(
        "Definition {{ contexts: ContextSet::of(&[{contexts}]), arguments: {}, body: {}, repeat: {}, \
         value: {}, module: {:?}, availability: {}, since: {}, until: {}, variables: {} }}",
        row.arguments,
        row.body,
        row.repeat,
        row.value,
        row.module,
        row.availability,
        version(row.since),
        version(row.until),
        row.variables,
    )
}

fn version(version: Option<Version>) -> String {
    match version {
        Some(Version { major, minor, patch }) => {
            format!("Some(Version::new({major}, {minor}, {patch}))")
        }
        None => "None".to_owned(),
    }
}

/// Finds a displacement for each bucket of hashes so that every name gets a slot of its own. The fullest
/// buckets choose first, while there is still room.
fn perfect_hash(names: &[&str]) -> Result<(Vec<u16>, Vec<u16>), Box<dyn Error>> {
    let slot_count = (names.len() * 5 / 4).next_power_of_two();
    let bucket_count = slot_count / 4;
    let mut buckets = vec![Vec::new(); bucket_count];
    for (index, name) in names.iter().enumerate() {
        let hash = hash::hash(name.as_bytes());
        buckets[hash::bucket(hash, bucket_count)].push((hash, u16::try_from(index)?));
    }
    let mut order: Vec<usize> = (0..bucket_count).collect();
    order.sort_by_key(|bucket| std::cmp::Reverse(buckets[*bucket].len()));

    let mut displacements = vec![0; bucket_count];
    let mut slots = vec![u16::MAX; slot_count];
    for bucket in order {
        let displacement = (0..u16::MAX)
            .find(|displacement| {
                let mut wanted: Vec<usize> = buckets[bucket]
                    .iter()
                    .map(|(hash, _)| hash::slot(*hash, *displacement, slot_count))
                    .collect();
                wanted.sort_unstable();
                wanted.windows(2).all(|pair| pair[0] != pair[1])
                    && wanted.iter().all(|slot| slots[*slot] == u16::MAX)
            })
            .ok_or("two names hash alike, or the table is too small")?;
        displacements[bucket] = displacement;
        for (hash, index) in &buckets[bucket] {
            slots[hash::slot(*hash, displacement, slot_count)] = *index;
        }
    }
    Ok((displacements, slots))
}

fn variable_tables(mut rows: Vec<VariableRow>) -> Result<String, Box<dyn Error>> {
    rows.sort_by(|a, b| (a.protocol, &a.name, a.prefix).cmp(&(b.protocol, &b.name, b.prefix)));
    for pair in rows.windows(2) {
        if (pair[0].protocol, &pair[0].name, pair[0].prefix)
            == (pair[1].protocol, &pair[1].name, pair[1].prefix)
        {
            return Err(format!("catalogue/variables.txt: `{}` stands twice", pair[0].name).into());
        }
    }
    let (families, single): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row.prefix);
    let mut out = String::new();
    for (name, rows) in [("VARIABLES", single), ("PREFIXES", families)] {
        writeln!(out, "static {name}: &[Variable] = &[")?;
        for row in rows {
            writeln!(
                out,
                "    Variable {{ name: {:?}, prefix: {}, protocol: {}, module: {:?}, availability: {}, \
                 since: {}, until: {}, changeable: {} }},",
                row.name,
                row.prefix,
                row.protocol,
                row.module,
                row.availability,
                version(row.since),
                version(row.until),
                row.changeable,
            )?;
        }
        writeln!(out, "];")?;
    }
    Ok(out)
}
