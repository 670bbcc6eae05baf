//! Why a handshake ended as it did. What to call it, and what to do about it, is for others to say.

use crate::source::Place;

/// A reason, with the line that decided it where there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Reason {
    /// What happened.
    pub kind: ReasonKind,
    /// The directive that decided it.
    pub place: Option<Place>,
}

/// What keeps a handshake from becoming a WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReasonKind {
    /// The backend gets another method than `GET`.
    Method,
    /// The backend gets HTTP/1.0.
    Http10,
    /// The backend gets HTTP/2.
    Http2,
    /// The backend gets no `Upgrade`.
    UpgradeMissing,
    /// The backend gets an `Upgrade` that does not name `websocket`.
    UpgradeValue,
    /// The backend gets no `Connection`.
    ConnectionMissing,
    /// The backend gets a `Connection` without the token `upgrade`.
    ConnectionValue,
    /// The backend gets more than one `Host` (RFC 9112, section 3.2).
    SeveralHosts,
    /// The backend gets no sound `Sec-WebSocket-Key`, or no `Sec-WebSocket-Version: 13`.
    WebSocketHeader,
    /// `proxy_pass_request_headers off` keeps the client's headers from the backend.
    HeadersNotPassed,
    /// The backend answers another key than the client's.
    OtherKey,
    /// The `101` reaches the client without a header that it needs.
    ResponseHeaderHidden,
    /// `error_page` sets another status than `101`.
    ErrorPageStatus,
    /// An answer of the cache may come instead of the backend's.
    Cached,
    /// The backend of `auth_request` gets a handshake.
    AuthRequestUpgrades,
    /// The backend of `mirror` gets a handshake.
    MirrorUpgrades,
    /// The backend's name is looked up, and there is no `resolver`.
    NoResolver,
    /// Every server of the upstream is `down`.
    AllServersDown,
    /// What answers in the location can't carry a WebSocket.
    Handler,
    /// The location is `internal`.
    Internal,
    /// `limit_except` denies `GET`.
    LimitExcept,
}

impl ReasonKind {
    /// Whether it is about `Upgrade`.
    pub const fn is_about_upgrade(self) -> bool {
        matches!(self, Self::UpgradeMissing | Self::UpgradeValue)
    }

    /// Whether it is about `Connection`.
    pub const fn is_about_connection(self) -> bool {
        matches!(self, Self::ConnectionMissing | Self::ConnectionValue)
    }

    /// Whether it is about the HTTP version.
    pub const fn is_about_http_version(self) -> bool {
        matches!(self, Self::Http10 | Self::Http2)
    }

    /// The reason, at a place.
    pub(crate) const fn at(self, place: Option<Place>) -> Reason {
        Reason { kind: self, place }
    }
}
