//! Small valid values for tests of planes and of what drives them. Numbers become ids, so that a test can name them.
#![allow(
    clippy::expect_used,
    reason = "the texts are constants or the test's own, and a wrong one should stop the test"
)]

use std::fmt::Debug;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use linkspan_model::{Cidr, ConnectionId, Hosts, PeerId, ProjectId, QueueName, SourceName};

use crate::hosts::HostPart;
use crate::probe::ProbeSpec;
use crate::records::{DesiredPeer, Recorded, Wish};
use crate::spec::{DestNet, PeerMark, PeerSpec, SourceNet, SourceRef};

fn parse<T: FromStr<Err: Debug>>(text: &str) -> T {
    text.parse().expect("a sample value is well-formed")
}

/// The project of all samples.
#[must_use]
pub fn project() -> ProjectId {
    parse("48cc2c48765f481480c7db940d6409d1")
}

fn uuid_text(number: u128) -> String {
    let part = |shift: u32, mask: u128| number >> shift & mask;
    let (a, b, c) = (part(96, 0xffff_ffff), part(80, 0xffff), part(64, 0xffff));
    format!("{a:08x}-{b:04x}-{c:04x}-{:04x}-{:012x}", part(48, 0xffff), part(0, 0xffff_ffff_ffff))
}

/// The peer and connection of a number, generation 1.
#[must_use]
pub fn mark(number: u128) -> PeerMark {
    let peer = PeerId::from_wire(&uuid_text(number)).expect("a sample id is well-formed");
    let connection = ConnectionId::from_wire(&uuid_text(number ^ 1 << 127)).expect("a sample id is well-formed");
    PeerMark { peer, connection, generation: 1 }
}

/// A network of either family.
#[must_use]
pub fn cidr(text: &str) -> Cidr {
    parse(text)
}

/// A queue of the sample project.
#[must_use]
pub fn queue(name: &str) -> SourceRef {
    SourceRef { project: project(), name: SourceName::Queue(parse::<QueueName>(name)) }
}

/// A queue's network.
#[must_use]
pub fn source(name: &str, cidr: &str) -> Arc<SourceNet> {
    SourceNet::new(queue(name), parse(cidr))
}

/// A destination in the VPC `vpc`.
#[must_use]
pub fn destination(network: &str, cidr: Option<&str>) -> Arc<DestNet> {
    DestNet::new(project(), parse("vpc"), parse(network), cidr.map(parse))
}

/// The specification of a peer that leads the queue (10.0.0.0/24) to a subnet; the network is named by its CIDR.
#[must_use]
pub fn spec(number: u128, queue: &str, subnet: &str) -> PeerSpec {
    spec_from(number, source(queue, "10.0.0.0/24"), subnet)
}

/// The same from any network. Two that lead to one VPC must not overlap.
#[must_use]
pub fn spec_from(number: u128, source: Arc<SourceNet>, subnet: &str) -> PeerSpec {
    PeerSpec::new(mark(number), source, destination(subnet, Some(subnet)), Arc::default())
}

/// That peer as the records want it when it was just bound.
#[must_use]
pub fn desired(number: u128, queue: &str, subnet: &str) -> DesiredPeer {
    let spec = spec(number, queue, subnet);
    DesiredPeer {
        peer: spec.peer,
        connection: spec.connection,
        generation: spec.generation,
        source: spec.source.source.clone(),
        wish: Wish::Present,
        recorded: Recorded::Creating,
        spec: Ok(spec),
        hosts: 0,
    }
}

/// The host records of the connection of that number.
#[must_use]
pub fn host_part(number: u128, hosts: &[(&str, &str)]) -> HostPart {
    let PeerMark { peer, connection, .. } = mark(number);
    let digest = hosts.len() as u64 + 1;
    HostPart { peer, connection, digest, hosts: Hosts::parse(hosts).expect("sample hosts are well-formed") }
}

/// The question whether a queue reaches port 9092 of an address or name.
#[must_use]
pub fn probe(source: &str, target: &str) -> ProbeSpec {
    ProbeSpec { source: queue(source), target: target.into(), port: Some(9092), limit: Duration::from_secs(1) }
}
