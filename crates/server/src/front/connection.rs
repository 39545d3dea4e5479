//! One connection: HTTP/1.1 on a stream, until the client, the watch or the server's stop ends it.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use http::{Request, Response};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::{HttpService, service_fn};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use super::metered::{Metered, Refuser};
use super::pace::Pace;
use super::service::{Session, serve};

/// How hyper speaks HTTP. There is no timer: the watch keeps all times. The pipeline is not flushed by itself: that would
/// copy every body into hyper's buffer.
pub(super) fn protocol(header_bytes: usize) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder.header_read_timeout(None).max_header_size(header_bytes).pipeline_flush(false);
    builder
}

/// How a connection ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum End {
    /// In order, or the client broke it off.
    Done,
    /// It took too long.
    Expired,
}

/// Answers requests of a connection with the operations.
pub(super) async fn serve_session<S>(stream: S, session: Session, protocol: &http1::Builder) -> End
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let pace = Arc::clone(&session.pace);
    let session = Arc::new(session);
    let refuser = Arc::clone(&session) as Arc<dyn Refuser>;
    let service = service_fn(move |request: Request<Incoming>| {
        let session = Arc::clone(&session);
        async move { Ok::<_, Infallible>(serve(session, request).await) }
    });
    drive(Metered::new(stream, pace.clone(), Some(refuser)), service, (&pace, protocol)).await
}

/// Runs a connection to its end.
pub(super) async fn drive<S, V, B>(
    stream: Metered<S>,
    service: V,
    (pace, protocol): (&Arc<Pace>, &http1::Builder),
) -> End
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    V: HttpService<Incoming, ResBody = B> + hyper::service::Service<Request<Incoming>, Response = Response<B>>,
    <V as HttpService<Incoming>>::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    B: Body + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut connection = pin!(protocol.serve_connection(TokioIo::new(stream), service));
    let mut told = false;
    let end = poll_fn(|cx| {
        pace.register(cx.waker());
        if pace.is_expired() {
            return Poll::Ready(End::Expired);
        }
        if pace.is_stopping() && !told {
            told = true;
            connection.as_mut().graceful_shutdown();
        }
        connection.as_mut().poll(cx).map(|outcome| {
            if let Err(error) = outcome {
                tracing::debug!(%error, "a connection was broken off");
            }
            End::Done
        })
    })
    .await;
    pace.let_go();
    end
}
