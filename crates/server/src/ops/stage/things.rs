//! What a stage is furnished with, and what a reconciler would do there.

use std::time::Duration;

use linkspan_engine::command::{Fence, PeerOutcome, PeerReport, Request, SystemCommand};
use linkspan_engine::{DesiredPeer, Origin, PlaneScope};
use linkspan_model::Peer;

use super::Stage;

/// What there is to call operations about.
impl Stage {
    /// `pool_1` with the queue `q_pooled`, the dedicated queue `q1`, the shared queue `q_shared`; once.
    pub(crate) async fn sources(&self) {
        let pool = r#"{"elastic_resource_pool_name":"pool_1","max_cu":64,"min_cu":64}"#;
        if self.call("CreateElasticResourcePool", pool).await.status != 200 {
            return;
        }
        for members in [
            r#""queue_name":"q_pooled","elastic_resource_pool_name":"pool_1""#,
            r#""queue_name":"q1","resource_mode":1"#,
            r#""queue_name":"q_shared","resource_mode":0"#,
        ] {
            self.ok("CreateQueue", &format!(r#"{{"cu_count":16,{members}}}"#)).await;
        }
    }

    /// A node that acts for networks of its host, though it is not there.
    pub(crate) async fn with_host(&self, name: &str) {
        let fence = Fence { scope: PlaneScope::Host(name.parse().unwrap()), generation: 1 };
        let took_over = Request::System(SystemCommand::TakeOver(fence, format!("{name}:8780").into()));
        self.app.engine.submit(took_over, Origin::default()).await.unwrap();
    }

    /// The VPCs `vpc-1` with the subnet `net-1` and `vpc-2` without any, in the directory of networks.
    pub(crate) async fn networks(&self) {
        self.ok("CreateVpc", r#"{"id":"vpc-1","cidr":"192.168.0.0/16"}"#).await;
        self.ok("CreateVpc", r#"{"id":"vpc-2"}"#).await;
        let subnet = r#"{"id":"net-1","vpc_id":"vpc-1","name":"data","cidr":"192.168.1.0/24","ipv6":true}"#;
        self.ok("CreateSubnet", subnet).await;
    }

    /// A connection with nothing in it; its id.
    pub(crate) async fn connection(&self, name: &str) -> String {
        self.created(&format!(r#"{{"name":"{name}","dest_vpc_id":"v","dest_network_id":"n"}}"#)).await
    }

    /// A connection with a queue, a pool, hosts and tags; its id.
    pub(crate) async fn full_connection(&self, name: &str) -> String {
        self.sources().await;
        let body = format!(
            r#"{{"name":"{name}","dest_vpc_id":"22094d8f-c310-4621-913d-4c4d655d8495",
            "dest_network_id":"78f2562a-36e4-4b39-95b9-f5aab22e1281","queues":["q1"],
            "elastic_resource_pools":["pool_1"],"routetable_id":"ad3be945-5920-4b43-a4b2-4a6d7c5a4d8d",
            "hosts":[{{"name":"ecs-97f8-0001","ip":"192.168.0.1"}},{{"name":"ecs-97f8-0002","ip":"192.168.0.2"}}],
            "tags":[{{"key":"env","value":"test"}}]}}"#
        );
        self.created(&body).await
    }

    async fn created(&self, body: &str) -> String {
        let answer = self.ok("CreateEnhancedConnection", body).await;
        answer.json()["connection_id"].as_str().unwrap().to_owned()
    }

    /// Grants a connection to a project.
    pub(crate) async fn grant(&self, id: &str, project: &str) {
        self.authorize("grant", id, project).await;
    }

    /// Takes a grant back.
    pub(crate) async fn revoke(&self, id: &str, project: &str) {
        self.authorize("revoke", id, project).await;
    }

    async fn authorize(&self, action: &str, id: &str, project: &str) {
        let object = format!(r#"{{"object":"edsconnections.{id}","privileges":["BIND_QUEUE"]}}"#);
        let body = format!(r#"{{"projectId":"{project}","action":"{action}","privileges":[{object}]}}"#);
        self.ok("RunAuthorizationAction", &body).await;
    }

    pub(crate) async fn id_of(&self, name: &str) -> String {
        let list = self.get("ListEnhancedConnections", &format!("name={name}")).await.json();
        list["connections"][0]["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn show(&self, id: &str) -> serde_json::Value {
        self.on(id).ok("ShowEnhancedConnection", "").await.json()
    }
}

/// What a reconciler does.
impl Stage {
    fn peers(&self) -> Vec<Peer> {
        let mut peers = Vec::new();
        self.app.engine.view().for_each_desired_peer(&mut |DesiredPeer { peer, .. }| peers.push(peer));
        peers
    }

    /// Reports an outcome for every peer.
    pub(crate) async fn report_peers(&self, outcome: impl Fn(&Peer) -> PeerOutcome) {
        let report = |peer: &Peer| PeerReport { peer: peer.id, generation: peer.generation, outcome: outcome(peer) };
        let reports = self.peers().iter().map(report).collect();
        let request = Request::System(SystemCommand::Report(reports));
        self.app.engine.submit(request, Origin::default()).await.unwrap();
    }

    /// Reports every peer as active.
    pub(crate) async fn settle_peers(&self) {
        self.report_peers(|_| PeerOutcome::Active).await;
    }

    /// Whether exactly this many peers are in a state, named as the model names it.
    pub(crate) fn peers_are(&self, state: &str, count: usize) -> bool {
        self.peers().iter().filter(|peer| format!("{:?}", peer.state).starts_with(state)).count() == count
    }

    /// Lets everything that can go on go on: what was decided before is answered, and whoever waits for it has run.
    pub(crate) async fn go_on(&self) {
        self.call("CreateQueue", r#"{"queue_name":"default","cu_count":16}"#).await;
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    }

    /// Waits for a predicate of the view to come true.
    pub(crate) async fn until(&self, what: &str, predicate: impl Fn(&Self) -> bool) {
        let mut revisions = self.app.engine.revisions();
        let waited = tokio::time::timeout(Duration::from_secs(20), revisions.wait_for(|_| predicate(self))).await;
        assert!(waited.is_ok(), "it never came true that {what}");
    }
}
