//! "Did you mean": the known name that is closest to a mistyped one.

use super::{Context, DirectiveId, names};

/// No known name is longer; the distance is computed on the stack.
pub(super) const LONGEST: usize = 64;

/// The directive whose name is most like `name`, if one is like it at all. Of names that are equally near,
/// one that may stand in `context` wins, then one of nginx's own, then the first in the alphabet.
#[must_use]
pub fn nearest(name: &str, context: Option<Context>) -> Option<DirectiveId> {
    let typed = name.as_bytes();
    if typed.is_empty() || typed.len() > LONGEST {
        return None;
    }
    // One slip in a short word, up to three in a long one.
    let limit = 1 + (typed.len() / 8).min(2);

    names()
        .filter_map(|id| {
            let distance = distance(typed, id.name().as_bytes(), limit)?;
            let misplaced = context.is_some_and(|context| {
                !id.definitions().iter().any(|definition| definition.contexts.contains(context))
            });
            let origin = id.definitions().iter().map(|definition| definition.availability).min();
            Some((distance + usize::from(misplaced), origin, id))
        })
        .min()
        .map(|(_, _, id)| id)
}

/// How many bytes to insert, delete, replace or swap with their neighbour to get from `a` to `b`
/// (Damerau-Levenshtein, "optimal string alignment"), if no more than `limit`. Neither may be longer than
/// [`LONGEST`].
fn distance(a: &[u8], b: &[u8], limit: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > limit {
        return None;
    }
    let mut before_last = [0; LONGEST + 1];
    let mut last: [usize; LONGEST + 1] = std::array::from_fn(|column| column);
    let mut lowest_of_last = 0;
    for i in 1..=a.len() {
        let mut row = [i; LONGEST + 1];
        let mut lowest = i;
        for j in 1..=b.len() {
            let replace = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            row[j] = replace.min(last[j] + 1).min(row[j - 1] + 1);
            let swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if swapped {
                row[j] = row[j].min(before_last[j - 2] + 1);
            }
            lowest = lowest.min(row[j]);
        }
        // Later rows grow out of the last two.
        if lowest.min(lowest_of_last) > limit {
            return None;
        }
        lowest_of_last = lowest;
        before_last = last;
        last = row;
    }
    Some(last[b.len()]).filter(|distance| *distance <= limit)
}
