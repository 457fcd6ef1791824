//! A simulated fleet: what a platform sees of 10,000 editors, by the product's own schedule.
//!
//! `cargo run --release --example fleet [CLIENTS] [FINDINGS]`. A working day from nine to seven, second by second. What a
//! sync asks for is as `tests/bench/sync.py` counts it: three requests and 64 kB when nothing changed, and for everything
//! a request and 613 kB for 199 findings. Everybody read everything last when they began the day before.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::cast_precision_loss, reason = "figures for people")]

use std::time::Duration;

use aspm_lsp::driver::schedule::{PEEK, until_sync};
use connectors::defectdojo::{Options, until_full};
use connectors::http::{backoff, random};

const DAY: u64 = 10 * 3600;
const SMALL: (u64, u64) = (3, 64_000);
const PAGE: (u64, u64) = (199, 613_000);

/// When people begin, and when the server is away; seconds after nine.
struct Scenario {
    name: &'static str,
    begin_within: Duration,
    outage: std::ops::Range<u64>,
}

/// What the server sees, each second.
struct Seen {
    requests: Vec<u64>,
    bytes: Vec<u64>,
}

impl Seen {
    fn add(&mut self, second: u64, requests: u64, bytes: u64) {
        let Some(at) = usize::try_from(second).ok().filter(|at| *at < self.requests.len()) else { return };
        self.requests[at] += requests;
        self.bytes[at] += bytes;
    }
}

fn seconds(duration: Duration) -> u64 {
    duration.as_millis().div_ceil(1_000).try_into().unwrap_or(u64::MAX)
}

fn simulate(scenario: &Scenario, clients: u64, findings: u64, is_jittered: bool) -> Seen {
    let mut share = || if is_jittered { random() } else { 0.0 };
    let length = usize::try_from(DAY).unwrap_or_default();
    let mut seen = Seen { requests: vec![0; length], bytes: vec![0; length] };
    let options = Options::default();
    let pages = findings.div_ceil(PAGE.0);
    for _ in 0..clients {
        // People differ in when they begin, with or without a jitter of ours.
        let begun = scenario.begin_within.mul_f64(random()).as_secs();
        let mut full_due = begun + seconds(until_full(options.full_every, share())) - 24 * 3600;
        let mut now = begun;
        while now < DAY {
            let mut attempt = 0;
            let mut at = now;
            while scenario.outage.contains(&at) {
                seen.add(at, 1, 0);
                attempt += 1;
                if attempt >= options.attempts {
                    break;
                }
                at += seconds(backoff(attempt, None, &mut share));
            }
            if !scenario.outage.contains(&at) {
                seen.add(at, SMALL.0, SMALL.1);
                if at >= full_due {
                    full_due = u64::MAX;
                    // One connection: a page a second, as a busy server gives them.
                    for page in 0..pages {
                        seen.add(at + page, 1, PAGE.1);
                    }
                }
            }
            // The editor looks every so often whether it is time.
            let peek = seconds(PEEK);
            now += seconds(until_sync(share())).div_ceil(peek) * peek;
        }
    }
    seen
}

fn tell(name: &str, seen: &Seen) {
    let mut sorted = seen.requests.clone();
    sorted.sort_unstable();
    let total: u64 = sorted.iter().sum();
    let minute = |values: &[u64]| {
        values.chunks(60).map(|chunk| chunk.iter().sum::<u64>()).max().unwrap_or_default() as f64 / 60.0
    };
    println!(
        "{name:58} {:8.1} {:8} {:8} {:10.1} {:10.1} {:10.1}",
        total as f64 / DAY as f64,
        sorted[sorted.len() * 99 / 100],
        sorted[sorted.len() - 1],
        minute(&seen.requests),
        seen.bytes.iter().sum::<u64>() as f64 / 1e9,
        minute(&seen.bytes) / 1e6,
    );
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut number = |what: &str, otherwise| match arguments.next() {
        Some(text) => text.parse().unwrap_or_else(|_| panic!("{what} must be a whole number, not {text:?}")),
        None => otherwise,
    };
    let clients = number("the number of clients", 10_000);
    let findings = number("the number of findings", 2_000);
    println!("{clients} clients, {findings} findings each, from nine to seven");
    println!(
        "{:58} {:>8} {:>8} {:>8} {:>10} {:>10} {:>10}",
        "", "requests", "p99", "worst", "worst min", "GB", "worst min"
    );
    println!(
        "{:58} {:>8} {:>8} {:>8} {:>10} {:>10} {:>10}",
        "", "a second", "second", "second", "a second", "a day", "MB/s"
    );
    let scenarios = [
        Scenario { name: "begin within half an hour", begin_within: Duration::from_mins(30), outage: 0..0 },
        Scenario { name: "begin within one minute", begin_within: Duration::from_mins(1), outage: 0..0 },
        Scenario {
            name: "half an hour, server away from 12:00 to 12:30",
            begin_within: Duration::from_mins(30),
            outage: 10_800..12_600,
        },
        Scenario {
            name: "server away from 8:30 to 9:30, begin within a minute",
            begin_within: Duration::from_mins(1),
            outage: 0..1_800,
        },
    ];
    for scenario in &scenarios {
        for is_jittered in [true, false] {
            let name = format!("{}{}", scenario.name, if is_jittered { "" } else { ", no jitter" });
            tell(&name, &simulate(scenario, clients, findings, is_jittered));
        }
    }
}
