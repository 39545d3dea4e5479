//! From a listening socket to connections, as many as the limit allows.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use linkspan_wire::ApiError;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

use super::connection::{End, protocol, serve_session};
use super::limits::{Limits, REFUSALS};
use super::pace::{Pace, Watch};
use super::reply;
use super::service::{Front, Session};

/// Connections that the kernel keeps until they are accepted.
const BACKLOG: u32 = 1024;
/// How long accepting rests after a fault: out of file descriptors, most likely.
const REST: Duration = Duration::from_millis(100);
/// How long a refused client has to read why and to hang up.
const REFUSAL_TIME: Duration = Duration::from_secs(1);

/// How bytes get to a client.
pub(crate) enum Transport {
    /// As they are.
    Plain,
    /// By TLS.
    Tls(TlsAcceptor),
}

/// Binds an address.
pub(crate) fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// All connections of clients, whatever listener they came by.
pub(crate) struct Connections {
    front: Arc<Front>,
    watch: Arc<Watch>,
    places: Arc<Semaphore>,
    refusals: Arc<Semaphore>,
    protocol: http1::Builder,
    limits: Limits,
}

impl Connections {
    pub(crate) fn new(front: Arc<Front>, limits: Limits) -> Self {
        Self {
            front,
            watch: Arc::new(Watch::new(limits.clone())),
            places: Arc::new(Semaphore::new(limits.connections)),
            refusals: Arc::new(Semaphore::new(REFUSALS)),
            protocol: protocol(limits.header_bytes),
            limits,
        }
    }

    /// Ends connections that take too long; runs until it is dropped.
    pub(crate) async fn keep_watch(&self) {
        self.watch.run().await;
    }

    /// Accepts connections until `stop` is over.
    pub(crate) async fn accept(self: &Arc<Self>, listener: TcpListener, transport: Transport, stop: impl Future) {
        let transport = Arc::new(transport);
        let accepting = each_connection(&listener, |stream, remote| {
            self.front.metrics().accepted.add(1);
            match Arc::clone(&self.places).try_acquire_owned() {
                Ok(place) => {
                    let (me, transport) = (Arc::clone(self), Arc::clone(&transport));
                    tokio::spawn(async move { me.serve((stream, remote), &transport, place).await });
                }
                Err(_) => self.refuse(stream, &transport),
            }
        });
        tokio::select! {
            () = accepting => {}
            _ = stop => {}
        }
    }

    /// Ends every connection once it has answered what it is at; those that have not ended in time are cut off.
    pub(crate) async fn stop(&self) {
        self.watch.stop();
        let all = u32::try_from(self.limits.connections).unwrap_or(u32::MAX);
        if timeout(self.limits.stop_time, self.places.acquire_many(all)).await.is_err() {
            tracing::warn!("connections that did not end in time are cut off");
            self.watch.expire_all();
        }
    }

    async fn serve(
        &self,
        (stream, remote): (TcpStream, SocketAddr),
        transport: &Transport,
        _place: OwnedSemaphorePermit,
    ) {
        let metrics = self.front.metrics();
        let _open = metrics.connections.enter();
        let pace = self.watch.enter();
        let end = match transport {
            Transport::Plain => serve_session(stream, self.session(pace, remote, false), &self.protocol).await,
            Transport::Tls(acceptor) => {
                let stream = match timeout(self.limits.handshake_time, acceptor.accept(stream)).await {
                    Ok(Ok(stream)) => stream,
                    Ok(Err(error)) => return tracing::debug!(%error, "a TLS handshake failed"),
                    Err(_) => return metrics.expired.add(1),
                };
                serve_session(stream, self.session(pace, remote, true), &self.protocol).await
            }
        };
        if end == End::Expired {
            metrics.expired.add(1);
        }
    }

    /// Serves a stream that is no socket, as if it came from this machine.
    #[cfg(test)]
    pub(crate) async fn serve_in_process(&self, stream: tokio::io::DuplexStream) {
        let remote = SocketAddr::from((std::net::Ipv4Addr::LOCALHOST, 0));
        serve_session(stream, self.session(self.watch.enter(), remote, false), &self.protocol).await;
    }

    fn session(&self, pace: Arc<Pace>, remote: SocketAddr, is_encrypted: bool) -> Session {
        let remote = remote.ip();
        Session { front: Arc::clone(&self.front), pace, remote, remote_text: remote.to_string().into(), is_encrypted }
    }

    /// Tells a client that there are too many connections; one that speaks TLS would not understand it.
    fn refuse(&self, mut stream: TcpStream, transport: &Transport) {
        self.front.metrics().refused.add(1);
        let Ok(place) = Arc::clone(&self.refusals).try_acquire_owned() else { return };
        if matches!(transport, Transport::Tls(_)) {
            return;
        }
        let error = ApiError::unavailable("too many connections");
        let answer = reply::parting(error.status(), &error, self.front.next_id());
        tokio::spawn(async move {
            let telling = async {
                stream.write_all(&answer).await?;
                stream.shutdown().await?;
                // Closing with unread bytes would take the answer back, so what the client sends is read to its end.
                let mut sink = [0; 1024];
                while stream.read(&mut sink).await? > 0 {}
                io::Result::Ok(())
            };
            // A client that has gone needs no answer.
            let _told = timeout(REFUSAL_TIME, telling).await;
            drop(place);
        });
    }
}

/// Accepts for ever.
#[expect(clippy::disallowed_methods, reason = "pacing: a fault of accept does not go away by trying at once again")]
pub(crate) async fn each_connection(listener: &TcpListener, mut take: impl FnMut(TcpStream, SocketAddr)) {
    loop {
        match listener.accept().await {
            Ok((stream, remote)) => {
                // Answers are written whole; waiting for more to send would only delay them.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "a connection broke off before it was served");
                }
                take(stream, remote);
            }
            Err(error) => {
                tracing::warn!(%error, "no connection can be accepted");
                tokio::time::sleep(REST).await;
            }
        }
    }
}
