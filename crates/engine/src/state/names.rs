//! Names and ids that many records repeat, each kept once in memory.

use std::collections::HashSet;

use linkspan_model::{Connection, Peer, ProjectId, SourceName};

use super::State;

/// The texts that were met already.
#[derive(Default)]
pub(super) struct Names {
    projects: HashSet<ProjectId>,
    sources: HashSet<SourceName>,
}

impl State {
    /// Lets a record use the project id that is known.
    pub(super) fn share_project(&self, project: &mut ProjectId) {
        if let Some((known, _)) = self.held.get_key_value(project) {
            project.clone_from(known);
        }
    }

    /// Lets a peer use the texts that are known.
    pub(super) fn share_peer(&self, peer: &mut Peer) {
        self.share_project(&mut peer.project);
        let Some(held) = self.held(&peer.project) else { return };
        let known = match &peer.source {
            SourceName::Queue(name) => held.queues.get_key_value(name).map(|(name, _)| SourceName::Queue(name.clone())),
            SourceName::Pool(name) => held.pools.get_key_value(name).map(|(name, _)| SourceName::Pool(name.clone())),
        };
        if let Some(known) = known {
            peer.source = known;
        }
    }
}

impl Names {
    /// Lets a connection use the texts that are known.
    pub(super) fn share_connection(&mut self, connection: &mut Connection) {
        share(&mut self.projects, &mut connection.project);
        for grantee in &mut connection.grantees {
            share(&mut self.projects, grantee);
        }
    }

    /// Lets a peer use the texts that are known.
    pub(super) fn share_peer(&mut self, peer: &mut Peer) {
        share(&mut self.projects, &mut peer.project);
        share(&mut self.sources, &mut peer.source);
    }
}

fn share<T: Clone + Eq + std::hash::Hash>(known: &mut HashSet<T>, text: &mut T) {
    match known.get(text) {
        Some(same) => text.clone_from(same),
        None => drop(known.insert(text.clone())),
    }
}
