//! Every operation of the vendor against its golden sample in `compat/golden/samples`.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use super::captures::compat_folder;
use super::furniture::furnish;
use super::shape;
use super::world::{PROJECT_NAME, World};
use crate::ops::OPERATIONS;

/// When the samples are played, UTC: any time will do.
const NOW: i64 = 1_800_000_000_000;

#[derive(Deserialize)]
struct Sample {
    operation: String,
    request: Request,
    status: u16,
    answer: Value,
}

#[derive(Deserialize)]
struct Request {
    method: String,
    path: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: Value,
}

fn samples() -> Vec<Sample> {
    let folder = compat_folder().join("golden/samples");
    let mut paths: Vec<_> = folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let load = |path: &std::path::PathBuf| {
        let sample: Sample = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        assert_eq!(path.file_stem().unwrap().to_str().unwrap(), sample.operation);
        sample
    };
    paths.iter().map(load).collect()
}

#[test]
fn every_operation_of_the_vendor_has_a_sample_and_no_other() {
    let vendors = OPERATIONS.iter().filter(|operation| !operation.path.starts_with("/linkspan/"));
    let published: BTreeSet<&str> = vendors.map(|operation| operation.name).collect();
    let samples = samples();
    let described: BTreeSet<&str> = samples.iter().map(|sample| sample.operation.as_str()).collect();
    assert_eq!(described, published);
}

/// The sample goes where the operation is: same method, same path.
#[test]
fn a_sample_calls_its_operation() {
    for sample in samples() {
        let operation = OPERATIONS.iter().find(|operation| operation.name == sample.operation).unwrap();
        assert_eq!(sample.request.method, operation.method.as_str(), "{}", sample.operation);
        let path = sample.request.path.split('?').next().unwrap();
        let (ours, theirs): (Vec<_>, Vec<_>) = (operation.path.split('/').collect(), path.split('/').collect());
        assert_eq!(ours.len(), theirs.len(), "{path} and {}", operation.path);
        for (ours, theirs) in ours.iter().zip(theirs) {
            assert!(ours.starts_with('{') || *ours == theirs, "{path} and {}", operation.path);
        }
    }
}

#[tokio::test]
async fn every_answer_has_the_fields_of_its_sample() {
    let mut faults = Vec::new();
    for sample in samples() {
        let world = World::open(PROJECT_NAME, NOW).await;
        let names = furnish(&world).await;
        let body = filled(&sample.request.body, &names);
        let path = filled_text(&sample.request.path, &names);
        let fill = |(name, value): (&String, &String)| (name.clone(), filled_text(value, &names));
        let headers: Vec<_> = sample.request.headers.iter().map(fill).collect();
        let answer = world.attempt_with(&headers, (&sample.request.method, &path), &body).await;
        let mut found = shape::differences(&sample.answer, &answer.json());
        if answer.status != sample.status {
            found.push(format!("the status should be {}", sample.status));
        }
        let said = String::from_utf8_lossy(&answer.body);
        faults
            .extend(found.into_iter().map(|fault| format!("{}: {fault}: {} {said}", sample.operation, answer.status)));
        world.close().await;
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The value with every placeholder exchanged for what it stands for.
fn filled(value: &Value, names: &BTreeMap<&str, String>) -> Value {
    match value {
        Value::String(text) => Value::String(filled_text(text, names)),
        Value::Array(entries) => entries.iter().map(|entry| filled(entry, names)).collect(),
        Value::Object(fields) => {
            Value::Object(fields.iter().map(|(name, entry)| (name.clone(), filled(entry, names))).collect())
        }
        other => other.clone(),
    }
}

fn filled_text(text: &str, names: &BTreeMap<&str, String>) -> String {
    names.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}
