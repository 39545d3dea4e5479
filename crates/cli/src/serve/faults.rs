//! Why a server does not start, in words that say what to do.

use linkspan_server::StartError;
use linkspan_store_postgres::OpenError as PostgresError;
use linkspan_store_sqlite::OpenError;

use crate::failure::{Exit, Failure};

/// The database can't be opened.
pub(super) fn of_open(error: &OpenError) -> Failure {
    match error {
        OpenError::InUse { holder, .. } => {
            let who = holder.map_or_else(|| "the other server".to_owned(), |pid| format!("process {pid}"));
            let way_on = format!("stop {who}, or give this one another directory with --data-dir");
            Failure::new(Exit::Conflict, error.to_string()).hint(way_on)
        }
        OpenError::Newer { .. } => Failure::new(Exit::Conflict, error.to_string()),
        OpenError::Damaged { .. } | OpenError::Foreign { .. } => Failure::failed(error.to_string())
            .hint("`linkspan db check` says more; `linkspan db restore` takes a backup"),
        _ => Failure::failed(error.to_string()),
    }
}

/// The database that nodes share can't be opened.
pub(crate) fn of_open_postgres(error: &PostgresError) -> Failure {
    let text = error.to_string();
    match error {
        PostgresError::Location(_) => Failure::usage(text),
        PostgresError::Unreachable { .. } => {
            Failure::failed(text).hint("is the server up, and do host, port, user and sslmode in --database fit it?")
        }
        PostgresError::Newer { .. } => Failure::new(Exit::Conflict, text),
        PostgresError::Foreign { .. } => {
            Failure::new(Exit::Conflict, text).hint("name another schema: postgres://…?schema=NAME")
        }
        PostgresError::Exists { .. } | PostgresError::Unfinished { .. } => Failure::new(Exit::Conflict, text),
        PostgresError::Empty { .. } => Failure::new(Exit::NotFound, text),
        PostgresError::Forbidden { .. } => Failure::new(Exit::Refused, text),
        _ => Failure::failed(text),
    }
}

/// The listeners can't be started.
pub(super) fn of_start(error: &StartError) -> Failure {
    let StartError::Listen { address, cause } = error else { return Failure::failed(error.to_string()) };
    match cause.kind() {
        std::io::ErrorKind::AddrInUse => {
            Failure::new(Exit::Conflict, format!("{address} is in use by another program"))
                .hint("give this one another address: --listen, --tls-listen or --metrics-listen")
        }
        std::io::ErrorKind::PermissionDenied => {
            Failure::new(Exit::Refused, error.to_string()).hint("ports below 1024 are the system's: choose another one")
        }
        _ => Failure::failed(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_in_use_is_told_with_the_flags_that_help() {
        let cause = std::io::ErrorKind::AddrInUse.into();
        let failure = of_start(&StartError::Listen { address: "127.0.0.1:8781".parse().unwrap(), cause });
        assert_eq!(failure.exit(), Exit::Conflict);
        let text = failure.text();
        assert!(text.contains("127.0.0.1:8781 is in use") && text.contains("--metrics-listen"), "{text}");
    }

    #[test]
    fn a_directory_in_use_names_the_process() {
        let failure = of_open(&OpenError::InUse { path: "d/linkspan.db".into(), holder: Some(7) });
        let text = failure.text();
        assert!(text.contains("in use by process 7") && text.contains("stop process 7"), "{text}");
    }
}
