//! Where projects lie, on planes that every host has for itself.
//!
//! A project without a node lies nowhere: nothing of it can be made, and whichever host looks at it says so.

use linkspan_model::{Connection, NodeName, Peer, ProjectId};

use super::State;
use crate::acting::PlaneScope;

impl State {
    /// The node on whose host a project lies.
    #[must_use]
    pub fn node_of(&self, project: &ProjectId) -> Option<&NodeName> {
        self.project_record(project)?.node.as_ref()
    }

    /// Whether whoever acts for a scope looks after what a project binds. More than one does where it lies nowhere.
    #[must_use]
    pub fn is_within(&self, scope: &PlaneScope, project: &ProjectId) -> bool {
        match scope {
            PlaneScope::Simulated => true,
            PlaneScope::Host(host) => self.node_of(project).is_none_or(|node| node == host),
        }
    }

    /// Whose networks a project's own are on: the whole plane's, or those of its node's host. None if it lies nowhere.
    #[must_use]
    pub fn scope_of(&self, project: &ProjectId) -> Option<PlaneScope> {
        self.node_of(project).map(|node| PlaneScope::Host(node.clone()))
    }

    /// Why a peer can't be made where each host has networks of its own; none if both its ends lie on one host.
    #[must_use]
    pub fn apart(&self, peer: &Peer, connection: &Connection) -> Option<Box<str>> {
        let nowhere = |project: &ProjectId| {
            format!(
                "Project {project} lies on no node, so nothing can be joined to its networks. An administrator can place \
                 it: linkspan project place {project} --node NODE."
            )
        };
        let (source, destination) = (self.node_of(&peer.project), self.node_of(&connection.project));
        let why = match (source, destination) {
            (Some(source), Some(destination)) if source == destination => return None,
            // Where the other's project lies, neither side need learn from the other.
            (Some(_), Some(_)) => format!(
                "{} lies on one node and subnet {} on another, and networks don't span hosts. Have an administrator place \
                 both projects on one node, or use a data source in a project that lies where {} does.",
                peer.source, connection.dest_network, peer.source
            ),
            (None, _) => nowhere(&peer.project),
            (_, None) => nowhere(&connection.project),
        };
        Some(why.into())
    }
}
