//! Which server and which location a request comes to, and where nginx goes on with it by itself.

pub mod find_location;
pub mod onward;
pub mod sample;
pub mod sub_requests;
pub mod subrequest;
pub mod virtual_server;

use std::ops::Deref;
use std::sync::OnceLock;

use crate::declarations::Declarations;
use crate::routing::find_location::Locations;
use crate::routing::sub_requests::SubRequests;
use crate::routing::virtual_server::Sockets;

/// Where requests come to, each table computed when it is first asked for.
#[derive(Debug)]
pub struct Routing<'c> {
    declarations: Declarations<'c>,
    sub_requests: OnceLock<SubRequests>,
    sockets: OnceLock<Sockets>,
    locations: OnceLock<Locations>,
}

impl<'c> Deref for Routing<'c> {
    type Target = Declarations<'c>;

    fn deref(&self) -> &Declarations<'c> {
        &self.declarations
    }
}

impl<'c> Routing<'c> {
    /// Prepares to find servers and locations.
    pub(crate) fn new(declarations: Declarations<'c>) -> Self {
        Self {
            declarations,
            sub_requests: OnceLock::new(),
            sockets: OnceLock::new(),
            locations: OnceLock::new(),
        }
    }

    /// Where the sub-requests of `auth_request` and `mirror` lead to.
    pub fn sub_requests(&self) -> &SubRequests {
        self.sub_requests.get_or_init(|| SubRequests::new(self))
    }

    /// The sockets of all servers.
    pub fn sockets(&self) -> &Sockets {
        self.sockets.get_or_init(|| Sockets::new(self))
    }

    /// Which location a URI belongs to.
    pub fn locations(&self) -> &Locations {
        self.locations.get_or_init(|| Locations::new(self.configuration))
    }
}
