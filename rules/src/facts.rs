//! The facts of a rule that its page states: the build script reads them there with these types.

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Advice, and facts that matter only to some.
    Info,
    /// It works, but it is fragile, degraded or insecure.
    Warning,
    /// The handshake cannot succeed, or nginx refuses the configuration.
    Error,
}

/// Which part of the subject a rule belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// HTTP version, `Upgrade`, `Connection` and what else makes a handshake.
    Handshake,
    /// Settings that levels inherit, or don't; sub-requests.
    Inheritance,
    /// `map` and the variables that it defines.
    Map,
    /// Damaged text: typing, shells, blogs.
    Text,
    /// Which location a handshake reaches, and with which URI.
    Routing,
    /// `upstream` and `proxy_pass`.
    Upstream,
    /// Cached answers.
    Cache,
    /// Timeouts and limits.
    Capacity,
    /// TLS to clients and backends.
    Tls,
    /// What lets somebody in.
    Security,
    /// Text that nginx cannot parse.
    Syntax,
}

/// What happens because of what was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// nginx refuses the configuration.
    NotLoaded,
    /// A handshake does not become a WebSocket.
    HandshakeFails,
    /// It works worse than it could.
    Degraded,
    /// Somebody gets in who should not.
    Insecure,
    /// Nothing bad, but there is a better way.
    Advice,
}

/// Whether something says nothing but how things could be better: however it is heeded, nginx starts
/// and handshakes succeed. That something was not understood is no advice.
pub(crate) fn is_advice(category: Category, severity: Severity, effect: Effect) -> bool {
    severity == Severity::Info
        && !matches!(effect, Effect::NotLoaded | Effect::HandshakeFails)
        && !matches!(category, Category::Syntax | Category::Text)
}

macro_rules! names {
    ($type:ident { $($variant:ident = $name:literal),+ $(,)? }) => {
        impl $type {
            /// Every value, in the order of their meaning.
            pub const ALL: &'static [$type] = &[$($type::$variant),+];

            /// The name in JSON, in options and on the terminal.
            pub const fn name(self) -> &'static str {
                match self { $($type::$variant => $name),+ }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.name())
            }
        }
    };
}

names!(Severity { Info = "info", Warning = "warning", Error = "error" });
names!(Category {
    Handshake = "handshake",
    Inheritance = "inheritance",
    Map = "map",
    Text = "text",
    Routing = "routing",
    Upstream = "upstream",
    Cache = "cache",
    Capacity = "capacity",
    Tls = "tls",
    Security = "security",
    Syntax = "syntax",
});
names!(Effect {
    NotLoaded = "not-loaded",
    HandshakeFails = "handshake-fails",
    Degraded = "degraded",
    Insecure = "insecure",
    Advice = "advice",
});
