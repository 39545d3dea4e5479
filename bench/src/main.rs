//! Benchmarks: ratios against a reference in the same run. See `docs/performance.md`.

mod data;
mod in_process;

fn main() {
    let name = std::env::args().nth(1).unwrap_or_else(|| "in-process".into());
    match name.as_str() {
        "in-process" => in_process::run(),
        other => {
            eprintln!("unknown benchmark {other}");
            std::process::exit(2);
        }
    }
}
