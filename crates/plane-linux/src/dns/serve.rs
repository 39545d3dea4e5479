use std::convert::Infallible;
use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hickory_proto::op::ResponseCode;
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::answer::{Question, Reply, reply};
use super::forward::{by_connection, by_datagram, read_message, write_message};
use super::records::Records;
use super::share::Share;
use crate::hosts::{Said, Zone};

/// The longest question that is read.
const MOST_BYTES: usize = 4096;
/// Connections of one network at a time.
const MOST_CONNECTIONS: usize = 16;
/// How long the upstream may take, and how long a connection may say nothing.
const LIMIT: Duration = Duration::from_secs(5);
/// What a socket that fails is left alone for.
const PAUSE: Duration = Duration::from_millis(100);

/// The names of one network.
#[derive(Clone)]
pub(super) struct Serving {
    records: Arc<Records>,
    upstream: Option<SocketAddr>,
    /// What may be forwarded.
    share: Arc<Share>,
}

/// How a question came in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Datagram,
    Connection,
}

impl Serving {
    pub(super) fn new(records: Records, upstream: Option<SocketAddr>, share: Share) -> Self {
        Self { records: Arc::new(records), upstream, share: Arc::new(share) }
    }

    /// Answers for ever.
    pub(super) async fn run(self, datagrams: UdpSocket, connections: TcpListener) {
        tokio::join!(self.answer_datagrams(Arc::new(datagrams)), self.answer_connections(connections));
    }

    async fn answer_datagrams(&self, socket: Arc<UdpSocket>) -> Infallible {
        let mut buffer = [0; MOST_BYTES];
        // Aborted with this future.
        let mut asked = JoinSet::new();
        loop {
            let (read, from) = match socket.recv_from(&mut buffer).await {
                Ok(came) => came,
                Err(error) => {
                    self.rest(&error).await;
                    continue;
                }
            };
            while asked.try_join_next().is_some() {}
            match self.reply(buffer.get(..read).unwrap_or_default()).await {
                // Whoever does not take its answer asks again.
                Reply::Say(answer) => drop(socket.try_send_to(&answer, from)),
                Reply::Ask(question) => {
                    let (serving, socket) = (self.clone(), Arc::clone(&socket));
                    asked.spawn(async move {
                        if let Some(answer) = serving.ask(&question, By::Datagram).await {
                            let _gone = socket.send_to(&answer, from).await;
                        }
                    });
                }
                Reply::Nothing => {}
            }
        }
    }

    async fn answer_connections(&self, listener: TcpListener) -> Infallible {
        let mut open = JoinSet::new();
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    while open.try_join_next().is_some() {}
                    if open.len() < MOST_CONNECTIONS {
                        open.spawn(self.clone().answer_connection(stream));
                    }
                }
                Err(error) => self.rest(&error).await,
            }
        }
    }

    async fn answer_connection(self, mut stream: TcpStream) {
        while let Ok(Ok(Some(message))) = timeout(LIMIT, read_message(&mut stream)).await {
            let answer = match self.reply(&message).await {
                Reply::Say(answer) => Some(answer),
                Reply::Ask(question) => self.ask(&question, By::Connection).await,
                Reply::Nothing => None,
            };
            let Some(answer) = answer else { return };
            if !matches!(timeout(LIMIT, write_message(&mut stream, &answer)).await, Ok(Ok(()))) {
                return;
            }
        }
    }

    async fn reply(&self, question: &[u8]) -> Reply {
        match self.records.now().await {
            Said::Records(zone) => reply(question, Some(&zone)),
            Said::Nothing => reply(question, Some(&Zone::default())),
            // Somebody damaged it. Nobody else is asked for names that may have records.
            Said::Damaged => reply(question, None),
        }
    }

    /// What the upstream says, or that there is no answer, as there is none at once if too many wait for one already.
    async fn ask(&self, question: &Question, by: By) -> Option<Vec<u8>> {
        let Some(upstream) = self.upstream else { return said(question.fail(ResponseCode::NXDomain)) };
        let Some(_place) = self.share.place() else { return said(question.fail(ResponseCode::ServFail)) };
        let asked = async {
            match by {
                By::Datagram => by_datagram(upstream, question).await,
                By::Connection => by_connection(upstream, question).await,
            }
        };
        match timeout(LIMIT, asked).await {
            Ok(Ok(answer)) => Some(answer),
            failed => {
                tracing::debug!(%upstream, ?failed, "the upstream does not answer");
                said(question.fail(ResponseCode::ServFail))
            }
        }
    }

    async fn rest(&self, error: &io::Error) {
        tracing::debug!(namespace = %self.records.name(), %error, "a question could not be taken");
        let _passed = timeout(PAUSE, pending::<()>()).await;
    }
}

fn said(reply: Reply) -> Option<Vec<u8>> {
    match reply {
        Reply::Say(answer) => Some(answer),
        Reply::Ask(_) | Reply::Nothing => None,
    }
}
