//! Samples of one thing, hop by hop, and how they are told.

use std::fmt;

use serde_json::{Value, json};

/// The time between two instants that follow each other, of each time the thing was done.
struct Hop {
    name: &'static str,
    /// Microseconds. Negative where the clocks of two machines disagree by more than the hop took.
    samples: Vec<i64>,
}

pub struct Table {
    what: &'static str,
    hops: Vec<Hop>,
    /// From the first instant to the last.
    total: Hop,
    /// Beside the chain: over earlier, or at the same time.
    beside: Vec<Hop>,
}

impl Table {
    /// Hops are named by what happens between an instant and the next.
    pub fn new(what: &'static str, hops: &[&'static str], beside: &[&'static str]) -> Self {
        let empty = |name: &&'static str| Hop { name, samples: Vec::new() };
        let (hops, beside) = (hops.iter().map(empty).collect(), beside.iter().map(empty).collect());
        Self { what, hops, total: empty(&"in all"), beside }
    }

    /// One time: instants in order, in nanoseconds or microseconds as `per_micro` says, one more than there are hops; and
    /// the times beside the chain.
    pub fn add(&mut self, instants: &[i64], beside: &[i64], per_micro: i64) {
        for (hop, pair) in self.hops.iter_mut().zip(instants.windows(2)) {
            if let [from, to] = pair {
                hop.samples.push((to - from) / per_micro);
            }
        }
        for (hop, time) in self.beside.iter_mut().zip(beside) {
            hop.samples.push(time / per_micro);
        }
        if let (Some(first), Some(last)) = (instants.first(), instants.last()) {
            self.total.samples.push((last - first) / per_micro);
        }
    }

    /// Everything, for whoever draws it: hops in order, each with its samples.
    pub fn json(&self) -> Value {
        let hop = |hop: &Hop| {
            json!({ "name": hop.name, "median_us": hop.at(0.5), "p90_us": hop.at(0.9), "p99_us": hop.at(0.99),
                "samples_us": hop.samples })
        };
        json!({
            "what": self.what,
            "count": self.total.samples.len(),
            "hops": self.hops.iter().map(hop).collect::<Vec<_>>(),
            "total": hop(&self.total),
            "beside": self.beside.iter().map(hop).collect::<Vec<_>>(),
        })
    }

    fn clocks_disagree(&self) -> bool {
        self.hops.iter().any(|hop| hop.samples.iter().any(|sample| *sample < 0))
    }
}

impl Hop {
    /// The sample below which this share of them lies; 0 when there is none.
    fn at(&self, share: f64) -> i64 {
        let mut sorted = self.samples.clone();
        sorted.sort_unstable();
        let last = sorted.len().saturating_sub(1);
        let at = (last as f64 * share).round() as usize;
        sorted.get(at).copied().unwrap_or_default()
    }

    fn row(&self, f: &mut fmt::Formatter<'_>, all: i64) -> fmt::Result {
        let (median, p90, p99) = (self.at(0.5), self.at(0.9), self.at(0.99));
        let share = median.max(0) * 100 / all.max(1);
        writeln!(f, "{:<34} {:>9} {:>9} {:>9} {share:>5} %", self.name, ms(median), ms(p90), ms(p99))
    }
}

fn ms(micros: i64) -> String {
    format!("{:.3}", micros as f64 / 1e3)
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} × {}, in ms\n", self.total.samples.len(), self.what)?;
        writeln!(f, "{:<34} {:>9} {:>9} {:>9} {:>7}", "", "median", "p90", "p99", "share")?;
        let all = self.total.at(0.5);
        for hop in self.hops.iter().chain([&self.total]) {
            hop.row(f, all)?;
        }
        if !self.beside.is_empty() {
            writeln!(f, "\nbeside it")?;
        }
        for hop in &self.beside {
            hop.row(f, all)?;
        }
        if self.clocks_disagree() {
            writeln!(
                f,
                "\nSome hops took less than no time: the clocks of the machines they lie between disagree."
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hops_are_the_times_between_instants() {
        let mut table = Table::new("keys", &["there", "back"], &["echo"]);
        table.add(&[1_000_000, 1_200_000, 1_900_000], &[850_000], 1_000);
        table.add(&[2_000_000, 2_400_000, 2_500_000], &[450_000], 1_000);
        table.add(&[3_000_000, 3_300_000, 3_600_000], &[600_000], 1_000);
        let json = table.json();
        assert_eq!(json["hops"][0]["samples_us"], serde_json::json!([200, 400, 300]));
        assert_eq!(json["hops"][1]["median_us"], 300);
        assert_eq!(json["total"]["samples_us"], serde_json::json!([900, 500, 600]));
        assert_eq!(json["beside"][0]["median_us"], 600);
        let text = table.to_string();
        assert!(text.contains("there                                  0.300"), "{text}");
        assert!(!text.contains("clocks"), "{text}");
        table.add(&[5_000_000, 4_000_000, 6_000_000], &[0], 1_000);
        assert!(table.to_string().contains("clocks of the machines"));
    }

    #[test]
    fn nothing_done_is_nothing_told() {
        let table = Table::new("keys", &["there"], &[]);
        assert_eq!(table.json()["total"]["median_us"], 0);
        assert!(table.to_string().starts_with("0 × keys"));
    }
}
