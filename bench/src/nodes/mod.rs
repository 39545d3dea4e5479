//! Nodes on PostgreSQL beside the embedded store: what a strong read costs, what many clients can create, and how long a
//! node takes to learn what others did.

mod catch_up;
mod creates;
mod lists;
mod stage;

use crate::arguments::Bench;
use crate::outcome::Outcome;

type Part = fn(&Bench) -> Outcome<String>;

/// Every table of nodes.
pub fn run(bench: &Bench) -> Outcome<String> {
    let parts: [(&str, Part); 4] = [
        ("lists", lists::one_node),
        ("several", lists::several_nodes),
        ("creates", creates::run),
        ("catch-up", catch_up::run),
    ];
    let mut text = Vec::new();
    for (name, part) in parts {
        if bench.wants(name) {
            println!(" {name}");
            text.push(part(bench)?);
        }
    }
    Ok(text.join("\n"))
}
