use std::io;

use linkspan_plane::PlaneError;
use nix::errno::Errno;

/// What went wrong below the trait. Its text is for the log; a person gets a [`PlaneError`].
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// The kernel refused something.
    #[error("cannot {what}: {errno}")]
    Kernel {
        /// What was asked of it, in the infinitive.
        what: Box<str>,
        /// Its answer.
        errno: Errno,
    },
    /// `nft` refused something, or could not be started.
    #[error("nft {0}")]
    Rules(Box<str>),
    /// The kernel or `nft` said something that has no meaning here.
    #[error("cannot read what {0}")]
    Unreadable(Box<str>),
    /// What is there contradicts what is wanted, or time must pass: already in words for a person.
    #[error("{0}")]
    Plane(#[from] PlaneError),
    /// The caller went away before the work began.
    #[error("nobody waits for it any more")]
    Dropped,
    /// A test let the work end here, as a crash would.
    #[error("ended on purpose before: {0}")]
    Ended(&'static str),
}

pub(crate) type Outcome<T> = Result<T, Fault>;

impl Fault {
    pub(crate) fn kernel(what: impl Into<Box<str>>, errno: Errno) -> Self {
        Self::Kernel { what: what.into(), errno }
    }

    pub(crate) fn io(what: impl Into<Box<str>>, error: &io::Error) -> Self {
        let errno = error.raw_os_error().map_or(Errno::UnknownErrno, Errno::from_raw);
        Self::Kernel { what: what.into(), errno }
    }

    /// Whether the kernel said that it may not be done.
    pub(crate) fn is_denied(&self) -> bool {
        matches!(self, Self::Kernel { errno: Errno::EPERM | Errno::EACCES, .. })
    }
}

/// The cause is logged here, once; what the caller gets names what was attempted and no driver's text.
impl From<Fault> for PlaneError {
    fn from(fault: Fault) -> Self {
        if !matches!(fault, Fault::Plane(_) | Fault::Dropped) {
            tracing::warn!(%fault, "the host's networks could not be changed or read");
        }
        let denied = fault.is_denied();
        match fault {
            Fault::Plane(error) => error,
            Fault::Kernel { what, .. } if denied => Self::Denied(
                format!("this process may not {what}; it needs CAP_NET_ADMIN and CAP_SYS_ADMIN on this host").into(),
            ),
            Fault::Kernel { what, .. } => Self::retry(format!("this host could not {what}")),
            Fault::Rules(_) => Self::retry("the packet filter of this host refused the rules"),
            Fault::Unreadable(_) => Self::retry("the networks of this host could not be read"),
            Fault::Dropped | Fault::Ended(_) => Self::retry("the work was called off"),
        }
    }
}
