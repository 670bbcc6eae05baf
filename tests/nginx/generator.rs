//! Makes configurations, and handshakes for each, from a seed.

mod headers;
mod locations;
mod maps;
mod overlapping;
mod rewrites;
mod servers;
mod settings;
mod small;
mod subrequests;
mod values;

pub(crate) use servers::{Case, Route, case};
pub(crate) use small::small_case;
