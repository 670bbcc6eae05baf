//! Reading a configuration: the main file and all that it includes, as nginx would.

mod data_lines;
mod directories;
#[cfg(feature = "disk")]
mod disk;
pub mod dump;
mod files;
mod glob;
mod in_memory;
mod include;
#[cfg(feature = "disk")]
mod link;
mod loaded;
mod options;
mod outer;
mod overlay;
pub mod packaged;
mod path;
mod read;

use std::path::Path;

pub(crate) use crate::load::data_lines::DataLine;
#[cfg(feature = "disk")]
pub use crate::load::disk::{Disk, read_file, real_path};
pub use crate::load::files::{FileRead, Files};
pub use crate::load::in_memory::InMemory;
use crate::load::include::Resolver;
pub use crate::load::include::{Include, Unreachable};
#[cfg(feature = "disk")]
pub use crate::load::link::file_meant_by_link;
pub use crate::load::loaded::Loaded;
pub use crate::load::options::LoadOptions;
pub use crate::load::outer::{is_whole, outer_context};
pub use crate::load::overlay::{Memory, Overlay, TextsByPath};
pub use crate::load::path::normalised;
pub use crate::load::read::{ReadError, reject_binary};
use crate::source::Source;

/// One name for a file: without a disk, a path has no other.
#[cfg(not(feature = "disk"))]
pub fn real_path(path: &Path) -> std::path::PathBuf {
    path.to_owned()
}

/// Reads the file at `path` and what it includes.
///
/// # Errors
/// When the main file cannot be read. An included file that cannot be read is no error here; it
/// is told apart by [`Loaded::include`].
#[cfg(feature = "disk")]
pub fn load(path: &Path, options: &LoadOptions) -> Result<Loaded, ReadError> {
    let text = read_file(path)?;
    Ok(load_text(path.display().to_string(), Some(path), text, options))
}

/// Takes `text` for the content of the main file called `name`, and reads what it includes.
/// `path` is where the file would be; included files are looked for beside it.
pub fn load_text(
    name: String,
    path: Option<&Path>,
    text: Vec<u8>,
    options: &LoadOptions,
) -> Loaded {
    load_main(Source::new(name, path.map(Path::to_owned), text), options, |main, resolver| {
        main.follow(path, resolver, &this_machine(resolver.prefixes()))
    })
}

/// Reads a configuration again that `loaded` is, with another text of its main file, and with
/// `changed` in the place of what other files say. The rest is as it was in `loaded`, of which
/// `first` has the texts, or as `memory` has it.
pub fn load_again(
    loaded: &Loaded,
    options: &LoadOptions,
    main: Vec<u8>,
    (first, changed): (&TextsByPath, &TextsByPath),
    memory: &Memory,
) -> Loaded {
    let Source { name, path, .. } = loaded.main();
    load_main(Source::new(name.clone(), path.clone(), main), options, |main, resolver| {
        let files = this_machine(resolver.prefixes());
        let files = Overlay::new(&files, memory, first, changed);
        main.follow(path.as_deref(), resolver, &files)
    })
}

/// Takes `text` for the content of the main file called `name`, and reads what it includes from
/// `files`.
pub fn load_from(
    files: &dyn Files,
    name: String,
    path: Option<&Path>,
    text: Vec<u8>,
    options: &LoadOptions,
) -> Loaded {
    load_main(Source::new(name, path.map(Path::to_owned), text), options, |main, resolver| {
        main.follow(path, resolver, files)
    })
}

#[cfg(feature = "disk")]
fn this_machine(prefixes: &[(std::path::PathBuf, std::path::PathBuf)]) -> Disk<'_> {
    Disk::new(prefixes)
}

#[cfg(not(feature = "disk"))]
fn this_machine(_: &[(std::path::PathBuf, std::path::PathBuf)]) -> InMemory {
    InMemory::default()
}

fn load_main(
    main: Source,
    options: &LoadOptions,
    follow: impl FnOnce(Loaded, &Resolver) -> Loaded,
) -> Loaded {
    let whole = is_whole(&main.tree);
    let path = main.path.as_deref().unwrap_or(Path::new(""));
    let resolver = Resolver::new(path, whole, options);
    let loaded = Loaded::of(main);
    if options.ignore_includes { loaded } else { follow(loaded, &resolver) }
}
