//! What the Terraform provider sent in one acceptance test: the whole life of a VPC, a subnet and a connection.

use super::captures::{self, Capture};
use super::expectations::Expectations;
use super::world::{PROJECT_NAME, World};

/// The id that the capture's answer made, to be made here too.
fn made_by(capture: &Capture) -> Option<&str> {
    let answer = &capture.answer;
    let is_create = capture.bytes.starts_with(b"POST ");
    let made = answer["vpc"]["id"].as_str().or_else(|| answer["subnet"]["id"].as_str());
    made.or_else(|| answer["connection_id"].as_str()).filter(|_| is_create)
}

#[tokio::test]
async fn the_whole_test_is_answered_as_over_the_wire() {
    let expectations = Expectations::load();
    let captures = captures::load("terraform-connection-resource.jsonl");
    assert_eq!(captures.len(), 61);
    let first = captures.iter().find_map(|capture| capture.signed_at).unwrap();
    let world = World::open(PROJECT_NAME, first).await;
    let mut faults = Vec::new();
    for capture in &captures {
        if let Some(now) = capture.signed_at {
            world.set_time(now);
        }
        if let Some(id) = made_by(capture).filter(|_| !expectations.is_unpublished(capture)) {
            world.plan_id(id);
        }
        let answer = world.exchange(&capture.bytes).await;
        let said = String::from_utf8_lossy(&answer.body).into_owned();
        let found = expectations.faults_of_terraform(capture, &answer);
        faults.extend(found.into_iter().map(|fault| format!("{}: {fault}: {} {said}", capture.key, answer.status)));
        assert!(
            world.has_used_its_plan(),
            "{} made nothing: {} {said}\n{}",
            capture.key,
            answer.status,
            faults.join("\n")
        );
    }
    world.close().await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
