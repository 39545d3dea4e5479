//! What every call must be answered with and change, said a second time and as plainly as possible: loops over
//! vectors, no index, no cache. Written from the decisions about the contract and not from the engine, or it would be
//! worth nothing. Routes and grants are in `sharing`,
//! networks in `directory`. Answers and refusals are texts; [`simulator`](crate::simulator) writes the engine's in the same words.

use crate::commands::{Call, Finding, Found, Name, NewOp, Op, POOL, QUEUE, RIGHTS, SourceOp};
use crate::world::{Conn, DEFAULT, Peer, Source, Stage, World, full, net, network};

/// The rules that a call breaks. Which of several is answered is not fixed.
pub type Faults = Vec<String>;
pub(crate) type Answer = Result<String, Faults>;

/// The answer, unless rules are broken.
pub(crate) fn unless<const N: usize>(answer: &str, rules: [(bool, &str); N], more: Faults) -> Answer {
    let broken = rules.iter().filter(|rule| rule.0).map(|rule| rule.1.to_owned());
    let faults: Faults = broken.chain(more).collect();
    if faults.is_empty() { Ok(answer.into()) } else { Err(faults) }
}

impl World {
    /// Whether a caller may look at a project.
    pub fn may_see(&self, caller: usize, project: usize) -> bool {
        let on = |it| !self.off.contains(&it);
        let credentials = on(("user", caller)) && on(("key", caller));
        credentials && on(("project", project)) && RIGHTS[caller].contains(&project)
    }

    /// Carries out a call.
    pub fn call(&mut self, call: &Call) -> Answer {
        let p = call.project;
        match &call.op {
            Op::Report(findings) => self.report(findings),
            Op::Housekeeping => self.keep_house(),
            Op::Move(by) => self.now += by,
            Op::Enable(..) if call.caller != 0 => return Err(vec!["Forbidden".into()]),
            Op::Enable("user", 0, false) => return Err(vec!["NotSupported".into()]),
            Op::Enable(kind, which, on) => {
                self.off.retain(|it| *it != (*kind, *which));
                self.off.extend((!on).then_some((*kind, *which)));
            }
            _ if !self.may_see(call.caller, p) || call.caller == 2 => return Err(vec!["Forbidden".into()]),
            Op::Create(new) => return self.create(p, new),
            Op::Delete(at) => return self.delete(p, *at),
            Op::SetHosts(at, hosts) => {
                let at = self.existing(p, *at)?;
                let (owner, old) = (self.conns[at].project, self.conns[at].new.hosts);
                unless("", [(old != *hosts && !self.fits(owner, old, *hosts), "Exceeds")], vec![])?;
                self.conns[at].new.hosts = *hosts;
            }
            Op::Retag(at, tags, set) => return self.retag(p, *at, (*tags, *set)),
            Op::Bind(at, names) => return self.bind(p, *at, names),
            Op::Unbind(at, names) => return self.unbind(p, *at, names),
            Op::Route(at, name, to) => return self.route(p, *at, (*name, *to)),
            Op::Grant(at, to, on) => return self.grant(p, *at, (*to, *on)),
            Op::CreateSource(new) => return self.create_source(p, new),
            Op::DeleteSource(name) => return self.delete_source(p, *name),
            Op::Register(id, vpc, cidr) => return self.register(network(p, id, (*vpc, *cidr))),
            Op::Table(id, vpc) => return self.register_table(p, id, vpc),
            Op::Use(table, subnet, on) => return self.use_table(p, (table, subnet), *on),
            Op::Unregister(id) => return self.unregister(p, id),
        }
        Ok("Done".into())
    }

    /// What names stand for, each once, and what is wrong with them: a queue in a pool stands for the pool.
    fn resolve(&self, p: usize, names: &[Name]) -> (Vec<String>, Faults) {
        let (mut found, mut missing, mut faults) = (Vec::new(), Vec::new(), Faults::new());
        for name in names {
            match self.source(p, &full(*name)) {
                None if full(*name) != DEFAULT => missing.push(format!("Unknown {} {}", name.0, name.1)),
                Some(it) if it.pool.is_some() || it.mode != 0 => found.push(it.pool.clone().unwrap_or(it.name.clone())),
                _ => faults.push("NotSupported".into()),
            }
        }
        faults.extend(missing.into_iter().take(1));
        let once = (0..found.len()).filter(|at| !found[..*at].contains(&found[*at]));
        (once.map(|at| found[at].clone()).collect(), faults)
    }

