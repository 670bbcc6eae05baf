//! Where a directive may stand. The build script reads the data files with this same module.

use std::fmt;

/// Declares [`Context`], its keyword in the data files and its name for people, in one table.
macro_rules! contexts {
    ($($variant:ident $keyword:literal $words:literal $about:literal)+) => {
        /// A kind of block that nginx reads directives in.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Context {
            $(#[doc = $about] $variant,)+
        }

        impl Context {
            /// Every context, in the order of the enum.
            pub const ALL: &[Context] = &[$(Context::$variant),+];

            /// The word that stands for the context in the data files: `if-location`.
            #[must_use]
            pub const fn keyword(self) -> &'static str {
                match self { $(Context::$variant => $keyword),+ }
            }

            /// The name of the enum's variant; the build script writes it into the tables.
            #[must_use]
            pub const fn variant(self) -> &'static str {
                match self { $(Context::$variant => stringify!($variant)),+ }
            }

            const fn words(self) -> &'static str {
                match self { $(Context::$variant => $words),+ }
            }
        }
    };
}

contexts! {
    Main            "main"             "main"             "Outside every block."
    Events          "events"           "events"           "`events`"
    Http            "http"             "http"             "`http`"
    Server          "server"           "server"           "`server` in `http`"
    Location        "location"         "location"         "`location`"
    IfServer        "if-server"        "if in server"     "`if` in a `server`"
    IfLocation      "if-location"      "if in location"   "`if` in a `location`"
    LimitExcept     "limit-except"     "limit_except"     "`limit_except`"
    Upstream        "upstream"         "upstream"         "`upstream` in `http`"
    Stream          "stream"           "stream"           "`stream`"
    StreamServer    "stream-server"    "stream server"    "`server` in `stream`"
    StreamUpstream  "stream-upstream"  "stream upstream"  "`upstream` in `stream`"
    Mail            "mail"             "mail"             "`mail`"
    MailServer      "mail-server"      "mail server"      "`server` in `mail`"
    Mgmt            "mgmt"             "mgmt"             "`mgmt` of NGINX Plus"
    OtelExporter    "otel-exporter"    "otel_exporter"    "`otel_exporter` of the OpenTelemetry module"
    OidcProvider    "oidc-provider"    "oidc_provider"    "`oidc_provider` of NGINX Plus"
    AcmeIssuer      "acme-issuer"      "acme_issuer"      "`acme_issuer` of the ACME module"
    Rtmp            "rtmp"             "rtmp"             "`rtmp` of the RTMP module"
    RtmpServer      "rtmp-server"      "rtmp server"      "`server` in `rtmp`"
    RtmpApplication "rtmp-application" "rtmp application" "`application` in `rtmp`"
    RtmpRecorder    "rtmp-recorder"    "rtmp recorder"    "`recorder` in `rtmp`"
}

impl Context {
    /// The context with this keyword.
    #[must_use]
    pub fn from_keyword(keyword: &str) -> Option<Context> {
        Context::ALL.iter().copied().find(|context| context.keyword() == keyword)
    }

    const fn bit(self) -> u32 {
        1 << self as u32
    }
}

impl fmt::Display for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}

/// A set of contexts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct ContextSet(u32);

impl ContextSet {
    /// Every context: `include` may stand anywhere.
    pub const ANY: ContextSet = ContextSet((1 << Context::ALL.len()) - 1);

    /// The set of these contexts.
    #[must_use]
    pub const fn of(contexts: &[Context]) -> ContextSet {
        let mut bits = 0;
        let mut i = 0;
        while i < contexts.len() {
            bits |= contexts[i].bit();
            i += 1;
        }
        ContextSet(bits)
    }

    /// Whether the context is in the set.
    #[must_use]
    pub const fn contains(self, context: Context) -> bool {
        self.0 & context.bit() != 0
    }

    /// Whether the sets share a context.
    #[must_use]
    pub const fn intersects(self, other: ContextSet) -> bool {
        self.0 & other.0 != 0
    }

    /// The contexts, outermost first.
    pub fn iter(self) -> impl Iterator<Item = Context> {
        Context::ALL.iter().copied().filter(move |context| self.contains(*context))
    }
}

impl fmt::Display for ContextSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == ContextSet::ANY {
            return f.write_str("any");
        }
        for (i, context) in self.iter().enumerate() {
            if i > 0 {
                f.write_str(", ")?;
            }
            context.fmt(f)?;
        }
        Ok(())
    }
}
