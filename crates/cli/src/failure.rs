//! Why a command did not do what it was asked, and what the shell is told.

use std::process::ExitCode;

use linkspan_client::{ClientError, FailureKind};
use serde::Serialize;

/// What the shell is told; documented in `docs/cli.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 1: anything that has no code of its own.
    Failed = 1,
    /// 2: the command line or a configuration is wrong; nothing was done.
    Usage = 2,
    /// 3: there is no such thing.
    NotFound = 3,
    /// 4: the credentials are missing or wrong, or do not allow it.
    Refused = 4,
    /// 5: it exists already, or its state forbids it.
    Conflict = 5,
    /// 6: the server is out of reach or overloaded, or time ran out.
    Unavailable = 6,
    /// 7: a diagnosis was made, and the address can't be reached.
    Unreachable = 7,
}

impl Exit {
    /// Every code but 0, with what it means, for the documentation.
    pub(crate) const ALL: [(Self, &'static str); 7] = [
        (Self::Failed, "it failed for a reason that has no code of its own"),
        (Self::Usage, "the command line or a configuration is wrong; nothing was done"),
        (Self::NotFound, "there is no such thing"),
        (Self::Refused, "the credentials are missing or wrong, or do not allow it"),
        (Self::Conflict, "it exists already, or its state forbids it"),
        (Self::Unavailable, "the server is out of reach or overloaded, or time ran out"),
        (Self::Unreachable, "a diagnosis was made, and the address can't be reached"),
    ];

    /// The word for programs.
    fn word(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Usage => "usage",
            Self::NotFound => "not_found",
            Self::Refused => "refused",
            Self::Conflict => "conflict",
            Self::Unavailable => "unavailable",
            Self::Unreachable => "unreachable",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Why a command did not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Failure {
    exit: Exit,
    message: String,
    hint: Option<String>,
    answer: Option<Answered>,
}

/// What the server said.
#[derive(Debug, Clone, Serialize)]
struct Answered {
    status: u16,
    code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
}

/// A failure as programs read it.
#[derive(Serialize)]
struct Written<'a> {
    error: Body<'a>,
}

#[derive(Serialize)]
struct Body<'a> {
    kind: &'static str,
    exit_code: u8,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none", flatten)]
    answer: Option<&'a Answered>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), hint: None, answer: None }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self::new(Exit::Failed, message)
    }

    /// The failure with what to do about it.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(crate) fn has_hint(&self) -> bool {
        self.hint.is_some()
    }

    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }

    /// For people.
    pub(crate) fn text(&self) -> String {
        let mut text = format!("error: {}", self.message);
        if let Some(request_id) = self.answer.as_ref().and_then(|answer| answer.request_id.as_ref()) {
            text.push_str(&format!("\n  request id: {request_id}"));
        }
        if let Some(hint) = &self.hint {
            text.push_str(&format!("\n  hint: {hint}"));
        }
        text
    }

    /// For programs: one object with the member `error`.
    pub(crate) fn written(&self) -> impl Serialize {
        Written {
            error: Body {
                kind: self.exit.word(),
                exit_code: self.exit as u8,
                message: &self.message,
                hint: self.hint.as_deref(),
                answer: self.answer.as_ref(),
            },
        }
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        let exit = match (error.kind(), &error) {
            (_, ClientError::Config(_) | ClientError::Unsendable(_)) => Exit::Usage,
            (FailureKind::NotFound, _) => Exit::NotFound,
            (FailureKind::Refused, _) => Exit::Refused,
            (FailureKind::Conflict, _) => Exit::Conflict,
            (FailureKind::Unavailable, _) => Exit::Unavailable,
            (FailureKind::Other, _) => Exit::Failed,
        };
        let answer = error.api().map(|failure| Answered {
            status: failure.status,
            code: failure.code.clone(),
            request_id: failure.request_id.clone(),
        });
        Self { exit, message: error.to_string(), hint: None, answer }
    }
}

#[cfg(test)]
mod tests {
    use linkspan_client::ApiFailure;

    use super::*;

    fn of_api(status: u16, code: &str) -> Failure {
        let request_id = Some("0123".to_owned());
        let (code, message) = (code.to_owned(), "why".to_owned());
        ClientError::Api(ApiFailure { status, code, message, request_id, retry_after: None }).into()
    }

    #[test]
    fn every_kind_has_its_exit_code() {
        let codes = [(404, "DLI.0001"), (401, "APIGW.0301"), (400, "DLI.0006"), (503, "APIGW.0201"), (400, "DLI.0001")];
        let exits = codes.map(|(status, code)| of_api(status, code).exit() as u8);
        assert_eq!(exits, [3, 4, 5, 6, 1]);
        assert_eq!(Failure::from(ClientError::Config("x".into())).exit(), Exit::Usage);
        assert!(Exit::ALL.iter().enumerate().all(|(index, (exit, _))| *exit as usize == index + 1));
    }

    #[test]
    fn both_forms_hold_the_same() {
        let failure = of_api(404, "DLI.0001").hint("list them");
        assert_eq!(failure.text(), "error: why (DLI.0001, HTTP 404)\n  request id: 0123\n  hint: list them");
        assert_eq!(
            serde_json::to_string(&failure.written()).unwrap(),
            r#"{"error":{"kind":"not_found","exit_code":3,"message":"why (DLI.0001, HTTP 404)","hint":"list them","status":404,"code":"DLI.0001","request_id":"0123"}}"#
        );
        let bare = serde_json::to_string(&Failure::usage("no").written()).unwrap();
        assert_eq!(bare, r#"{"error":{"kind":"usage","exit_code":2,"message":"no"}}"#);
    }
}
