//! Tests that start a real nginx, between a strict RFC 6455 backend and a client, and compare.
//!
//! `facts` shows what wslint takes for granted about nginx. `oracle` (the trace), `verdicts` (check and
//! routes) and `fixes` compare on configurations from one generator, `mutants` on damaged ones. A seed
//! decides all of them.

mod facts;
mod fixes;
mod generator;
mod mutants;
mod observe;
mod oracle;
mod seeds;
mod verdicts;
