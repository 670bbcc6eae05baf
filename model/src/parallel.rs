//! From how much work on threads are worth their start.

/// From how many blocks on directives are looked at, and rules run, side by side.
pub const SIDE_BY_SIDE: usize = 2000;

/// From how many locations on their handshakes are followed side by side.
pub const FEW: usize = 1000;
