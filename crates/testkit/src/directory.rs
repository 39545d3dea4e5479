//! The directory of networks in the oracle's world, by the same plain means.

use crate::oracle::{Answer, unless};
use crate::world::{Net, Network, Table, World, overlap};

impl World {
    pub(crate) fn register(&mut self, new: Network) -> Answer {
        let vpc = new.vpc.and_then(|id| self.network(new.project, id));
        let inside = |outer: Net| new.net.is_none_or(|it| overlap(it, outer) && it.1 >= outer.1);
        let outside = !vpc.and_then(|it| it.net).is_none_or(inside);
        let mut beside =
            self.networks.iter().filter(|it| it.project == new.project && it.vpc.is_some() && it.vpc == new.vpc);
        let overlaps = beside.any(|it| overlap(it.net.unwrap(), new.net.unwrap()));
        let (lost, taken) = (new.vpc.is_some() && vpc.is_none(), self.network(new.project, new.id).is_some());
        let rules = [(lost, "UnknownVpc"), (taken, "Exists"), (outside, "Outside"), (overlaps, "Overlaps")];
        let answer = unless(&format!("Network {}", new.id), rules, vec![])?;
        self.networks.push(new);
        Ok(answer)
    }

    pub(crate) fn table(&self, p: usize, id: &str) -> Option<Table> {
        self.tables.iter().find(|it| (it.project, it.id) == (p, id)).copied()
    }

    pub(crate) fn register_table(&mut self, p: usize, id: &'static str, vpc: &'static str) -> Answer {
        let (lost, taken) = (self.network(p, vpc).is_none(), self.table(p, id).is_some());
        let answer = unless(&format!("Network {id}"), [(lost, "UnknownVpc"), (taken, "Exists")], vec![])?;
        self.tables.push(Table { project: p, id, vpc });
        Ok(answer)
    }

    /// Lets a subnet use a table, or the default one of its VPC again.
    pub(crate) fn use_table(&mut self, p: usize, (id, subnet): (&'static str, &str), on: bool) -> Answer {
        let (table, known) = (self.table(p, id), self.network(p, subnet));
        let strange = table.zip(known).is_some_and(|(table, it)| it.vpc != Some(table.vpc));
        let rules = [(table.is_none(), "UnknownRouteTable"), (known.is_none(), "UnknownSubnet"), (strange, "Invalid")];
        let answer = unless("Done", rules, vec![])?;
        let it = self.networks.iter_mut().find(|it| (it.project, it.id) == (p, subnet)).unwrap();
        if on || it.table == Some(id) {
            it.table = on.then_some(id);
        }
        Ok(answer)
    }

    pub(crate) fn unregister(&mut self, p: usize, id: &'static str) -> Answer {
        let of_project = |it: &&Network| it.project == p;
        let (known, used, unknown) = if id.starts_with('t') {
            let table = self.table(p, id);
            let led = self.shown(|_, conn| {
                conn.project == p && conn.new.table == Some(id) && table.is_some_and(|it| it.vpc == conn.new.vpc)
            });
            let used = self.networks.iter().filter(of_project).any(|it| it.table == Some(id));
            (table.is_some(), used || !led.is_empty(), "UnknownRouteTable")
        } else {
            let led = self.shown(|_, conn| conn.project == p && [conn.new.vpc, conn.new.net].contains(&id));
            let holds = self.networks.iter().filter(of_project).any(|it| it.vpc == Some(id))
                || self.tables.iter().any(|it| (it.project, it.vpc) == (p, id));
            let unknown = if id.starts_with('v') { "UnknownVpc" } else { "UnknownSubnet" };
            (self.network(p, id).is_some(), holds || !led.is_empty(), unknown)
        };
        let answer = unless("Done", [(!known, unknown), (known && used, "InUse")], vec![])?;
        self.networks.retain(|it| (it.project, it.id) != (p, id));
        self.tables.retain(|it| (it.project, it.id) != (p, id));
        Ok(answer)
    }

    /// Every route table of a project with the subnets that use it; each VPC has a default one beside its own.
    pub(crate) fn table_lines(&self, p: usize) -> Vec<String> {
        let own = self.tables.iter().filter(|it| it.project == p).map(|it| (it.id, it.vpc, Some(it.id)));
        let vpcs = self.networks.iter().filter(|it| it.project == p && it.vpc.is_none());
        let all = own.chain(vpcs.map(|it| ("default", it.id, None)));
        all.map(|(name, vpc, table)| {
            let uses = |it: &&Network| (it.project, it.vpc, it.table) == (p, Some(vpc), table);
            let mut users: Vec<_> = self.networks.iter().filter(uses).map(|it| it.id).collect();
            users.sort_unstable();
            format!("{name} of {vpc}: {}", users.join(" "))
        })
        .collect()
    }
}
