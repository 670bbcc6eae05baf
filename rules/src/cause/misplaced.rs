//! Directives that are not allowed where they are: which of them have a rule of their own.

use wslint_grammar::DirectiveId;
use wslint_grammar::catalogue::{Context as Block, directive as d};

/// Whether a directive that is not allowed in a block is one of an `if`.
pub(crate) fn is_in_if(id: DirectiveId, block: Block) -> bool {
    matches!(block, Block::IfLocation | Block::IfServer)
        && id.definitions().iter().any(|definition| {
            definition.contexts.contains(Block::Location)
                || definition.contexts.contains(Block::Server)
        })
}

/// Whether a directive that is not allowed in a block is a map.
pub(crate) fn is_map(id: DirectiveId, block: Block) -> bool {
    id == d::MAP && block != Block::Main
}
