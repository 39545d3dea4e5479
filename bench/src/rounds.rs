//! Comparisons in paired rounds: every contender is started afresh in every round, one after the other, so that
//! whatever else the machine does meets all of them. The median of the rounds' ratios counts.
//!
//! What other programs used of the processors is known for every round; while there are too few quiet rounds, more are
//! run, and the quietest count.

use crate::arguments::Bench;
use crate::contender::Contender;
use crate::outcome::Outcome;
use crate::process::{Bystanders, QUIET, quiet_moment};
use crate::quantities::{figure, median, range};
use crate::wrk::{self, Counted, Load};

const WARM_UP_SECONDS: u64 = 1;
/// How far the mean length of answers may be from the expected one: pages differ a little, and wrk cuts off the last.
const LENGTH_TOLERANCE: f64 = 0.03;

/// Most rounds for one that counts, and most that may go wrong.
const TRIES: usize = 3;

/// What one contender did in one round.
#[derive(Debug, Clone, Copy)]
pub struct Measured {
    pub counted: Counted,
    /// Processor time a request, in microseconds: in the program, and in the kernel.
    pub user_us: f64,
    pub system_us: f64,
    pub rss_kib: u64,
    /// How much of its core the server used.
    pub utilisation: f64,
    /// Processors that neither server nor load used, but somebody did.
    pub foreign: f64,
}

impl Measured {
    pub fn cpu_us(&self) -> f64 {
        self.user_us + self.system_us
    }

    pub fn per_second(&self) -> f64 {
        self.counted.requests as f64 / self.counted.seconds
    }
}

/// The load of a comparison.
#[derive(Clone, Copy)]
pub struct Pressure {
    pub connections: usize,
    /// Bytes of an answer, head included.
    pub answer_bytes: usize,
}

/// Everything that one contender did, a value a round.
pub struct Series(pub Vec<Measured>);

impl Series {
    pub fn median(&self, of: impl Fn(&Measured) -> f64) -> f64 {
        median(&self.0.iter().map(of).collect::<Vec<_>>())
    }

    /// Reference ÷ this in every round: 1 = as good, less = worse.
    pub fn ratios(&self, reference: &Self, of: impl Fn(&Measured) -> f64) -> Vec<f64> {
        reference.0.iter().zip(&self.0).map(|(reference, own)| of(reference) / of(own)).collect()
    }
}

/// Median and range of ratios, as text.
pub fn ratio_text(ratios: &[f64]) -> String {
    let (low, high) = range(ratios);
    format!("**{}** ({}–{})", figure(median(ratios)), figure(low), figure(high))
}

/// Runs rounds until enough of them were quiet, or too many were run; then the quietest count. `foreign` tells how many
/// processors other programs used in one.
pub fn quietest<T>(
    bench: &Bench,
    foreign: impl Fn(&T) -> f64,
    mut once: impl FnMut(usize) -> Outcome<T>,
) -> Outcome<Vec<T>> {
    let mut rounds: Vec<T> = Vec::new();
    let (mut tried, mut spoilt) = (0, 0);
    let is_quiet = |round: &&T| foreign(round) <= QUIET;
    while rounds.iter().filter(is_quiet).count() < bench.rounds && tried < TRIES * bench.rounds {
        match once(tried) {
            Ok(round) => rounds.push(round),
            Err(fault) if spoilt < TRIES => {
                spoilt += 1;
                println!("  a round is rejected: {fault}");
            }
            Err(fault) => return Err(fault),
        }
        tried += 1;
    }
    rounds.sort_by(|one, other| foreign(one).total_cmp(&foreign(other)));
    rounds.truncate(bench.rounds);
    let loudest = figure(rounds.last().map_or(0.0, &foreign));
    println!("  others used at most {loudest} processors in the {} rounds that count", rounds.len());
    Ok(rounds)
}

