//! `docs/diagnosis.md` and its Chinese twin show every verdict and every fault that the tests put into real networks.
//! With `LINKSPAN_WRITE_DOCS=1` the test writes them; without, it fails if they differ.

use std::path::Path;
use std::time::Duration;

use linkspan_plane::conformance::samples;
use linkspan_plane::{Certainty, Finding, ProbeReport, ProbeSpec, Verdict};

use crate::faults::{CASES, Case};

#[test]
fn the_documents_show_what_the_tests_prove() {
    for (file, chinese) in [("docs/diagnosis.md", false), ("docs/diagnosis.zh-CN.md", true)] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        let renewed = replaced(&text, "verdicts", &verdicts(chinese));
        let renewed = replaced(&renewed, "faults", &faults(chinese));
        if std::env::var_os("LINKSPAN_WRITE_DOCS").is_some() {
            write(&path, &renewed);
        } else {
            let how = "run this test with LINKSPAN_WRITE_DOCS=1";
            assert!(text == renewed, "{file} is out of date; {how}");
        }
    }
}

#[test]
fn every_verdict_is_proved_by_a_fault() {
    for verdict in Verdict::ALL {
        assert!(CASES.iter().any(|case| case.verdict == verdict), "{verdict}");
    }
}

fn write(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
}

fn replaced(text: &str, marker: &str, body: &str) -> String {
    let (begin, end) = (format!("<!-- generated: {marker} -->\n"), format!("<!-- end: {marker} -->"));
    let (head, rest) = text.split_once(&begin).unwrap_or_else(|| panic!("no line {begin}"));
    let (_, tail) = rest.split_once(&end).unwrap_or_else(|| panic!("no line {end}"));
    format!("{head}{begin}\n{body}\n\n{end}{tail}")
}

/// Every verdict: where, who, what was found and what to do, in the words of a report, and what shows it.
fn verdicts(chinese: bool) -> String {
    let head = if chinese {
        "结论 | 环节 | 由谁处理 | 含义 | 应做的事 | 证据"
    } else {
        "verdict | stage | who | meaning | what to do | evidence"
    };
    let mut lines = vec![format!("| {head} |"), "|---|---|---|---|---|---|".to_owned()];
    for verdict in Verdict::ALL {
        let probe = ProbeSpec { limit: Duration::ZERO, ..samples::probe("etl", "kafka") };
        let report = ProbeReport::of(&probe, &Finding { verdict, peer: None, in_place: 1 }, None);
        let who = verdict.who().map_or("–".to_owned(), |who| format!("`{}`", who.as_str()));
        let what = report.act.map_or("–".to_owned(), |act| act.what);
        let of_verdict = CASES.iter().filter(|case| case.verdict == verdict && !case.seen.is_empty());
        let mut seen: Vec<String> = of_verdict.map(|case| format!("`{}`", case.seen)).collect();
        seen.dedup();
        let seen = if seen.is_empty() { "–".to_owned() } else { seen.join(", ") };
        let stage = verdict.stage().as_str();
        lines.push(format!("| `{verdict}` | {stage} | {who} | {} | {what} | {seen} |", report.summary));
    }
    lines.join("\n")
}

/// Every fault that the tests put into real networks, with what must come of it.
fn faults(chinese: bool) -> String {
    let head = if chinese {
        "注入的故障 | 如何注入 | 探测 | 结论 | 证据"
    } else {
        "fault | how it is made | tried | verdict | evidence"
    };
    let mut lines = vec![format!("| {head} |"), "|---|---|---|---|---|".to_owned()];
    lines.extend(CASES.iter().map(|case| row(case, chinese)));
    lines.join("\n")
}

fn row(case: &Case, chinese: bool) -> String {
    let name = if chinese { case.name.1 } else { case.name.0 };
    let quoted = |text: &str| if text.is_empty() { "–".to_owned() } else { format!("`{text}`") };
    let sure = match (case.certainty, chinese) {
        (Certainty::Proved, _) => "",
        (Certainty::Inferred, false) => " (inferred)",
        (Certainty::Inferred, true) => "（推断）",
    };
    let (fault, seen) = (quoted(case.fault), quoted(case.seen));
    format!("| {name} | {fault} | `{}` | `{}`{sure} | {seen} |", case.target, case.verdict)
}
