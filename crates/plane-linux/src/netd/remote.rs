//! The side without: a plane whose work is done by `netd`.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};
use futures_util::stream::{self, BoxStream, StreamExt};
use linkspan_model::PeerId;
use linkspan_plane::{
    Applied, Capabilities, Change, Doing, DriftHint, Observed, PeerSpec, Plane, PlaneError, ProbeReport, ProbeSpec,
    Ready, Settled, Term, Token,
};
use tokio::net::UnixStream;
use tokio::net::unix::OwnedReadHalf;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::sync::{Mutex as AsyncMutex, broadcast, oneshot};

use super::frame::{framed, next, write_all};
use super::protocol::{Answer, FromNetd, Number, Question, ToNetd};
use crate::plane::CAPABILITIES;

/// Hints that wait for their reader; more become one [`DriftHint::Resync`].
const MOST_HINTS: usize = 1024;

/// The plane of a `netd` on this host. It connects when it is first asked, and anew after a connection broke.
#[derive(Debug, Clone)]
pub struct RemotePlane {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    link: AsyncMutex<Option<Link>>,
    last: AtomicU64,
    term: Mutex<Term>,
    hints: broadcast::Sender<DriftHint>,
}

/// Who waits for the answer to which question; none once the connection is gone.
type Waiting = Arc<Mutex<Option<HashMap<Number, oneshot::Sender<Result<Answer, PlaneError>>>>>>;

/// A connection.
#[derive(Debug, Clone)]
struct Link {
    say: UnboundedSender<Vec<u8>>,
    waiting: Waiting,
}

/// Tells `netd` that an answer is no longer waited for, unless it has come.
struct Unanswered<'a> {
    link: &'a Link,
    number: Number,
}

impl Drop for Unanswered<'_> {
    fn drop(&mut self) {
        let mut waiting = self.link.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let unanswered = waiting.as_mut().and_then(|waiting| waiting.remove(&self.number)).is_some();
        if unanswered && let Ok(frame) = framed(&ToNetd::Drop(self.number)) {
            // A connection that is gone has called everything off by itself.
            let _gone = self.link.say.send(frame);
        }
    }
}

impl RemotePlane {
    /// The plane of the `netd` that listens at `path`.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        let (hints, _) = broadcast::channel(MOST_HINTS);
        let (link, last, term) = (AsyncMutex::default(), AtomicU64::new(0), Mutex::default());
        let inner = Inner { path: path.to_owned(), link, last, term, hints };
        Self { inner: Arc::new(inner) }
    }

    async fn ask(&self, question: Question) -> Result<Answer, PlaneError> {
        let number = self.inner.last.fetch_add(1, Ordering::Relaxed);
        let frame = framed(&ToNetd::Ask(number, question)).map_err(|error| self.inner.unreachable(&error))?;
        let link = Inner::link(&self.inner).await?;
        let (answered, answer) = oneshot::channel();
        match link.waiting.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            Some(waiting) => drop(waiting.insert(number, answered)),
            None => return Err(self.inner.broken()),
        }
        let _waits = Unanswered { link: &link, number };
        link.say.send(frame).map_err(|_| self.inner.broken())?;
        answer.await.unwrap_or_else(|_| Err(self.inner.broken()))
    }

    async fn apply(&self, changes: Vec<Change>) -> Vec<Result<Applied, PlaneError>> {
        let count = changes.len();
        let term = *self.inner.term.lock().unwrap_or_else(PoisonError::into_inner);
        match self.ask(Question::Apply(term, changes)).await {
            Ok(Answer::Applied(results)) if results.len() == count => results,
            Ok(_) => vec![Err(other_answer()); count],
            Err(error) => vec![Err(error); count],
        }
    }
}

fn other_answer() -> PlaneError {
    PlaneError::Unavailable("netd answered something else than it was asked: run the same release of both".into())
}

impl Inner {
    async fn link(inner: &Arc<Self>) -> Result<Link, PlaneError> {
        let mut known = inner.link.lock().await;
        if let Some(link) = known.as_ref().filter(|link| !link.say.is_closed()) {
            return Ok(link.clone());
        }
        let stream = UnixStream::connect(&inner.path).await.map_err(|error| inner.unreachable(&error))?;
        let (incoming, outgoing) = stream.into_split();
        let (say, frames) = unbounded_channel();
        let link = Link { say, waiting: Arc::new(Mutex::new(Some(HashMap::new()))) };
        tokio::spawn(write_all(outgoing, frames));
        tokio::spawn(Arc::clone(inner).listen(incoming, link.clone()));
        // Whatever happened while nobody listened is found by looking.
        let _nobody_watches = inner.hints.send(DriftHint::Resync);
        Ok(known.insert(link).clone())
    }

