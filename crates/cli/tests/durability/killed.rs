//! SIGKILL at random moments of a storm of creates, binds, unbinds and deletes.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use linkspan_client::{ClientError, ProjectClient};
use linkspan_model::Hosts;
use linkspan_wire::{BindRequest, CreateConnection, CreateQueue, ListConnectionsQuery};

use crate::ledger::{HOSTS, Known, Ledger};
use crate::serving::Serving;

const ROUNDS: u64 = 50;
const CLIENTS: u64 = 6;

/// A small deterministic generator, so that a printed seed repeats the moments.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(0x5851_F42D_4C95_7F2D).wrapping_add(0x1405_7B7E_F767_814F);
        (self.0 >> 33) % sides
    }
}

fn new_connection(name: &str) -> CreateConnection {
    CreateConnection {
        name: name.parse().unwrap(),
        dest_vpc_id: "vpc".parse().unwrap(),
        dest_network_id: "subnet".parse().unwrap(),
        routetable_id: None,
        queues: vec!["etl".into()],
        elastic_resource_pools: vec![],
        hosts: Hosts::parse(&HOSTS).unwrap(),
        tags: linkspan_model::Tags::default(),
    }
}

/// One client's part of the storm, until the server is gone.
async fn storm(project: ProjectClient, ledger: Arc<Mutex<Ledger>>, prefix: String) -> ClientError {
    let etl = BindRequest { queues: vec!["etl".into()], elastic_resource_pools: vec![] };
    for n in 0.. {
        let name = format!("{prefix}_{n}");
        let sent = |known| ledger.lock().unwrap().sent(&name, known);
        let answered = || ledger.lock().unwrap().answered(&name);
        sent(Known { deleted: false, bound: true });
        let id = match project.create_connection(&new_connection(&name)).await {
            Ok(id) => id,
            Err(error) => return error,
        };
        answered();
        sent(Known { deleted: false, bound: false });
        if let Err(error) = project.unbind(&id, &etl).await {
            return error;
        }
        answered();
        if n % 3 == 0 {
            sent(Known { deleted: false, bound: true });
            if let Err(error) = project.bind(&id, &etl).await {
                return error;
            }
            answered();
            continue;
        }
        sent(Known { deleted: true, bound: false });
        if let Err(error) = project.delete_connection(&id).await {
            return error;
        }
        answered();
    }
    unreachable!("the storm ends with the server")
}

/// A storm that ends by SIGKILL after so many answers; answers how many there were.
async fn round(serving: Serving, ledger: &Arc<Mutex<Ledger>>, (round, answers): (u64, u64)) {
    let before = ledger.lock().unwrap().answers();
    let enough = before + usize::try_from(answers).unwrap();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let prefix = format!("r{round}_c{client}");
            tokio::spawn(storm(serving.project.clone(), Arc::clone(ledger), prefix))
        })
        .collect();
    let wait = async {
        while ledger.lock().unwrap().answers() < enough {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), wait).await.unwrap();
    serving.kill();
    for client in clients {
        // Every client ends because its connection broke, never because of an answer that was not asked for.
        let error = client.await.unwrap();
        assert!(matches!(error, ClientError::Transport { .. }), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_any_kill_and_nothing_is_half_there() {
    let seed = RandomState::new().build_hasher().finish();
    println!("seed {seed}");
    let mut dice = Dice(seed);
    let directory = tempfile::tempdir().unwrap();
    let ledger = Arc::new(Mutex::new(Ledger::default()));
    let serving = Serving::start(directory.path(), &[]);
    let queue = br#"{"queue_name":"etl","cu_count":16,"resource_mode":1}"#;
    serving.project.create_queue(&CreateQueue::from_body(queue).unwrap()).await.unwrap();
    serving.kill();
    let mut starts = Vec::new();
    for n in 0..ROUNDS {
        let serving = Serving::start(directory.path(), &[]);
        starts.push(serving.ready_in);
        let there = serving.project.all_connections(&ListConnectionsQuery::default()).await.unwrap();
        ledger.lock().unwrap().check(&there.items);
        round(serving, &ledger, (n, 1 + dice.roll(60))).await;
    }
    starts.sort();
    let median = starts[starts.len() / 2];
    println!("{} answers, ready again within {median:?} (median)", ledger.lock().unwrap().answers());
    assert!(median < Duration::from_secs(1), "ready again only after {median:?}");
}
