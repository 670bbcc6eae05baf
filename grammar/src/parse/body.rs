//! What the catalogue says of a directive: where it is allowed, and whether a block follows it.

use crate::DirectiveId;
use crate::catalogue::{Body, Context, Definition};
use crate::tree::BodyKind;

/// Whether a directive is allowed in a block.
pub(super) fn allowed_in(id: DirectiveId, context: Context) -> bool {
    id.definitions().iter().any(|definition| definition.contexts.contains(context))
}

/// Whether a name is never that of a block.
pub(super) fn never_block(id: DirectiveId) -> bool {
    id.definitions().iter().all(|definition| definition.body == Body::None)
}

/// Whether what a definition wants behind its arguments is what stands there.
pub(super) fn takes_body(definition: &Definition, body: BodyKind) -> bool {
    (definition.body == Body::None) == (body == BodyKind::None)
}
