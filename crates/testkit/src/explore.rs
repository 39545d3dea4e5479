//! Runs a property on random inputs, the same ones every time.
//!
//! The seed is fixed so that a green run stays green; `PROPTEST_RNG_SEED` explores others and `PROPTEST_CASES` more.
//! A failure prints the seed and the smallest input that still fails.

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngSeed, TestError, TestRunner, contextualize_config};

/// Tries `cases` inputs unless the environment says otherwise; a panic of `test` is a failure.
///
/// # Panics
/// An input fails.
pub fn explore<S: Strategy>(cases: u32, strategy: &S, test: impl Fn(S::Value)) {
    let config = contextualize_config(Config {
        cases,
        rng_seed: RngSeed::Fixed(0x11_45_9A),
        failure_persistence: None,
        max_shrink_iters: 4000,
        max_shrink_time: 20_000,
        ..Config::default()
    });
    let (seed, cases) = (config.rng_seed, config.cases);
    let outcome = TestRunner::new(config).run(strategy, |input| {
        test(input);
        Ok(())
    });
    match outcome {
        Ok(()) => {}
        Err(TestError::Abort(why)) => panic!("PROPTEST_RNG_SEED={seed} PROPTEST_CASES={cases} gave up: {why}"),
        Err(TestError::Fail(why, input)) => {
            panic!("PROPTEST_RNG_SEED={seed} PROPTEST_CASES={cases} fails: {why}\nsmallest input: {input:?}")
        }
    }
}
