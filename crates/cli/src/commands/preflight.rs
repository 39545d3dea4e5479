//! What `--dry-run` prints.

use linkspan_client::{ApiFailure, ClientError, ProjectClient};
use linkspan_wire::own::{
    PeerKind, PreflightAnswer, PreflightFinding, PreflightPeer, PreflightRequest, PreflightSeverity, PreflightVerdict,
};
use serde::Serialize;

use crate::failure::Failure;
use crate::output::{Cell, Output, Row, printable};

/// Asks what a call would meet, prints it, and fails as the call would.
pub(crate) async fn run(project: &ProjectClient, request: &PreflightRequest, output: &Output) -> Result<(), Failure> {
    let answer = project.preflight(request).await?;
    let end = end(&answer);
    output.one(&AnswerRow(answer))?;
    end
}

/// A refusal ends as that of the call itself does.
fn end(answer: &PreflightAnswer) -> Result<(), Failure> {
    if let Some(refusal) = &answer.refusal {
        let (code, message) = (refusal.error_code.clone(), refusal.error_msg.clone());
        let failure = ApiFailure { status: refusal.status, code, message, request_id: None, retry_after: None };
        return Err(ClientError::Api(failure).into());
    }
    let bad = answer.peers.iter().filter(|peer| !peer.ok).count();
    if bad > 0 {
        return Err(Failure::failed(format!("{bad} of {} peers would fail", answer.peers.len())));
    }
    Ok(())
}

/// An answer as it is printed.
#[derive(Serialize)]
#[serde(transparent)]
struct AnswerRow(PreflightAnswer);

impl Row for AnswerRow {
    const PLURAL: &'static str = "answers";
    const COLUMNS: &'static [(&'static str, bool)] = &[("VERDICT", false)];

    fn name(&self) -> String {
        verdict(self.0.verdict).to_owned()
    }

    fn cells(&self, _wide: bool, _now: i64) -> Vec<Cell> {
        vec![self.name().into()]
    }

    fn line(&self) -> Option<String> {
        let answer = &self.0;
        let mut lines = vec![sentence(answer)];
        lines.extend(answer.peers.iter().map(peer_line));
        lines.extend(answer.findings.iter().map(finding_line));
        Some(lines.join("\n"))
    }
}

fn verdict(verdict: PreflightVerdict) -> &'static str {
    match verdict {
        PreflightVerdict::Ready => "ready",
        PreflightVerdict::Cautioned => "cautioned",
        PreflightVerdict::Fails => "fails",
        PreflightVerdict::Refused => "refused",
    }
}

fn sentence(answer: &PreflightAnswer) -> String {
    let what = match answer.verdict {
        PreflightVerdict::Ready => "nothing stands against it",
        PreflightVerdict::Cautioned => "it would be carried out; there is something to know",
        PreflightVerdict::Fails => "it would be accepted, but not every peer could be made",
        PreflightVerdict::Refused => "it would be refused",
    };
    format!("Dry run, nothing was made: {what}.")
}

fn peer_line(peer: &PreflightPeer) -> String {
    let cidr = peer.cidr.map(|cidr| format!(" ({cidr})")).unwrap_or_default();
    let mark = if peer.ok { "ok    " } else { "fails " };
    format!("  {mark} {}{cidr}", named(peer.kind, &peer.name))
}

fn finding_line(finding: &PreflightFinding) -> String {
    let severity = match finding.severity {
        PreflightSeverity::Error => "error",
        PreflightSeverity::Warning => "warning",
    };
    let about = finding.peer.as_ref().map(|peer| format!("{}: ", named(peer.kind, &peer.name))).unwrap_or_default();
    format!("  {severity}: {about}{}", printable(&finding.text))
}

fn named(kind: PeerKind, name: &str) -> String {
    let kind = match kind {
        PeerKind::Queue => "queue",
        PeerKind::ElasticResourcePool => "pool",
    };
    format!("{kind} {}", printable(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Exit;

    fn answer(text: &str) -> AnswerRow {
        AnswerRow(serde_json::from_str(text).unwrap())
    }

    #[test]
    fn peers_and_what_stands_against_them() {
        let row = answer(
            r#"{"verdict":"fails","peers":[{"kind":"queue","name":"q","cidr":"10.0.0.0/24","ok":false},
            {"kind":"elastic_resource_pool","name":"p","cidr":null,"ok":true}],"findings":[
            {"severity":"error","code":"overlap","peer":{"kind":"queue","name":"q"},"text":"CIDR 10.0.0.0/24 overlaps."},
            {"severity":"warning","code":"unknown_network","text":"Nobody knows."}]}"#,
        );
        insta::assert_snapshot!(row.line().unwrap());
        let failure = end(&row.0).unwrap_err();
        assert_eq!((failure.exit(), failure.text().as_str()), (Exit::Failed, "error: 1 of 2 peers would fail"));
    }

    #[test]
    fn a_refusal_ends_as_the_call_would() {
        let refused = |status: u16, code: &str| {
            let text = format!(
                r#"{{"verdict":"refused","refusal":{{"status":{status},"error_code":"{code}","error_msg":"why"}},"peers":[],"findings":[]}}"#
            );
            let row = answer(&text);
            (end(&row.0).unwrap_err().exit(), row.line().unwrap())
        };
        let line = "Dry run, nothing was made: it would be refused.";
        assert_eq!(refused(400, "DLI.0002"), (Exit::NotFound, line.into()));
        assert_eq!(refused(400, "DLI.0006"), (Exit::Conflict, line.into()));
    }

    #[test]
    fn what_is_ready_ends_well() {
        let row = answer(r#"{"verdict":"ready","peers":[],"findings":[]}"#);
        assert!(end(&row.0).is_ok());
        assert_eq!(row.cells(true, 1).len(), AnswerRow::COLUMNS.len());
        assert_eq!(row.name(), "ready");
    }
}
