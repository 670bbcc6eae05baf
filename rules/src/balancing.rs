//! How an upstream chooses its servers.

use wslint_grammar::DirectiveId;
use wslint_grammar::catalogue::directive as d;
use wslint_model::resolve::{LevelId, Setting};

use crate::context::Context;

/// The balancing methods. Each takes the place of the one before, with a warning.
const METHODS: [DirectiveId; 5] = [d::IP_HASH, d::HASH, d::LEAST_CONN, d::LEAST_TIME, d::RANDOM];

/// The methods of an upstream in the order of the text; none when that order is not seen.
pub(crate) fn methods<'c>(context: &Context<'c>, level: LevelId) -> Vec<Setting<'c>> {
    let configuration = context.configuration;
    let lines = METHODS.into_iter().flat_map(|id| configuration.own(level, id).iter());
    let mut methods: Vec<Setting<'c>> = lines.collect();
    methods.sort_by_key(|method| method.reference);
    if methods.windows(2).any(|pair| pair[0].reference.file != pair[1].reference.file) {
        methods.clear();
    }
    methods
}
