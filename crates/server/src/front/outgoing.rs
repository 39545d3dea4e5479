//! The body of an answer on its way out: pieces that are handed to hyper as they are, never copied together.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use super::pace::Pace;
use crate::answer::AnswerBody;

/// The pieces that are still to be sent.
enum Pieces {
    None,
    One(Bytes),
    Page { head: Bytes, rows: Box<dyn Iterator<Item = Bytes> + Send>, tail: Bytes },
}

/// A body, of known length unless it is a page so long that it is rendered as it is sent.
pub(super) struct Outgoing {
    pieces: Pieces,
    left: Option<u64>,
    pace: Arc<Pace>,
}

/// A row of a page whose length is not known is taken for this long, to judge whether it is a large answer.
const ROW_BYTES: usize = 512;

/// How many bytes an answer has, if that is known before it is sent.
pub(super) fn length(body: &AnswerBody) -> Option<u64> {
    let bytes = match body {
        AnswerBody::Empty => 0,
        AnswerBody::Bytes(bytes) => bytes.len(),
        AnswerBody::Page { head, page, tail } => head.len() + page.bytes? + tail.len(),
    };
    Some(bytes as u64)
}

/// How many bytes an answer has, more or less.
pub(super) fn size(body: &AnswerBody) -> u64 {
    let rows = if let AnswerBody::Page { page, .. } = body { page.count } else { 0 };
    length(body).unwrap_or(rows.saturating_mul(ROW_BYTES) as u64)
}

impl Outgoing {
    pub(super) fn new(body: AnswerBody, pace: Arc<Pace>) -> Self {
        let left = length(&body);
        let pieces = match body {
            AnswerBody::Empty => Pieces::None,
            AnswerBody::Bytes(bytes) => Pieces::One(bytes),
            AnswerBody::Page { head, page, tail } => Pieces::Page { head, rows: Box::new(page.into_pieces()), tail },
        };
        Self { pieces, left, pace }
    }

    fn next_piece(&mut self) -> Option<Bytes> {
        match &mut self.pieces {
            Pieces::None => None,
            Pieces::One(bytes) => Some(std::mem::take(bytes)),
            Pieces::Page { head, rows, tail } => {
                if !head.is_empty() {
                    return Some(std::mem::take(head));
                }
                // An empty piece would end the body for hyper, so those that come are passed over.
                Some(rows.find(|piece| !piece.is_empty()).unwrap_or_else(|| std::mem::take(tail)))
            }
        }
        .filter(|piece| !piece.is_empty())
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let me = self.get_mut();
        let piece = me.next_piece();
        let sent = piece.as_ref().map_or(u64::MAX, |piece| piece.len() as u64);
        me.left = me.left.map(|left| left.saturating_sub(sent));
        Poll::Ready(piece.map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == Some(0)
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

impl Drop for Outgoing {
    fn drop(&mut self) {
        self.pace.answer_handed_over();
    }
}
