//! The request that a client sends, as far as it is known.

use std::net::IpAddr;

use wslint_grammar::catalogue::Version;

use crate::evaluate::{OPEN_HEADERS, Request as SampleRequest, Value, header_variable};
use crate::text::websocket_url::Url;

/// From this version on `$http_NAME` has all headers of that name, and not the first alone.
const HEADERS_ARE_JOINED: Version = Version::new(1, 23, 0);

/// What is known of a client's request, before nginx does anything with it.
#[derive(Debug)]
pub(crate) struct ClientRequest {
    /// The headers that it surely has: names as sent, values.
    pub(crate) headers: Vec<(String, String)>,
    /// Headers that it may have, with any value, by their names in `$http_NAME`.
    pub(crate) open_headers: &'static [&'static str],
    /// Where it is sent; `None` for any server name, scheme and port.
    pub(crate) url: Option<Url>,
    /// The request target; `None` for any.
    pub(crate) target: Option<String>,
    /// Whether its cookies and query arguments are known: those that aren't given are absent.
    pub(crate) is_closed: bool,
    /// The version of nginx that it is sent to; `None` for any.
    pub(crate) nginx_version: Option<Version>,
    /// The client's address, if it is known.
    pub(crate) address: Option<IpAddr>,
}

/// Headers of which nothing is known for one client whose other headers are given.
const OPEN_HEADERS_OF_ONE: [&str; 3] = ["user_agent", "accept_language", "accept_encoding"];

impl ClientRequest {
    /// The request of any client that sends the headers of `sample`, to this target or to any.
    pub(crate) fn any(
        sample: &SampleRequest,
        target: Option<String>,
        nginx_version: Option<Version>,
    ) -> Self {
        let headers = sample.headers();
        Self {
            headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            open_headers: &OPEN_HEADERS,
            url: None,
            target,
            is_closed: false,
            nginx_version,
            address: None,
        }
    }

    /// The request of one client, with all of its headers.
    pub(crate) fn one(
        url: Url,
        headers: Vec<(String, String)>,
        address: Option<IpAddr>,
        nginx_version: Version,
    ) -> Self {
        Self {
            headers,
            open_headers: &OPEN_HEADERS_OF_ONE,
            target: Some(url.target.clone()),
            url: Some(url),
            is_closed: true,
            nginx_version: Some(nginx_version),
            address,
        }
    }

    /// `$http_NAME`, by its name in lower case: the header with `-` for `_`.
    /// nginx drops those that it does not take.
    pub(crate) fn header_variable(&self, name: &str, takes: impl Fn(&str) -> bool) -> Value {
        let headers = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let first_counts = self.nginx_version.is_some_and(|version| version < HEADERS_ARE_JOINED);
        let accepted = headers.filter(|(name, _)| takes(name));
        header_variable(accepted, name, self.open_headers, first_counts)
    }
}
