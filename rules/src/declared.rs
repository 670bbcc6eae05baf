//! What a configuration declares in one place and uses in another: each kind is looked for once, for
//! all rules.

pub(crate) mod backend;
pub(crate) mod guards;
pub(crate) mod kept_connections;
pub(crate) mod listens;
pub(crate) mod onward;
pub(crate) mod proxy_pass;
pub(crate) mod sub_requests;
pub(crate) mod upstream_groups;
pub(crate) mod upstream_server;
pub(crate) mod variable_uses;
pub(crate) mod zones;
