//! Comparisons in paired rounds: every contender is started afresh in every round, one after the other, so that
//! whatever else the machine does meets all of them. The median of the rounds' ratios counts.

use crate::arguments::Bench;
use crate::contender::Contender;
use crate::outcome::Outcome;
use crate::quantities::{figure, median, range};
use crate::wrk::{self, Counted, Load};

const WARM_UP_SECONDS: u64 = 1;
/// How far the mean length of answers may be from the expected one: pages differ a little, and wrk cuts off the last.
const LENGTH_TOLERANCE: f64 = 0.03;

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

/// Runs the rounds; the order of the contenders turns around from round to round.
pub fn run(bench: &Bench, contenders: &[Contender<'_>], pressure: Pressure) -> Outcome<Vec<Series>> {
    let mut series: Vec<Series> = contenders.iter().map(|_| Series(Vec::new())).collect();
    for round in 0..bench.rounds {
        let mut order: Vec<usize> = (0..contenders.len()).collect();
        if round % 2 == 1 {
            order.reverse();
        }
        for place in order {
            series[place].0.push(one(bench, &contenders[place], pressure)?);
        }
    }
    for (contender, series) in contenders.iter().zip(&series) {
        let cpu = figure(series.median(Measured::cpu_us));
        println!("  {}: {cpu} µs, {} a second", contender.name, figure(series.median(Measured::per_second)));
    }
    Ok(series)
}

fn one(bench: &Bench, contender: &Contender<'_>, pressure: Pressure) -> Outcome<Measured> {
    let live = contender.start(bench)?;
    let script = bench.work.join("requests.lua");
    std::fs::write(&script, wrk::script(&contender.requests(live.address())?))?;
    let load = |seconds| Load { address: live.address(), connections: pressure.connections, seconds, script: &script };
    load(WARM_UP_SECONDS).run()?;
    let before = live.usage()?;
    let counted = load(bench.seconds).run()?;
    let after = live.usage()?;
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
    })
}
