use super::super::{Node, Schema, any_of, integer, list, may, must, object, one_of, text, uuid};

/// Rules by which the simulated plane fails.
#[must_use]
pub fn faults() -> Schema {
    let source = || object([must("project_id", text()), must("name", text())]);
    let matches = any_of([
        one_of(&["any"]),
        object([must("peer", uuid())]).closed(),
        object([must("queue", source())]).closed(),
        object([must("pool", source())]).closed(),
        object([must("destination", text())]).closed(),
    ]);
    let fail = object([
        must("on", one_of(&["ensure", "remove", "both"])),
        may("times", integer().about("Absent = always.")),
        must("error", one_of(&["retry", "conflict", "invalid", "unsupported", "denied", "unavailable"])),
        must("why", text()),
    ]);
    let drift = object([
        must("after_ms", integer()),
        must("drift", one_of(&["peer_gone", "route_gone", "permit_gone", "link_down"])),
    ]);
    let effect = any_of([
        one_of(&["stuck_creating"]),
        object([must("latency_ms", integer())]).closed(),
        object([must("fail", fail)]).closed(),
        object([must("drift_after", drift)]).closed(),
        object([must("unreachable", text())]).closed(),
    ]);
    let rule = object([must("matches", matches), must("effect", effect)]).closed();
    let example =
        Node::object([("matches", Node::from("any")), ("effect", Node::object([("latency_ms", Node::from(500))]))]);
    object([must("rules", list(rule.named("FaultRule").example(example)))]).named("FaultRules")
}
