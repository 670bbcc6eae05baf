//! Work that is done side by side, from so much on that threads are worth their start. No other
//! file of the library starts threads; without the feature `parallel` nothing does.

/// From how many blocks on directives are looked at, and rules run, side by side.
pub const SIDE_BY_SIDE: usize = 2000;

/// From how many locations on their handshakes are followed side by side.
pub const FEW: usize = 1000;

/// What `f` makes of each item, in their order: side by side if there are at least `from`.
pub fn map<T: Send, R: Send>(items: Vec<T>, from: usize, f: impl Fn(T) -> R + Sync) -> Vec<R> {
    map_init(items, from, || (), |(), item| f(item))
}

/// As [`map`], with something that `f` keeps from item to item: each thread has its own.
pub fn map_init<T: Send, S, R: Send>(
    items: Vec<T>,
    from: usize,
    init: impl Fn() -> S + Sync,
    f: impl Fn(&mut S, T) -> R + Sync,
) -> Vec<R> {
    #[cfg(feature = "parallel")]
    if items.len() >= from {
        use rayon::prelude::*;
        return items.into_par_iter().map_init(&init, &f).collect();
    }
    #[cfg(not(feature = "parallel"))]
    let _ = from;
    let mut kept = init();
    items.into_iter().map(|item| f(&mut kept, item)).collect()
}

/// As [`map_init`], without the items of which `f` makes nothing.
pub fn filter_map_init<T: Send, S, R: Send>(
    items: Vec<T>,
    from: usize,
    init: impl Fn() -> S + Sync,
    f: impl Fn(&mut S, T) -> Option<R> + Sync,
) -> Vec<R> {
    #[cfg(feature = "parallel")]
    if items.len() >= from {
        use rayon::prelude::*;
        return items.into_par_iter().map_init(&init, &f).flatten_iter().collect();
    }
    #[cfg(not(feature = "parallel"))]
    let _ = from;
    let mut kept = init();
    items.into_iter().filter_map(|item| f(&mut kept, item)).collect()
}
