//! What captures are answered with here, where that is not what the stub answered: the table that the suite of the wire
//! uses too.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::captures::{Capture, compat_folder};
use super::pipe::Answered;
use super::shape;

/// `compat/replay/expectations.json`.
#[derive(Deserialize)]
pub(super) struct Expectations {
    judged: BTreeMap<String, Judged>,
    terraform_judged: BTreeMap<String, Judged>,
    unpublished_labels: Vec<String>,
    terraform_unpublished_paths: Vec<String>,
    never_labels: BTreeMap<String, String>,
    not_in_the_contract: BTreeMap<String, Beyond>,
    not_empty: BTreeMap<String, String>,
}

/// Another answer than the stub's; the file says why.
#[derive(Deserialize)]
struct Judged {
    status: u16,
    error_code: Option<String>,
}

/// What the stub answered beyond the contract; the file says why.
#[derive(Deserialize)]
struct Beyond {
    fields: Vec<String>,
}

impl Expectations {
    pub(super) fn load() -> Self {
        let path = compat_folder().join("replay/expectations.json");
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    }

    /// What is wrong with the answer to a capture of the Python SDK.
    pub(super) fn faults_of_python(&self, capture: &Capture, answer: &Answered) -> Vec<String> {
        if self.never_labels.contains_key(&capture.label) || self.unpublished_labels.contains(&capture.label) {
            return nowhere_faults(answer);
        }
        let mut sample = capture.answer.clone();
        if let (Some(sample), Some(beyond)) = (sample.as_object_mut(), self.not_in_the_contract.get(&capture.key)) {
            sample.retain(|name, _| !beyond.fields.contains(name));
        }
        let mut faults = faults(self.judged.get(&capture.key), (capture.status, &sample), answer);
        if let Some(list) = self.not_empty.get(&capture.key)
            && answer.json()[list].as_array().is_none_or(Vec::is_empty)
        {
            faults.push(format!("{list} is empty"));
        }
        faults
    }

    /// Whether a capture of the Terraform provider calls what is not published yet.
    pub(super) fn is_unpublished(&self, capture: &Capture) -> bool {
        self.terraform_unpublished_paths.iter().any(|part| capture.target.contains(part))
    }

    /// What is wrong with the answer to a capture of the Terraform provider.
    pub(super) fn faults_of_terraform(&self, capture: &Capture, answer: &Answered) -> Vec<String> {
        if self.is_unpublished(capture) {
            return nowhere_faults(answer);
        }
        faults(self.terraform_judged.get(&capture.key), (capture.status, &capture.answer), answer)
    }
}

/// As any unknown path is answered.
fn nowhere_faults(answer: &Answered) -> Vec<String> {
    judged_faults(&Judged { status: 404, error_code: Some("APIGW.0101".into()) }, answer)
}

fn faults(judged: Option<&Judged>, (status, sample): (u16, &Value), answer: &Answered) -> Vec<String> {
    match judged {
        Some(judged) if judged.error_code.is_some() => judged_faults(judged, answer),
        Some(judged) => shape_faults((judged.status, sample), answer),
        None => shape_faults((status, sample), answer),
    }
}

fn judged_faults(judged: &Judged, answer: &Answered) -> Vec<String> {
    let mut faults = status_faults(judged.status, answer);
    let code = answer.json()["error_code"].as_str().map(str::to_owned);
    if code != judged.error_code {
        faults.push(format!("the code is {code:?} and should be {:?}", judged.error_code));
    }
    faults
}

fn shape_faults((status, sample): (u16, &Value), answer: &Answered) -> Vec<String> {
    let mut faults = status_faults(status, answer);
    faults.extend(shape::differences(sample, &answer.json()));
    faults
}

fn status_faults(expected: u16, answer: &Answered) -> Vec<String> {
    let mut faults = Vec::new();
    if answer.status != expected {
        faults.push(format!("the status is {} and should be {expected}", answer.status));
    }
    if answer.header("x-request-id").is_none_or(|id| id.len() != 32) {
        faults.push("there is no X-Request-Id".into());
    }
    if !answer.body.is_empty() && answer.header("content-type").is_none_or(|value| value != "application/json") {
        faults.push("it is not application/json".into());
    }
    faults
}
