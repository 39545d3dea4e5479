//! A result whose fault is a sentence for the person who started the benchmark.

/// What a step of a benchmark gives, or why there is none.
pub type Outcome<T> = Result<T, Box<dyn std::error::Error>>;
