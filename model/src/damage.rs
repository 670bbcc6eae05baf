//! What an editor, a shell or a template has done to a text.

mod mistyped_variable;
pub mod template_language;
pub mod text_damage;

pub use mistyped_variable::mistyped;
