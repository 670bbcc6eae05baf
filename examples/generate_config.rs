//! Writes a generated configuration, for measuring whole processes.
//!
//! ```sh
//! cargo run --example generate_config -- 10000 one-file TARGET_FOLDER
//! ```

#[path = "../benches/generated/mod.rs"]
mod generated;

use std::path::PathBuf;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let mut arguments = env::args().skip(1);
    let (Some(servers), Some(shape), Some(folder)) =
        (arguments.next(), arguments.next(), arguments.next())
    else {
        return Err(io::Error::other("usage: generate_config SERVERS one-file|included FOLDER"));
    };
    let servers: usize = servers.parse().map_err(io::Error::other)?;
    let folder = PathBuf::from(folder);
    fs::create_dir_all(folder.join("conf.d"))?;
    if shape == "included" {
        for number in 0..servers {
            let path = folder.join(format!("conf.d/site{number:06}.conf"));
            fs::write(path, generated::server(number))?;
        }
        let main = format!("{}    include conf.d/*.conf;\n}}\n", generated::HEAD);
        fs::write(folder.join("nginx.conf"), main)
    } else {
        fs::write(folder.join("nginx.conf"), generated::one_file(servers))
    }
}