/// Runs the rounds; the order of the contenders turns around from round to round.
pub fn run(bench: &Bench, contenders: &[Contender<'_>], pressure: Pressure) -> Outcome<Vec<Series>> {
    let loudest = |round: &Vec<Measured>| round.iter().map(|measured| measured.foreign).fold(0.0, f64::max);
    let rounds = quietest(bench, loudest, |n| once(bench, contenders, (pressure, n % 2 == 1)))?;
    let of = |place: usize| Series(rounds.iter().filter_map(|round| round.get(place).copied()).collect());
    let series: Vec<Series> = (0..contenders.len()).map(of).collect();
    for (contender, series) in contenders.iter().zip(&series) {
        let cpu = figure(series.median(Measured::cpu_us));
        println!("  {}: {cpu} µs, {} a second", contender.name, figure(series.median(Measured::per_second)));
    }
    Ok(series)
}

/// One round, forwards or backwards.
fn once(
    bench: &Bench,
    contenders: &[Contender<'_>],
    (pressure, is_backwards): (Pressure, bool),
) -> Outcome<Vec<Measured>> {
    if !is_backwards {
        return contenders.iter().map(|contender| one(bench, contender, pressure)).collect();
    }
    let mut round: Vec<_> =
        contenders.iter().rev().map(|contender| one(bench, contender, pressure)).collect::<Outcome<_>>()?;
    round.reverse();
    Ok(round)
}

/// One contender in one round.
pub fn one(bench: &Bench, contender: &Contender<'_>, pressure: Pressure) -> Outcome<Measured> {
    let live = contender.start(bench)?;
    let script = bench.work.join("requests.lua");
    std::fs::write(&script, wrk::script(&contender.requests(live.address())?))?;
    let load = |seconds| Load { address: live.address(), connections: pressure.connections, seconds, script: &script };
    quiet_moment(bench.patience());
    load(WARM_UP_SECONDS).run()?;
    let (before, bystanders) = (live.usage()?, Bystanders::watch()?);
    let counted = load(bench.seconds).run()?;
    let after = live.usage()?;
    let own = after.user + after.system - before.user - before.system;
    let foreign = bystanders.seconds(own)? / counted.seconds;
    live.stop()?;
    let mean_bytes = counted.bytes as f64 / counted.requests as f64;
    if (mean_bytes / pressure.answer_bytes as f64 - 1.0).abs() > LENGTH_TOLERANCE {
        let expected = pressure.answer_bytes;
        return Err(format!("{}: answers have {mean_bytes:.0} bytes, not {expected}", contender.name).into());
    }
    let requests = counted.requests as f64;
    let (user, system) = (after.user - before.user, after.system - before.system);
    Ok(Measured {
        counted,
        user_us: user * 1e6 / requests,
        system_us: system * 1e6 / requests,
        rss_kib: after.rss_kib,
        utilisation: (user + system) / counted.seconds,
        foreign,
    })
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::arguments::Arguments;

    fn bench() -> Bench {
        Arguments::try_parse_from(["linkspan-bench", "--rounds", "2", "report"]).unwrap().bench
    }

    #[test]
    fn the_quietest_rounds_count() {
        let noise = [0.9, 0.05, 0.5, 0.01, 0.7];
        let rounds = quietest(&bench(), |round| *round, |n| Ok(noise[n])).unwrap();
        assert_eq!(rounds, [0.01, 0.05], "it ends with the second quiet one");
        let rounds = quietest(&bench(), |round| *round, |n| Ok(1.0 + n as f64)).unwrap();
        assert_eq!(rounds, [1.0, 2.0], "it gives up after three times as many");
    }

    #[test]
    fn spoilt_rounds_are_rejected_and_many_end_the_case() {
        let rounds = quietest(&bench(), |_| 0.0, |n| if n == 0 { Err("spoilt".into()) } else { Ok(n) }).unwrap();
        assert_eq!(rounds, [1, 2]);
        assert!(quietest(&bench(), |_: &usize| 0.0, |_| Err("spoilt".into())).is_err());
    }
}
