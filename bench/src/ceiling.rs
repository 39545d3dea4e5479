//! The ceiling: hyper alone, one thread, sending bytes that were taken from the real server. What a server on hyper
//! could reach at most.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use clap::Args;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use crate::client::Head;
use crate::outcome::Outcome;

/// How the bare server runs.
#[derive(Args)]
pub struct CeilingOptions {
    /// Where to listen
    #[arg(long)]
    listen: SocketAddr,
    /// The answer to send, made by this program
    #[arg(long)]
    answer: PathBuf,
}

/// An answer that is sent over and over.
pub struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Answer {
    /// What a server answered; hyper writes the date and the length by itself.
    pub fn captured(head: &Head, body: &[u8]) -> Self {
        let by_hyper = |name: &str| ["date", "content-length"].iter().any(|known| name.eq_ignore_ascii_case(known));
        let headers = head.headers.iter().filter(|(name, _)| !by_hyper(name)).cloned().collect();
        Self { status: head.status, headers, body: body.to_vec() }
    }

    pub fn write(&self, path: &Path) -> Outcome<()> {
        let head = serde_json::json!({"status": self.status, "headers": self.headers}).to_string();
        Ok(std::fs::write(path, [head.as_bytes(), b"\n", &self.body].concat())?)
    }

    fn read(path: &Path) -> Outcome<Self> {
        let bytes = std::fs::read(path)?;
        let end = bytes.iter().position(|byte| *byte == b'\n').ok_or("the answer has no head")?;
        let (head, body) = bytes.split_at(end);
        let head: serde_json::Value = serde_json::from_slice(head)?;
        let status = serde_json::from_value(head["status"].clone())?;
        let headers = serde_json::from_value(head["headers"].clone())?;
        Ok(Self { status, headers, body: body[1..].to_vec() })
    }

    fn response(&self) -> Outcome<Response<Full<Bytes>>> {
        let mut response = Response::new(Full::new(Bytes::from(self.body.clone())));
        *response.status_mut() = StatusCode::from_u16(self.status)?;
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            headers.append(HeaderName::from_bytes(name.as_bytes())?, HeaderValue::from_str(value)?);
        }
        *response.headers_mut() = headers;
        Ok(response)
    }
}

/// Serves until the process is ended.
pub fn serve(options: &CeilingOptions) -> Outcome<()> {
    let response = Arc::new(Answer::read(&options.answer)?.response()?);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(options.listen).await?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let response = Arc::clone(&response);
            let service = service_fn(move |request| answer(Arc::clone(&response), request));
            tokio::spawn(async move {
                // A client that goes away is no fault of the server's.
                let _end = hyper::server::conn::http1::Builder::new()
                    .pipeline_flush(false)
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    })
}

async fn answer(
    response: Arc<Response<Full<Bytes>>>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, hyper::Error> {
    if request.method() == hyper::Method::POST {
        let _body = request.into_body().collect().await?;
    }
    Ok::<_, Infallible>(Response::clone(&response)).map_err(|never| match never {})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_captured_answer_comes_back_as_it_was() {
        let headers = [("Date", "now"), ("X-Request-Id", "1"), ("content-length", "9")];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let answer = Answer::captured(&Head { status: 201, headers }, b"a\nb");
        let file = tempfile::NamedTempFile::new().unwrap();
        answer.write(file.path()).unwrap();
        let response = Answer::read(file.path()).unwrap().response().unwrap();
        assert_eq!((response.status().as_u16(), response.headers().len()), (201, 1));
        assert_eq!(Answer::read(file.path()).unwrap().body, b"a\nb");
    }
}
