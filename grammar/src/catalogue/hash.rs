//! The hash behind [`DirectiveId::lookup`](super::DirectiveId::lookup).
//!
//! The build script searches for a table of displacements that gives every known name a slot of its own, so
//! a lookup costs one hash and one comparison. Both sides use these functions.

/// Hashes a name, eight bytes at a time. The build script makes sure that no two known names hash alike.
#[inline]
pub(super) fn hash(name: &[u8]) -> u64 {
    // Odd, with no pattern in its bits: 2^64 divided by the golden ratio.
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

    let mix = |state: u64, word: u64| (state.rotate_left(23) ^ word).wrapping_mul(FACTOR);
    let state = name.len() as u64;
    let state = if let Some(last) = name.last_chunk() {
        // The last eight bytes overlap the chunk before them; that spares a loop over the rest.
        let (chunks, _) = name.as_chunks();
        let state =
            chunks.iter().fold(state, |state, chunk| mix(state, u64::from_le_bytes(*chunk)));
        mix(state, u64::from_le_bytes(*last))
    } else {
        let word = name.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
        mix(state, word)
    };
    state ^ state >> 32
}

/// The bucket that a hash falls into. `buckets` is a power of two.
#[inline]
pub(super) fn bucket(hash: u64, buckets: usize) -> usize {
    hash as usize & (buckets - 1)
}

/// The slot of a hash whose bucket is displaced by so much. `slots` is a power of two.
#[inline]
pub(super) fn slot(hash: u64, displacement: u16, slots: usize) -> usize {
    // The step is odd, so every displacement below `slots` leads to another slot.
    let step = hash >> 43 | 1;
    (hash >> 20).wrapping_add(step.wrapping_mul(u64::from(displacement))) as usize & (slots - 1)
}