    fn create(&mut self, p: usize, new: &NewOp) -> Answer {
        let taken = self.conns.iter().any(|it| it.project == p && it.deleted.is_none() && it.new.name == new.name);
        let subnet = self.network(p, new.net);
        let table = new.table.map(|id| self.table(p, id));
        let strange =
            subnet.is_some_and(|it| it.vpc != Some(new.vpc)) || table.flatten().is_some_and(|it| it.vpc != new.vpc);
        let unknown = self.network(p, new.vpc).is_none() || subnet.is_none() || table == Some(None);
        let (sources, more) = self.resolve(p, &new.sources);
        let much = sources.len() > self.limits.peers || !self.fits(p, 0, new.hosts);
        let strict = self.limits.strict && unknown;
        let rules = [(taken, "Exists"), (strange, "Invalid"), (strict, "Unknown"), (much, "Exceeds")];
        unless("", rules, more)?;
        self.conns.push(Conn::new(p, new));
        sources.into_iter().for_each(|source| self.join((p, self.conns.len() - 1), source));
        Ok("Created".into())
    }

    fn join(&mut self, (project, conn): (usize, usize), source: String) {
        let stage = Stage::Creating(self.now + self.limits.deadline_ms);
        self.peers.push(Peer { id: None, conn, project, source, generation: 1, stage, changed: self.now });
    }

    pub(crate) fn turn(&mut self, peer: usize, stage: Stage, generations: u32) {
        let peer = &mut self.peers[peer];
        (peer.stage, peer.changed, peer.generation) = (stage, self.now, peer.generation + generations);
    }

    fn bind(&mut self, p: usize, at: usize, names: &[Name]) -> Answer {
        let at = self.existing(p, at)?;
        let (sources, more) = self.resolve(p, names);
        let is = |peer: &Peer, source: &String| (peer.conn, peer.project, &peer.source) == (at, p, source);
        let of = |this: &Self, source: &String| this.shown(|peer, _| is(peer, source)).pop();
        let new = sources.iter().filter(|source| of(self, source).is_none()).count();
        let many = self.shown(|peer, _| peer.conn == at).len() + new > self.limits.peers;
        let answer = unless("Done", [(names.is_empty(), "Invalid"), (many, "Exceeds")], more)?;
        for source in sources {
            match of(self, &source) {
                None => self.join((p, at), source),
                Some(it) if matches!(self.peers[it].stage, Stage::Failed(_) | Stage::Cancelled(_)) => {
                    self.turn(it, Stage::Creating(self.now + self.limits.deadline_ms), 1);
                }
                Some(_) => {}
            }
        }
        Ok(answer)
    }

    fn unbind(&mut self, p: usize, at: usize, names: &[Name]) -> Answer {
        let at = self.existing(p, at)?;
        unless("", [(names.is_empty(), "Invalid")], vec![])?;
        let mut gone = Vec::new();
        for name in names {
            let known = self.source(p, &full(*name));
            let stands_for = [Some(full(*name)), known.and_then(|it| it.pool.clone())];
            let own = |peer: &Peer| peer.conn == at && peer.project == p;
            let found = self.shown(|peer, _| own(peer) && stands_for.contains(&Some(peer.source.clone())));
            if found.is_empty() && known.is_none() && full(*name) != DEFAULT {
                return Err(vec![format!("Unknown {} {}", name.0, name.1)]);
            }
            gone.extend(found.into_iter().filter(|it| !gone.contains(it)).collect::<Vec<_>>());
        }
        let answer = format!("Unbound {}", gone.len());
        gone.into_iter().for_each(|it| self.turn(it, Stage::Removing, 1));
        Ok(answer)
    }

