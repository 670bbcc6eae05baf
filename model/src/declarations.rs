//! What a configuration declares in one place and uses in another: each kind is looked for once, for
//! all rules.

pub mod backend;
pub mod guards;
pub mod kept_connections;
pub mod listens;
pub mod proxy_pass;
pub mod upstream_groups;
pub mod upstream_server;
pub mod variable_uses;
pub mod zones;
