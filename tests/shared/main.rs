//! wslint on data that is not part of the project: real, generated and damaged configurations, each
//! with what two real nginxes did with it. Every test is skipped with a message where that data is
//! absent.

mod data;
mod findings;
mod fixes;
mod texts;
mod trace;
