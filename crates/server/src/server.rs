//! Start and stop: listeners, the watch over connections, and what else runs beside the requests.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::app::App;
use crate::auth::PrepareError;
use crate::front::{BadRoute, Connections, Figures, Front, HEALTH_OPERATIONS, Limits, Transport, bind};
use crate::metrics::Exposition;
use crate::ops::OPERATIONS;
use crate::tls::{Certificate, TlsError};

/// What a server listens on.
#[derive(Debug, Clone, Default)]
pub struct ServerConfig {
    /// HTTP; port 0 takes a free one.
    pub http: Option<SocketAddr>,
    /// HTTPS, and the certificate for it.
    pub https: Option<(SocketAddr, Certificate)>,
    /// Metrics and health, plain HTTP.
    pub metrics: Option<SocketAddr>,
    /// What clients may make the server hold.
    pub limits: Limits,
}

/// Where a server really listens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Addresses {
    /// HTTP.
    pub http: Option<SocketAddr>,
    /// HTTPS.
    pub https: Option<SocketAddr>,
    /// Metrics and health.
    pub metrics: Option<SocketAddr>,
}

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address can't be listened on.
    #[error("can't listen on {address}: {cause}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the operating system says.
        cause: io::Error,
    },
    /// The list of operations contradicts itself.
    #[error(transparent)]
    Route(#[from] BadRoute),
    /// The store's secrets can't be used.
    #[error(transparent)]
    Secrets(#[from] PrepareError),
    /// There is no certificate.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The operating system has no randomness.
    #[error("the operating system gave no randomness")]
    NoRandomness,
}

/// Starts servers.
pub struct Server;

impl Server {
    /// Listens and serves; answers once requests can come.
    ///
    /// # Errors
    /// An address can't be listened on, the master key does not fit the store, or there is no certificate.
    pub async fn start(config: ServerConfig, app: impl Into<Arc<App>>) -> Result<Running, StartError> {
        let app = app.into();
        app.auth.prepare(&app.engine).await?;
        let mut prefix = [0; 8];
        getrandom::fill(&mut prefix).map_err(|_| StartError::NoRandomness)?;
        let operations = [OPERATIONS, HEALTH_OPERATIONS];
        let front = Front::new(Arc::clone(&app), &operations, &config.limits, u64::from_le_bytes(prefix))?;
        let front = Arc::new(front);
        let connections = Arc::new(Connections::new(Arc::clone(&front), config.limits.clone()));
        let mut running = Running::new(Arc::clone(&app), connections);
        if let Some(address) = config.http {
            let listener = running.listen(address)?;
            running.addresses.http = listener.local_addr().ok();
            running.serve(listener, Transport::Plain);
        }
        if let Some((address, certificate)) = config.https {
            let served = certificate.open(Arc::clone(&app.clock)).await?;
            let listener = running.listen(address)?;
            running.addresses.https = listener.local_addr().ok();
            running.serve(listener, Transport::Tls(served.acceptor()));
            running.tasks.push(tokio::spawn(async move { served.keep_fresh().await }));
        }
        if let Some(address) = config.metrics {
            let listener = running.listen(address)?;
            running.addresses.metrics = listener.local_addr().ok();
            running.publish(listener, front, &config.limits);
        }
        Ok(running)
    }
}

/// A server that runs. Dropping it ends it at once; [`Running::shutdown`] ends it in order.
pub struct Running {
    app: Arc<App>,
    connections: Arc<Connections>,
    addresses: Addresses,
    stop: watch::Sender<bool>,
    /// The loops that accept connections of clients.
    accepting: Vec<JoinHandle<()>>,
    /// What runs until the end.
    tasks: Vec<JoinHandle<()>>,
}

impl Running {
    fn new(app: Arc<App>, connections: Arc<Connections>) -> Self {
        let (stop, _) = watch::channel(false);
        let watched = Arc::clone(&connections);
        let tasks = vec![tokio::spawn(async move { watched.keep_watch().await })];
        Self { app, connections, addresses: Addresses::default(), stop, accepting: Vec::new(), tasks }
    }

    /// Where the server listens.
    #[must_use]
    pub fn addresses(&self) -> Addresses {
        self.addresses
    }

    /// Takes no more connections, answers what is in flight (within bounds), commits what waits, and ends.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        for task in self.accepting.drain(..) {
            // The loop ends by itself; a panic in it was reported already.
            let _ended = task.await;
        }
        self.connections.stop().await;
        self.app.engine.close().await;
        for task in self.tasks.drain(..) {
            task.abort();
            // Being ended is what was asked for.
            let _ended = task.await;
        }
    }

    fn listen(&self, address: SocketAddr) -> Result<TcpListener, StartError> {
        bind(address).map_err(|cause| StartError::Listen { address, cause })
    }

    fn serve(&mut self, listener: TcpListener, transport: Transport) {
        let (connections, stopped) = (Arc::clone(&self.connections), self.stopped());
        self.accepting.push(tokio::spawn(async move { connections.accept(listener, transport, stopped).await }));
    }

    fn publish(&mut self, listener: TcpListener, front: Arc<Front>, limits: &Limits) {
        let metrics = Arc::clone(front.metrics());
        let exposition = Exposition::new(metrics, Arc::clone(&self.app), move || front.held_bodies());
        let figures = Arc::new(Figures::new(Arc::clone(&self.app), exposition, limits));
        // Health is told to the very end, so this listener ends with the tasks.
        self.tasks.push(tokio::spawn(async move { figures.accept(listener, std::future::pending::<()>()).await }));
    }

    /// Waits for the stop.
    fn stopped(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut stop = self.stop.subscribe();
        async move {
            // An error means that the server is gone, which is a stop too.
            let _stopped = stop.wait_for(|stop| *stop).await;
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.accepting.iter().chain(&self.tasks).for_each(JoinHandle::abort);
    }
}

#[cfg(test)]
#[path = "server_tests.rs"]
mod tests;
