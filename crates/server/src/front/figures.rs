//! The listener for metrics: figures and health for those who watch the server, apart from its clients.
//!
//! It has places of its own, so it answers honestly while the clients' listener is full.

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;

use http::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use super::connection::{drive, protocol};
use super::health::readiness;
use super::limits::{HEADER_BYTES, Limits, METRICS_CONNECTIONS};
use super::listener::each_connection;
use super::metered::Metered;
use super::pace::Watch;
use crate::app::App;
use crate::metrics::{self, Exposition};

/// Answers `GET /metrics`, `/healthz` and `/readyz`.
pub(crate) struct Figures {
    app: Arc<App>,
    exposition: Exposition,
    watch: Watch,
    places: Arc<Semaphore>,
}

impl Figures {
    pub(crate) fn new(app: Arc<App>, exposition: Exposition, limits: &Limits) -> Self {
        let places = Arc::new(Semaphore::new(METRICS_CONNECTIONS));
        Self { app, exposition, watch: Watch::new(limits.clone()), places }
    }

    /// Accepts connections until `stop` is over.
    pub(crate) async fn accept(self: &Arc<Self>, listener: TcpListener, stop: impl Future) {
        let protocol = Arc::new(protocol(HEADER_BYTES));
        let accepting = each_connection(&listener, |stream, _| {
            let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else { return };
            let (me, protocol) = (Arc::clone(self), Arc::clone(&protocol));
            tokio::spawn(async move {
                let pace = me.watch.enter();
                let figures = Arc::clone(&me);
                let service = service_fn(move |request: Request<Incoming>| {
                    let figures = Arc::clone(&figures);
                    async move { Ok::<_, Infallible>(figures.answer(&request).await) }
                });
                drive(Metered::new(stream, Arc::clone(&pace), None), service, (&pace, &protocol)).await;
                drop(place);
            });
        });
        tokio::select! {
            () = accepting => {}
            () = self.watch.run() => {}
            _ = stop => {}
        }
        self.watch.stop();
    }

    async fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        const JSON: &str = "application/json";
        const TEXT: &str = "text/plain; charset=utf-8";
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            let mut refused = answer(StatusCode::METHOD_NOT_ALLOWED, TEXT, "only GET and HEAD\n");
            refused.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
            return refused;
        }
        match request.uri().path() {
            "/metrics" => answer(StatusCode::OK, metrics::CONTENT_TYPE, self.exposition.text()),
            "/healthz" => answer(StatusCode::OK, JSON, r#"{"status":"ok"}"#),
            "/readyz" => {
                let (status, body) = readiness(&self.app.engine).await;
                answer(StatusCode::from_u16(status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE), JSON, body)
            }
            _ => answer(StatusCode::NOT_FOUND, TEXT, "/metrics, /healthz and /readyz are here\n"),
        }
    }
}

fn answer(status: StatusCode, media_type: &'static str, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}
