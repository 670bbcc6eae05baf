//! The rewrite module: what `set`, `if`, `break`, `return` and `rewrite` do to a request
//! (src/http/modules/ngx_http_rewrite_module.c, src/http/ngx_http_script.c).
//!
//! `interpreter` is the only code that takes these steps. Who runs it says what to do where the
//! configuration doesn't tell how it goes on: see `interpreter::Subject`.

pub(crate) mod client;
pub(crate) mod document_root;
pub(crate) mod interpreter;
pub(crate) mod program;
pub(crate) mod request;
mod request_variables;

pub use request_variables::{USUAL_MAP, asks_for_a_referer};
