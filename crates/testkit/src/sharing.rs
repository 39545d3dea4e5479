//! Routes and grants in the oracle's world, by the same plain means.

use crate::commands::TAGS;
use crate::oracle::{Answer, unless};
use crate::world::{Stage, World};

impl World {
    /// Adds a route with a destination, or deletes one.
    pub(crate) fn route(&mut self, p: usize, at: usize, (name, to): (&'static str, Option<&'static str>)) -> Answer {
        let at = self.existing(p, at)?;
        let routes = self.conns[at].routes.clone();
        let known = routes.iter().find(|it| it.0 == name);
        let rules = [
            (to.is_none() && known.is_none(), "Unknown"),
            (to.is_some_and(|to| to.contains(':')), "NotSupported"),
            (known.is_some_and(|known| to.is_some_and(|to| to != known.1)), "Exists"),
            (to.is_some() && known.is_none() && routes.len() == self.limits.routes, "Exceeds"),
        ];
        let answer = unless("Done", rules, vec![])?;
        self.conns[at].routes.retain(|it| it.0 != name || to.is_some());
        self.conns[at].routes.extend(to.filter(|_| known.is_none()).map(|to| (name, to)));
        if self.conns[at].routes != routes {
            let wanted = self.shown(|peer, _| peer.conn == at && !matches!(peer.stage, Stage::Cancelled(_)));
            wanted.into_iter().for_each(|it| self.peers[it].generation += 1);
        }
        Ok(answer)
    }

    /// Grants a connection to a project, or takes it back with the project's peers.
    pub(crate) fn grant(&mut self, p: usize, at: usize, (to, on): (usize, bool)) -> Answer {
        let known = self.existing(p, at);
        let rules = [(to == p, "Invalid"), (known.as_ref().is_ok_and(|at| self.conns[*at].project != p), "Forbidden")];
        unless("", rules, known.clone().err().unwrap_or_default())?;
        let at = known?;
        let grantees = &mut self.conns[at].grantees;
        let many = on && !grantees.contains(&to) && grantees.len() == self.limits.grantees;
        unless("", [(many, "Exceeds")], vec![])?;
        grantees.retain(|it| *it != to);
        grantees.extend(on.then_some(to));
        let lost = self.shown(|peer, _| peer.conn == at && peer.project == to && !on);
        let answer = format!("Unbound {}", lost.len());
        lost.into_iter().for_each(|it| self.turn(it, Stage::Removing, 1));
        Ok(answer)
    }

    /// Sets tags of a connection, or takes away those with the same keys: its owner only.
    pub(crate) fn retag(&mut self, p: usize, at: usize, (tags, set): (usize, bool)) -> Answer {
        let at = self.existing(p, at)?;
        let answer = unless("Done", [(self.conns[at].project != p, "Forbidden")], vec![])?;
        self.conns[at].retag(TAGS[tags], set);
        Ok(answer)
    }
}
