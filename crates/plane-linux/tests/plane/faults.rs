//! The faults that are put into real networks, and what a diagnosis must make of each; `docs/diagnosis.md` shows them.

use linkspan_plane::{Certainty, Verdict};

/// One fault.
pub(crate) struct Case {
    /// What it is, in English and in Chinese.
    pub(crate) name: (&'static str, &'static str),
    /// `place: command`, as for damage; or a word that the test knows.
    pub(crate) fault: &'static str,
    /// What is tried; on port 9092 unless it names another.
    pub(crate) target: &'static str,
    pub(crate) verdict: Verdict,
    pub(crate) certainty: Certainty,
    /// What the report must have seen: `stage what: value`; empty = nothing in particular.
    pub(crate) seen: &'static str,
}

/// What is done, what is tried, and what must be seen.
type Told = (&'static str, &'static str, &'static str);

const fn case(name: (&'static str, &'static str), (fault, target, seen): Told, verdict: Verdict) -> Case {
    Case { name, fault, target, verdict, certainty: Certainty::Proved, seen }
}

const fn inferred(case: Case) -> Case {
    Case { certainty: Certainty::Inferred, ..case }
}

pub(crate) const HOST: &str = "192.168.10.2";

use Verdict::{
    BlockedByPolicy, ConnectionRefused, DestinationHostDown, DnsFailure, ForeignRuleAtRouter,
    NoReturnRouteAtDestination, NoReturnRouteAtRouter, NoRouteAtRouter, NoRouteInQueue, PeerLinkDown, Reachable,
    SilentlyDroppedByDestination,
};

pub(crate) const CASES: &[Case] = &[
    case(("nothing is wrong", "一切正常"), ("", HOST, "destination connect: open"), Reachable),
    case(
        ("nothing is wrong, by host record", "一切正常，经主机记录"),
        ("", "kafka", "destination connect: open"),
        Reachable,
    ),
    case(
        (
            "the host takes small packets only, which a connection alone does not show",
            "主机只收小报文，仅建立连接看不出来",
        ),
        ("subnet: ip link set LINK mtu 600", HOST, "destination connect: open"),
        Reachable,
    ),
    case(("a name without record", "名字没有主机记录"), ("", "redis", ""), DnsFailure),
    case(
        ("nothing listens", "无人监听"),
        ("listener: close", HOST, "destination connect: ECONNREFUSED"),
        ConnectionRefused,
    ),
    case(
        ("it listens on another port", "监听的是另一端口"),
        ("", "192.168.10.2:9093", "destination connect: ECONNREFUSED"),
        ConnectionRefused,
    ),
    case(
        ("it listens on its loopback only", "只在回环地址上监听"),
        ("listener: loopback", HOST, "destination connect: ECONNREFUSED"),
        ConnectionRefused,
    ),
    case(
        ("its firewall resets", "主机防火墙以 RST 拒绝"),
        ("subnet: FIREWALL reject with tcp reset", HOST, "destination connect: ECONNREFUSED"),
        ConnectionRefused,
    ),
    case(
        ("its firewall says that the port is closed", "主机防火墙以端口不可达拒绝"),
        ("subnet: FIREWALL reject", HOST, "destination connect: ECONNREFUSED"),
        ConnectionRefused,
    ),
    case(("no connection leads there", "没有连接通往该处"), ("", "192.168.99.2", "queue route: none"), NoRouteInQueue),
    case(("IPv6, which no queue has", "IPv6，队列均不支持"), ("", "2001:db8::1", ""), NoRouteInQueue),
    case(("the peer was unbound", "对等连接已解绑"), ("unbind", HOST, "queue route: none"), NoRouteInQueue),
    case(
        ("a route that drops", "队列中的黑洞路由"),
        ("queue: ip route add blackhole 192.168.10.2/32", HOST, "queue route: none"),
        NoRouteInQueue,
    ),
    case(
        ("a route that refuses", "队列中的拒绝路由"),
        ("queue: ip route add prohibit 192.168.10.2/32", HOST, "queue route: none"),
        NoRouteInQueue,
    ),
    case(
        ("the peer's routes are gone", "对等连接的路由丢失"),
        ("queue: ip route flush proto 201", HOST, "queue route: none"),
        NoRouteInQueue,
    ),
    case(("the link is gone", "链路丢失"), ("queue: ip link delete LINK", HOST, "queue route: none"), NoRouteInQueue),
    case(
        ("the queue's end is down", "队列一端断开"),
        ("queue: ip link set LINK down", HOST, "queue route: none"),
        NoRouteInQueue,
    ),
    case(
        ("the router's end is down", "路由器一端断开"),
        ("router: ip link set LINK down", HOST, "peering carrier: down"),
        PeerLinkDown,
    ),
    case(
        ("the permit was revoked", "许可已撤销"),
        ("router: nft flush set inet linkspan permit", HOST, "peering icmp: 3/13"),
        BlockedByPolicy,
    ),
    inferred(case(
        ("somebody else's rules drop it at the router", "路由器上他人的规则将其丢弃"),
        ("router: FOREIGN policy drop", HOST, "router foreign rules: inet theirs"),
        ForeignRuleAtRouter,
    )),
    inferred(case(
        ("somebody else's rules refuse it at the router", "路由器上他人的规则将其拒绝"),
        ("router: FOREIGN reject with icmpx admin-prohibited", HOST, "router foreign rules: inet theirs"),
        ForeignRuleAtRouter,
    )),
    case(
        ("the permit was revoked, and somebody else has rules there too", "许可已撤销，且路由器上另有他人的规则"),
        ("router: FOREIGN-IDLE flush set inet linkspan permit", HOST, "peering icmp: 3/13"),
        BlockedByPolicy,
    ),
    case(
        ("the router lacks the destination", "路由器没有目的路由"),
        ("", "172.20.1.1", "router route: none"),
        NoRouteAtRouter,
    ),
    case(
        ("the subnet is unplugged", "子网链路被拔除"),
        ("subnet: ip link delete LINK", HOST, "router route: none"),
        NoRouteAtRouter,
    ),
    case(
        ("the router has a route that drops", "路由器上的黑洞路由"),
        ("router: ip route add blackhole 192.168.10.2/32", HOST, "router route: none"),
        NoRouteAtRouter,
    ),
    case(
        ("the router has a route that is unreachable", "路由器上的不可达路由"),
        ("router: ip route add unreachable 192.168.10.2/32", HOST, "router route: none"),
        NoRouteAtRouter,
    ),
    case(
        ("the router has a route that refuses", "路由器上的拒绝路由"),
        ("router: ip route add prohibit 192.168.10.2/32", HOST, "router route: none"),
        NoRouteAtRouter,
    ),
    case(
        ("the router does not forward", "路由器未开启转发"),
        ("router: sysctl -q net.ipv4.ip_forward=0", HOST, "router forwards: no"),
        NoRouteAtRouter,
    ),
    case(("no such host", "主机不存在"), ("", "192.168.10.77", "router neighbour: silent"), DestinationHostDown),
    case(
        ("the host is switched off", "主机已关机"),
        ("subnet: ip address flush dev LINK", HOST, "router neighbour: silent"),
        DestinationHostDown,
    ),
    case(
        ("its firewall drops", "主机防火墙丢弃"),
        ("subnet: FIREWALL drop", HOST, "router neighbour: answered"),
        SilentlyDroppedByDestination,
    ),
    case(
        ("its firewall forbids", "主机防火墙明确禁止"),
        ("subnet: FIREWALL reject with icmpx admin-prohibited", HOST, "destination icmp: 3/13"),
        SilentlyDroppedByDestination,
    ),
    case(
        ("no route back at the host", "主机没有回程路由"),
        ("subnet: ip route delete default", HOST, "destination route back: none"),
        NoReturnRouteAtDestination,
    ),
    case(
        ("no route back at the router", "路由器没有回程路由"),
        ("router: ip route delete 10.10.0.0/24", HOST, "router route back: none"),
        NoReturnRouteAtRouter,
    ),
];
