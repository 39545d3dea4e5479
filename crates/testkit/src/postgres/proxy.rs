//! A proxy before a server that loses, holds back or keeps to itself what passes through it.
//!
//! It knows one thing of what is said: the text by which a writing transaction is recognised.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::pause;

/// What only a writing transaction says; a small one is sent in one piece with its COMMIT.
const WRITES: &[u8] = b"WITH moved AS";

/// How the server says that it has committed.
const COMMITTED: &[u8] = b"COMMIT\0";

/// How long a held transaction may take once it goes on.
const WITHIN: Duration = Duration::from_secs(30);

/// What happens to what comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It passes.
    Pass,
    /// A commit is made, and its connection cut before the answer.
    LoseAnswer,
    /// A commit never reaches the server, and its connection is cut.
    LoseCommit,
    /// A commit's connection is cut, and what was sent reaches the server later: when it is [released](Proxy::release).
    HoldCommit,
    /// Nothing passes in either direction, and nothing is closed.
    Silent,
}

/// A proxy on a port of its own.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    target: u16,
    mode: Mutex<Mode>,
    held: Mutex<Vec<(TcpStream, Vec<u8>)>>,
    /// What the server answered to what was held, once it has closed the connection.
    heard: Mutex<Option<Vec<u8>>>,
}

/// What becomes of the answers of one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answers {
    Pass,
    /// They are lost, and the connection with them once the commit is made.
    Lost,
    /// They are kept for whoever releases what was held.
    Kept,
}

impl Proxy {
    /// Before a server on a port of this machine.
    ///
    /// # Panics
    /// No port is free.
    #[must_use]
    pub fn before(target: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared =
            Arc::new(Shared { target, mode: Mutex::new(Mode::Pass), held: Mutex::default(), heard: Mutex::default() });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let shared = Arc::clone(&accepting);
                thread::spawn(move || shared.serve(client));
            }
        });
        Self { port, shared }
    }

    /// Its port on the loopback address.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Changes what happens from now on.
    pub fn set(&self, mode: Mode) {
        *self.shared.mode.lock().unwrap_or_else(PoisonError::into_inner) = mode;
    }

    /// Sends on what was held back, and answers what the server says to it.
    ///
    /// # Panics
    /// Nothing was held back.
    #[must_use]
    pub fn release(&self) -> String {
        let (mut server, bytes) = self.shared.held.lock().unwrap().pop().expect("nothing was held back");
        server.write_all(&bytes).unwrap();
        // The end of what the client sends, after which the server closes.
        server.shutdown(Shutdown::Write).unwrap();
        let deadline = Instant::now() + WITHIN;
        loop {
            if let Some(heard) = self.shared.heard.lock().unwrap().take() {
                return String::from_utf8_lossy(&heard).into_owned();
            }
            assert!(Instant::now() < deadline, "the server does not end what was held back");
            pause();
        }
    }

    /// Whether anything is held back.
    #[must_use]
    pub fn is_holding(&self) -> bool {
        !self.shared.held.lock().unwrap().is_empty()
    }

    /// Waits until something is held back.
    ///
    /// # Panics
    /// Nothing ever is.
    pub fn wait_for_held(&self) {
        let deadline = Instant::now() + WITHIN;
        while !self.is_holding() {
            assert!(Instant::now() < deadline, "nothing is held back");
            pause();
        }
    }
}

impl Shared {
    fn mode(&self) -> Mode {
        *self.mode.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The mode, once it is one in which anything passes.
    fn passing_mode(&self) -> Mode {
        loop {
            match self.mode() {
                Mode::Silent => pause(),
                other => return other,
            }
        }
    }

    fn serve(self: Arc<Self>, client: TcpStream) {
        let Ok(server) = TcpStream::connect(("127.0.0.1", self.target)) else { return };
        let (Ok(to_client), Ok(from_server)) = (client.try_clone(), server.try_clone()) else { return };
        let answers = Arc::new(Mutex::new(Answers::Pass));
        let (shared, fate) = (Arc::clone(&self), Arc::clone(&answers));
        thread::spawn(move || shared.answers(from_server, to_client, &fate));
        self.questions(client, server, &answers);
    }

    fn questions(&self, mut client: TcpStream, mut server: TcpStream, answers: &Mutex<Answers>) {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(length @ 1..) = client.read(&mut buffer) {
            let bytes = &buffer[..length];
            let is_commit = holds(bytes, WRITES);
            match self.passing_mode() {
                Mode::LoseAnswer if is_commit => *answers.lock().unwrap() = Answers::Lost,
                Mode::LoseCommit if is_commit => break,
                Mode::HoldCommit if is_commit => {
                    *answers.lock().unwrap() = Answers::Kept;
                    self.held.lock().unwrap().push((server, bytes.to_vec()));
                    let _cut = client.shutdown(Shutdown::Both);
                    return;
                }
                _ => {}
            }
            if server.write_all(bytes).is_err() {
                break;
            }
        }
        let _closed = (client.shutdown(Shutdown::Both), server.shutdown(Shutdown::Both));
    }

    fn answers(&self, mut server: TcpStream, mut client: TcpStream, answers: &Mutex<Answers>) {
        let (mut buffer, mut kept) = (vec![0; 1 << 16], Vec::new());
        while let Ok(length @ 1..) = server.read(&mut buffer) {
            self.passing_mode();
            let bytes = &buffer[..length];
            let fate = *answers.lock().unwrap();
            match fate {
                Answers::Pass if client.write_all(bytes).is_err() => break,
                Answers::Lost if holds(bytes, COMMITTED) => break,
                Answers::Kept => kept.extend_from_slice(bytes),
                Answers::Pass | Answers::Lost => {}
            }
        }
        if *answers.lock().unwrap() == Answers::Kept {
            *self.heard.lock().unwrap() = Some(kept);
        }
        let _closed = client.shutdown(Shutdown::Both);
    }
}

fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}