    fn delete(&mut self, p: usize, at: usize) -> Answer {
        let at = self.existing(p, at)?;
        unless("", [(self.conns[at].project != p, "Forbidden")], vec![])?;
        let unsettled = |peer: &Peer| matches!(peer.stage, Stage::Creating(_) | Stage::Cancelled(_));
        let calls_off = !self.shown(|peer, _| peer.conn == at && unsettled(peer)).is_empty();
        let until = self.now + self.limits.deadline_ms;
        for it in self.shown(|peer, _| peer.conn == at) {
            match self.peers[it].stage {
                Stage::Creating(_) => self.turn(it, Stage::Cancelled(until), 1),
                _ if !calls_off => self.turn(it, Stage::Removing, 1),
                _ => {}
            }
        }
        self.conns[at].deleted = (!calls_off).then_some(self.now);
        Ok(if calls_off { "Cancelling" } else { "Done" }.into())
    }

    fn create_source(&mut self, p: usize, new: &SourceOp) -> Answer {
        let (name, queue) = (full(new.name), new.name.0 == QUEUE);
        let taken = name == DEFAULT || self.source(p, &name).is_some();
        let home = new.pool.filter(|_| queue).map(|name| (name, self.source(p, &full((POOL, name)))));
        let missing = home.filter(|it| it.1.is_none()).map(|it| format!("Unknown {POOL} {}", it.0));
        let answer = unless("Done", [(taken, "Exists")], missing.into_iter().collect())?;
        let own = new.cidr.filter(|_| !queue).map(|cidr| (net(cidr), net(cidr)));
        let home = home.and_then(|it| it.1);
        let networks = home.map(|it| (it.shown, it.net)).or(own);
        let (shown, net) = networks.unwrap_or_else(|| (net("172.16.0.0/12"), self.free(p, queue)));
        let mode = if queue { new.mode.unwrap_or(u8::from(home.is_some())) } else { 9 };
        let pool = home.map(|it| it.name.clone());
        self.sources.push(Source { project: p, name, shown, net, pool, mode });
        Ok(answer)
    }

    fn delete_source(&mut self, p: usize, name: Name) -> Answer {
        let known = self.source(p, &full(name)).is_some();
        let missing = (!known && full(name) != DEFAULT).then(|| format!("Unknown {} {}", name.0, name.1));
        let holds = self.sources.iter().any(|it| it.project == p && it.pool == Some(full(name)));
        unless("", [(full(name) == DEFAULT || holds, "NotSupported")], missing.into_iter().collect())?;
        let bound = self.shown(|peer, _| peer.project == p && peer.source == full(name));
        bound.into_iter().for_each(|it| self.turn(it, Stage::Removing, 1));
        self.sources.retain(|it| it.project != p || it.name != full(name));
        Ok("Done".into())
    }

    fn keep_house(&mut self) {
        for it in 0..self.peers.len() {
            match self.peers[it].stage {
                Stage::Creating(until) | Stage::Cancelled(until) if until > self.now => {}
                Stage::Creating(_) | Stage::Cancelled(_) => self.turn(it, Stage::Failed("it took too long"), 0),
                _ => {}
            }
        }
        for p in 0..3 {
            let kept = self.conns.iter().enumerate().filter(|(_, conn)| conn.project == p && !conn.purged);
            let mut deleted: Vec<_> = kept.filter_map(|(at, conn)| conn.deleted.map(|when| (when, at))).collect();
            deleted.sort_unstable();
            let surplus = deleted.len().saturating_sub(self.limits.keep);
            for (n, (when, at)) in deleted.into_iter().enumerate() {
                self.conns[at].purged = n < surplus || when + self.limits.keep_ms <= self.now;
            }
        }
    }

    fn report(&mut self, findings: &[Finding]) {
        let (count, mut gone) = (self.peers.len(), Vec::new());
        let fresh = findings.iter().filter(|it| it.behind == 0).map(|it| (it.peer % (count + 1), it.found));
        for (at, found) in fresh.filter(|it| it.0 < count) {
            match (self.peers[at].stage, found) {
                (Stage::Removing, Found::Removed) => gone.push(at),
                (Stage::Cancelled(_), Found::Removed) => self.turn(at, Stage::Failed("it was called off"), 0),
                (Stage::Removing, _) | (Stage::Cancelled(_), Found::Active) | (_, Found::Removed) => {}
                (old, Found::Active) if old != Stage::Active => self.turn(at, Stage::Active, 0),
                (old, Found::Failed(why)) if old != Stage::Failed(why) => self.turn(at, Stage::Failed(why), 0),
                _ => {}
            }
        }
        (0..count).rev().filter(|at| gone.contains(at)).for_each(|at| drop(self.peers.remove(at)));
    }
}
