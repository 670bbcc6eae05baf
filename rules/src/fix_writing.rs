//! Edits that mend findings, written as the file at hand is written.
//!
//! What a level inherits decides where a line may go: the first `proxy_set_header` of a level drops
//! all that it inherits, and so does the first line of every other list. `list.rs` knows that, and
//! what it is asked by: `handshake.rs`, `client_host.rs`, `cleared.rs` and `predicate.rs`. `value.rs`
//! is about settings with one value, the other files are about text.

mod block;
mod block_copy;
mod cleared;
mod client_host;
mod columns;
mod connection;
mod edits;
mod entry;
mod faulty_map;
mod handler;
mod handshake;
mod hidden;
mod if_block;
mod lifted;
mod list;
mod passed_uri;
mod predicate;
mod protocol_map;
mod remedy;
mod removal;
mod spot;
mod style;
mod sub_request_guard;
mod upgrade_map;
mod upstream_lines;
mod value;
mod words;

pub(crate) use block::{Copies, stands_everywhere};
pub(crate) use block_copy::{copy_before, move_before};
pub(crate) use cleared::clear_handshake_headers;
pub(crate) use client_host::pass_clients_host;
pub(crate) use connection::{
    ConnectionValue, connection_advice, connection_value, connection_variable, in_place_of,
};
pub(crate) use edits::Edits;
pub(crate) use entry::replace_key;
pub(crate) use faulty_map::{mend_map, tell_plain_requests_apart, uses_captures};
pub(crate) use handler::repeat_proxy_pass;
pub(crate) use handshake::{
    Repeated, Wanted, complete, completed, rename_to_request_headers, repeat_headers,
};
pub(crate) use hidden::pass_header;
pub(crate) use if_block::move_out_of_if;
pub(crate) use lifted::lift_into_http;
pub(crate) use list::add_to_lists;
pub(crate) use passed_uri::{Rewrite, UriChange, change_uri, set_before};
pub(crate) use predicate::add_predicate_everywhere;
pub(crate) use protocol_map::{WebSocketMap, websocket_map};
pub(crate) use remedy::Remedy;
pub(crate) use removal::{has_comment, leaves_list_empty, remove, remove_block};
pub(crate) use spot::add_before;
pub(crate) use style::FileStyle;
pub(crate) use sub_request_guard::withhold_from_sub_requests;
pub(crate) use upgrade_map::{UpgradeMap, is_used_otherwise};
pub(crate) use upstream_lines::add_to_upstream;
pub(crate) use value::{set_http_version, set_value, set_value_here};
pub(crate) use words::{append, blanks_between, delete_word, is_plain, part_of};
