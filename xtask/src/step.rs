//! A named piece of work, its timing, and the summary that ends every run.
//!
//! It must not know what the steps do.

use std::time::{Duration, Instant};

use crate::workspace::Workspace;

/// Nothing to say, or the sentence that says why it failed.
pub(crate) type Outcome = Result<(), String>;

/// One entry of the list in [`crate::steps`].
#[derive(Clone, Copy)]
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) purpose: &'static str,
    pub(crate) run: fn(&Workspace) -> Outcome,
}

/// How one step went.
pub(crate) struct Report {
    name: &'static str,
    took: Duration,
    outcome: Outcome,
}

/// Runs the steps one after the other; a failed one does not stop the next.
pub(crate) fn run_all(workspace: &Workspace, steps: &[Step]) -> bool {
    let results: Vec<Report> = steps.iter().map(|step| run_one(workspace, step)).collect();
    println!("\n{}", summary(&results));
    results.iter().all(|result| result.outcome.is_ok())
}

fn run_one(workspace: &Workspace, step: &Step) -> Report {
    println!("\n== {}: {}", step.name, step.purpose);
    let start = Instant::now();
    let outcome = (step.run)(workspace);
    let took = start.elapsed();
    match &outcome {
        Ok(()) => println!("== {}: passed in {}", step.name, seconds(took)),
        Err(reason) => println!("== {}: FAILED in {}: {reason}", step.name, seconds(took)),
    }
    Report { name: step.name, took, outcome }
}

/// A line for each step, and last the counts alone on a line.
fn summary(results: &[Report]) -> String {
    let mut lines = Vec::with_capacity(results.len() + 1);
    for result in results {
        let verdict = if result.outcome.is_ok() { "passed" } else { "FAILED" };
        lines.push(format!("  {verdict}  {:>8}  {}", seconds(result.took), result.name));
    }
    let failed = results.iter().filter(|result| result.outcome.is_err()).count();
    lines.push(format!("steps: {} passed, {failed} failed", results.len() - failed));
    lines.join("\n")
}

fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_counts_what_failed() {
        let took = Duration::from_millis(1500);
        let results = [
            Report { name: "one", took, outcome: Ok(()) },
            Report { name: "two", took, outcome: Err("broken".into()) },
        ];
        let text = summary(&results);
        assert!(text.contains("FAILED     1.5 s  two"), "{text}");
        assert_eq!(text.lines().last(), Some("steps: 1 passed, 1 failed"));
    }

    #[test]
    fn a_failed_step_does_not_stop_the_next_but_fails_the_run() {
        let workspace = Workspace::locate();
        let steps = [
            Step { name: "red", purpose: "fails", run: |_| Err("on purpose".into()) },
            Step { name: "green", purpose: "passes", run: |_| Ok(()) },
        ];
        assert!(!run_all(&workspace, &steps));
        assert!(run_all(&workspace, &steps[1..]));
    }
}
