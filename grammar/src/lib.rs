//! What does an nginx configuration file say?
//!
//! Tokens, tree, spans, comments, syntax errors and edits of one file, and the catalogue of
//! directives: which may stand where, with how many arguments, since which version of nginx. This
//! crate knows nothing of WebSockets, of the terminal or of the file system.
//!
//! ```
//! let tree = wslint_grammar::parse(b"upstream chat { server 127.0.0.1:3000; }".to_vec());
//! let upstream = tree.top_level().next().unwrap();
//! assert_eq!(upstream.name().as_ref(), b"upstream");
//! assert_eq!(upstream.children().next().unwrap().argument(0).unwrap().raw(), b"127.0.0.1:3000");
//! assert!(tree.errors().is_empty());
//! assert_eq!(tree.print(), tree.text());
//! ```

// Files and threads have rooms of their own (clippy.toml).
#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::disallowed_types))]

pub mod catalogue;
mod edit;
mod error;
mod invisible;
mod lex;
mod line_index;
mod lua;
mod parse;
mod span;
mod token;
mod tree;

pub use catalogue::DirectiveId;
pub use edit::{Applicability, Edit, EditError, Fix, apply_edits};
pub use error::{Note, SyntaxError, SyntaxErrorKind};
pub use invisible::{Invisible, first_invisible};
pub use line_index::{LineIndex, Position};
pub use parse::parse;
pub use span::Span;
pub use token::{Token, TokenKind};
pub use tree::{BodyKind, Directive, Directives, Quote, Tree, Word};
