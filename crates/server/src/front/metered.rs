use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::limits::DISCARDED_BYTES;
use super::pace::{Pace, Phase};

/// Who words the answer to what is no HTTP request.
pub(super) trait Refuser: Send + Sync {
    /// The whole answer, head and body, with a status that hyper chose.
    fn refuse(&self, status: u16) -> Bytes;
}

/// A stream that tells the pace of its connection what comes in and goes out.
///
/// It also gives hyper's answers a body. Hyper answers a request that it can't parse by itself, with a bare status, and no
/// service is asked; such an answer is known by its being written while no request is under way.
pub(super) struct Metered<S> {
    stream: S,
    pace: Arc<Pace>,
    refuser: Option<Arc<dyn Refuser>>,
    /// What is still to be written of our answer in the place of hyper's.
    refusal: Option<Bytes>,
    /// How much of what a refused client goes on sending is still read.
    discarded_yet: usize,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Metered<S> {
    pub(super) fn new(stream: S, pace: Arc<Pace>, refuser: Option<Arc<dyn Refuser>>) -> Self {
        Self { stream, pace, refuser, refusal: None, discarded_yet: 0 }
    }

    /// Writes our answer in the place of hyper's, if that is what hyper is about to write.
    fn poll_refuse(&mut self, cx: &mut Context<'_>, hypers: &[u8]) -> Poll<io::Result<bool>> {
        if self.refusal.is_none() {
            let is_hypers_own = matches!(self.pace.phase(), Phase::Idle | Phase::Head);
            let Some(refuser) = self.refuser.as_ref().filter(|_| is_hypers_own) else {
                return Poll::Ready(Ok(false));
            };
            let status = hypers.get(9..12).and_then(|digits| str::from_utf8(digits).ok()?.parse().ok());
            self.refusal = Some(refuser.refuse(status.unwrap_or(400)));
        }
        while let Some(refusal) = self.refusal.as_mut().filter(|refusal| !refusal.is_empty()) {
            let written = ready!(Pin::new(&mut self.stream).poll_write(cx, refusal))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            refusal.advance(written);
        }
        Poll::Ready(Ok(true))
    }

    /// Reads what a refused client is still sending: closing on it would take the answer back.
    fn poll_discard(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut sink = [0; 4096];
        while self.discarded_yet < DISCARDED_BYTES {
            let mut buf = ReadBuf::new(&mut sink);
            let outcome = ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buf));
            if outcome.is_err() || buf.filled().is_empty() {
                break;
            }
            self.discarded_yet += buf.filled().len();
        }
        Poll::Ready(())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Metered<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let me = self.get_mut();
        let before = buf.filled().len();
        let outcome = Pin::new(&mut me.stream).poll_read(cx, buf);
        if buf.filled().len() > before {
            me.pace.received();
        }
        outcome
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Metered<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(buf)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let me = self.get_mut();
        if me.pace.phase() != Phase::Writing && ready!(me.poll_refuse(cx, bufs.first().map_or(&[], |buf| buf)))? {
            return Poll::Ready(Ok(bufs.iter().map(|buf| buf.len()).sum()));
        }
        let outcome = Pin::new(&mut me.stream).poll_write_vectored(cx, bufs);
        if let Poll::Ready(Ok(bytes)) = outcome {
            me.pace.wrote(bytes);
        }
        outcome
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let me = self.get_mut();
        let outcome = Pin::new(&mut me.stream).poll_flush(cx);
        if matches!(outcome, Poll::Ready(Ok(()))) {
            me.pace.flushed();
        }
        outcome
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let me = self.get_mut();
        ready!(Pin::new(&mut me.stream).poll_shutdown(cx))?;
        if me.refusal.is_some() {
            ready!(me.poll_discard(cx));
        }
        Poll::Ready(Ok(()))
    }
}
