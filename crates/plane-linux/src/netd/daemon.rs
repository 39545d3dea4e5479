//! The side with the capabilities.

use std::collections::HashMap;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use linkspan_plane::{DriftHint, Plane, PlaneError, Term};
use tokio::net::unix::OwnedReadHalf;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::{AbortHandle, JoinSet, spawn_blocking};

use super::frame::{framed, next, write_all};
use super::protocol::{Answer, FromNetd, Number, Question, ToNetd};

/// Connections that are served at a time; a server has one.
const MOST_CONNECTIONS: usize = 16;

/// Why `netd` can't listen.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Another one does already.
    #[error("another netd listens on {}", .0.display())]
    InUse(PathBuf),
    /// Something other than a socket is there; it is left alone.
    #[error("{} is not a socket; remove it, or choose another path", .0.display())]
    NoSocket(PathBuf),
    /// The system refuses.
    #[error("{} can't be listened on: {cause}", path.display())]
    Io {
        /// The socket.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
}

/// A plane that listens on a unix socket.
pub struct Netd {
    listener: UnixListener,
    desk: Arc<Desk>,
    server: u32,
}

/// Where questions are answered, whichever connection they come from.
struct Desk {
    plane: Arc<dyn Plane>,
    /// The latest term that anybody came in.
    term: Mutex<Term>,
}

impl Netd {
    /// Listens at `path`, of mode 0660, for the user `server` alone. A socket that a dead process left is replaced.
    ///
    /// # Errors
    /// [`BindError`].
    pub fn bind(path: &Path, plane: Arc<dyn Plane>, server: u32) -> Result<Self, BindError> {
        let io = |cause| BindError::Io { path: path.to_owned(), cause };
        make_way(path)?;
        let listener = UnixListener::bind(path).map_err(io)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o660)).map_err(io)?;
        Ok(Self { listener, desk: Arc::new(Desk { plane, term: Mutex::default() }), server })
    }

    /// Serves for ever.
    pub async fn run(self) {
        let mut connections = JoinSet::new();
        loop {
            while connections.try_join_next().is_some() {}
            match self.listener.accept().await {
                Ok((stream, _)) if self.admits(&stream) && connections.len() < MOST_CONNECTIONS => {
                    connections.spawn(serve(stream, Arc::clone(&self.desk)));
                }
                // Closed without a word: whoever it is has no business here, or has far too much of it.
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::task::yield_now().await;
                }
            }
        }
    }

    fn admits(&self, stream: &UnixStream) -> bool {
        match stream.peer_cred() {
            Ok(peer) if peer.uid() == self.server => true,
            Ok(peer) => {
                tracing::warn!(uid = peer.uid(), "refused a connection: only the server's user may ask");
                false
            }
            Err(error) => {
                tracing::warn!(%error, "refused a connection whose user is unknown");
                false
            }
        }
    }
}

/// Removes a socket that nobody listens on.
fn make_way(path: &Path) -> Result<(), BindError> {
    use std::os::unix::fs::FileTypeExt;
    let Ok(there) = std::fs::symlink_metadata(path) else { return Ok(()) };
    if !there.file_type().is_socket() {
        return Err(BindError::NoSocket(path.to_owned()));
    }
    if std::os::unix::net::UnixStream::connect(path).is_ok() {
        return Err(BindError::InUse(path.to_owned()));
    }
    std::fs::remove_file(path).map_err(|cause| BindError::Io { path: path.to_owned(), cause })
}

/// The questions of one connection that are being worked on.
type Working = Arc<Mutex<HashMap<Number, AbortHandle>>>;

async fn serve(stream: UnixStream, desk: Arc<Desk>) {
    let (incoming, outgoing) = stream.into_split();
    let (say, frames) = unbounded_channel();
    // What serves a connection ends with it, however it ends: a set aborts what is left in it.
    let mut sides = JoinSet::new();
    sides.spawn(async move {
        // The other side is gone, which whoever listens to it finds out as well.
        let _gone = write_all(outgoing, frames).await;
    });
    // To watch takes namespaces and sockets, for which others need not wait; this server does, since what happens between
    // its first look and the beginning of the watch would be missed.
    let watched = Arc::clone(&desk.plane);
    let Ok(hints) = spawn_blocking(move || watched.watch()).await else { return };
    sides.spawn(pass_on(hints, say.clone()));
    // Work that has begun is finished by the plane; what waits is called off, since nobody would hear of it.
    let mut asked = JoinSet::new();
    if let Err(error) = listen(incoming, (&desk, &say), &mut asked).await {
        tracing::warn!(%error, "the connection of a server broke off");
    }
}

async fn listen(
    mut incoming: OwnedReadHalf,
    (desk, say): (&Arc<Desk>, &UnboundedSender<Vec<u8>>),
    asked: &mut JoinSet<()>,
) -> io::Result<()> {
    let working = Working::default();
    while let Some(message) = next(&mut incoming).await? {
        while asked.try_join_next().is_some() {}
        match message {
            ToNetd::Ask(number, question) => {
                let (desk, say, done) = (Arc::clone(desk), say.clone(), Arc::clone(&working));
                // The lock is held until the handle is noted, so the work can't be done before.
                let mut noted = working.lock().unwrap_or_else(PoisonError::into_inner);
                let handle = asked.spawn(async move {
                    let answer = desk.answer(question).await;
                    done.lock().unwrap_or_else(PoisonError::into_inner).remove(&number);
                    tell(&say, &FromNetd::Answer(number, answer));
                });
                noted.insert(number, handle);
            }
            ToNetd::Drop(number) => {
                let handle = working.lock().unwrap_or_else(PoisonError::into_inner).remove(&number);
                handle.inspect(AbortHandle::abort);
            }
        }
    }
    Ok(())
}

impl Desk {
    async fn answer(&self, question: Question) -> Result<Answer, PlaneError> {
        let plane = &self.plane;
        match question {
            Question::Check => plane.check().await.map(Answer::Ready),
            Question::Apply(term, changes) => {
                self.enter(term)?;
                Ok(Answer::Applied(plane.apply_batch(&changes).await))
            }
            Question::List => plane.list().await.map(Answer::Observed),
            Question::Observe(peer) => plane.observe(peer).await.map(Answer::Seen),
            Question::Foresee(peer) => plane.foresee(&peer).await.map(|()| Answer::Foreseen),
            Question::Probe(probe) => plane.probe(&probe).await.map(|report| Answer::Report(Box::new(report))),
        }
    }

    /// Takes note of a term that begins; says that one is over once a later one has begun.
    fn enter(&self, term: Term) -> Result<(), PlaneError> {
        let mut latest = self.term.lock().unwrap_or_else(PoisonError::into_inner);
        if term.is_over_in(*latest) {
            let why =
                format!("another server acts for these networks, in term {}; this one's is over", latest.generation);
            return Err(PlaneError::Unavailable(why.into()));
        }
        *latest = term;
        Ok(())
    }
}

async fn pass_on(mut hints: BoxStream<'static, DriftHint>, say: UnboundedSender<Vec<u8>>) {
    while let Some(hint) = hints.next().await {
        tell(&say, &FromNetd::Hint(hint));
    }
}

fn tell(say: &UnboundedSender<Vec<u8>>, message: &FromNetd) {
    match framed(message) {
        // A server that went away does not hear it any more.
        Ok(frame) => drop(say.send(frame)),
        Err(error) => tracing::error!(%error, "an answer can't be written down"),
    }
}