    async fn listen(self: Arc<Self>, mut incoming: OwnedReadHalf, link: Link) {
        let broke = loop {
            match next(&mut incoming).await {
                Ok(Some(FromNetd::Answer(number, answer))) => {
                    let mut waiting = link.waiting.lock().unwrap_or_else(PoisonError::into_inner);
                    let asker = waiting.as_mut().and_then(|waiting| waiting.remove(&number));
                    // Who has stopped waiting has said so, and this answer crossed it.
                    drop(asker.map(|asker| asker.send(answer)));
                }
                Ok(Some(FromNetd::Hint(hint))) => drop(self.hints.send(hint)),
                Ok(None) => break None,
                Err(error) => break Some(error),
            }
        };
        tracing::warn!(socket = %self.path.display(), error = ?broke, "the connection to netd ended");
        let mut known = self.link.lock().await;
        if known.as_ref().is_some_and(|known| Arc::ptr_eq(&known.waiting, &link.waiting)) {
            *known = None;
        }
        // Everyone who waits learns that nothing comes any more.
        link.waiting.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    fn unreachable(&self, error: &io::Error) -> PlaneError {
        let path = self.path.display();
        PlaneError::Unavailable(match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => {
                format!("no netd listens on {path}: start `linkspan netd`").into()
            }
            io::ErrorKind::PermissionDenied => {
                format!("{path} may not be opened: netd's socket is for the server's user only").into()
            }
            _ => format!("netd on {path} can't be asked: {error}").into(),
        })
    }

    fn broken(&self) -> PlaneError {
        PlaneError::Unavailable(format!("the connection to netd on {} broke", self.path.display()).into())
    }
}

impl Plane for RemotePlane {
    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }

    fn begin_term(&self, term: Term) {
        *self.inner.term.lock().unwrap_or_else(PoisonError::into_inner) = term;
    }

    fn check(&self) -> Doing<'_, Ready> {
        let asked = self.ask(Question::Check);
        async move { asked.await.and_then(|it| if let Answer::Ready(it) = it { Ok(it) } else { Err(other_answer()) }) }
            .boxed()
    }

    fn settled(&self, _: Token, _: Duration) -> Doing<'_, Settled> {
        // Whatever the kernel has accepted is in force.
        std::future::ready(Ok(Settled::Yes)).boxed()
    }

    fn list(&self) -> Doing<'_, Vec<Observed>> {
        let asked = self.ask(Question::List);
        async move {
            asked.await.and_then(|it| if let Answer::Observed(it) = it { Ok(it) } else { Err(other_answer()) })
        }
        .boxed()
    }

    fn observe(&self, id: PeerId) -> Doing<'_, Option<Observed>> {
        let asked = self.ask(Question::Observe(id));
        async move { asked.await.and_then(|it| if let Answer::Seen(it) = it { Ok(it) } else { Err(other_answer()) }) }
            .boxed()
    }

    fn watch(&self) -> BoxStream<'static, DriftHint> {
        let heard = stream::unfold(self.inner.hints.subscribe(), |mut hints| async {
            match hints.recv().await {
                Ok(hint) => Some((hint, hints)),
                Err(broadcast::error::RecvError::Lagged(_)) => Some((DriftHint::Resync, hints)),
                Err(broadcast::error::RecvError::Closed) => None,
            }
        });
        heard.boxed()
    }

    fn probe<'a>(&'a self, probe: &'a ProbeSpec) -> Doing<'a, ProbeReport> {
        let asked = self.ask(Question::Probe(probe.clone()));
        async move { asked.await.and_then(|it| if let Answer::Report(it) = it { Ok(*it) } else { Err(other_answer()) }) }
            .boxed()
    }

    fn foresee<'a>(&'a self, peer: &'a PeerSpec) -> Doing<'a, ()> {
        let asked = self.ask(Question::Foresee(Box::new(peer.clone())));
        async move { asked.await.and_then(|it| if let Answer::Foreseen = it { Ok(()) } else { Err(other_answer()) }) }
            .boxed()
    }

    fn apply_batch<'a>(&'a self, changes: &'a [Change]) -> BoxFuture<'a, Vec<Result<Applied, PlaneError>>> {
        self.apply(changes.to_vec()).boxed()
    }
}
