//! On paper: what 50,000 learners and ten million hand-ins a month need, by the figures measured. Pure; docs/growth.md says where
//! each assumption comes from, and this writes its tables.

use std::fmt::Write as _;

use crate::cases::Growth;

const LEARNERS: f64 = 50_000.0;
const HAND_INS_A_MONTH: f64 = 10_000_000.0;
const DAYS: f64 = 30.0;
const HOURS_A_MONTH: f64 = DAYS * 24.0;

/// A deadline night: as many hand-ins as in three usual days, within three hours.
const NIGHT_DAYS: f64 = 3.0;
const NIGHT_HOURS: f64 = 3.0;

/// Of all learners, so many have a session at the busiest hour; a learner has one for so many hours a month, and opens it so often.
const AT_ONCE: f64 = 0.10;
const SESSION_HOURS_A_MONTH: f64 = 20.0;
const OPENINGS_A_MONTH: f64 = 30.0;

/// Who learns types and saves less than who measures (four keys a second, a save every three seconds), of the time.
const TYPING_SHARE: f64 = 0.15;

/// How far a processor is to be busy at the peak.
const BUSY: f64 = 0.6;

/// An eval host as one buys it, and what a lesson declares; a tenth of the memory is the host's own.
const HOST_CORES: f64 = 16.0;
const HOST_MIB: f64 = 64.0 * 1024.0 * 0.9;
const LESSON_MIB: f64 = 192.0;

/// An API instance as one buys it.
const API_CORES: f64 = 2.0;

/// Amazon's list price of a million calls of standard queues, in US dollars, when this was written.
const DOLLARS_A_MILLION_CALLS: f64 = 0.40;

/// What is needed, as numbers.
#[derive(Debug, Clone, Copy)]
pub struct Needs {
    pub hand_ins_a_second: f64,
    pub hand_ins_a_second_at_night: f64,
    pub sessions_at_once: f64,
    /// Cores of eval hosts at the peak of each, and memory that its sessions declare.
    pub grading_cores: f64,
    pub session_cores: f64,
    pub session_gib: f64,
    pub hosts: f64,
    pub api_cores: f64,
    pub apis: f64,
    pub database_cores: f64,
    pub database_gb_a_month: f64,
    pub queue_calls_a_month: f64,
}

/// What `growth` comes to at that size.
#[must_use]
pub fn needs(growth: &Growth) -> Needs {
    let by_hand_in = |part| growth.hand_in_by_part.get(part).copied().unwrap_or_default();
    let by_hour = |part| growth.session_hour_by_part.get(part).copied().unwrap_or_default();
    let hand_ins_a_second = HAND_INS_A_MONTH / DAYS / 86_400.0;
    let night = HAND_INS_A_MONTH / DAYS * NIGHT_DAYS / (NIGHT_HOURS * 3_600.0);
    let sessions_at_once = LEARNERS * AT_ONCE;
    // As many are opened an hour as an hour's share of a month's, at the same peak.
    let opened_a_second = sessions_at_once / (SESSION_HOURS_A_MONTH / OPENINGS_A_MONTH) / 3_600.0;
    let opening = growth.rows.first().map_or(0.0, |row| row.processor_per_opening);

    let host = |part: fn(&str) -> bool, of: &dyn Fn(&'static str) -> f64| {
        ["agents", "engine and containers", "API", "haproxy", "PostgreSQL", "SQS server"]
            .into_iter()
            .filter(|name| part(name))
            .map(of)
            .sum::<f64>()
    };
    let is_host = |name: &str| name == "agents" || name == "engine and containers";
    let is_api = |name: &str| name == "API" || name == "haproxy";
    let grading_cores = night * host(is_host, &by_hand_in) / BUSY;
    let typing = sessions_at_once * TYPING_SHARE / 3_600.0;
    let session_cores = (typing * host(is_host, &by_hour) + opened_a_second * opening) / BUSY;
    let session_gib = sessions_at_once * LESSON_MIB / 1_024.0;
    let api_cores = (night * host(is_api, &by_hand_in) + typing * host(is_api, &by_hour)) / BUSY;
    let database_cores = (night * by_hand_in("PostgreSQL") + typing * by_hour("PostgreSQL")) / BUSY;
    let calls: f64 = growth.queue_calls_per_hand_in.values().sum();
    let hosts = (session_gib * 1_024.0 / HOST_MIB).max((grading_cores + session_cores) / HOST_CORES).ceil();
    let idle: f64 = growth.queue_calls_idle_per_hour.values().sum();
    let measured_on = growth.rows.first().map_or(1.0, |row| (row.apis + row.agents) as f64);
    let apis = (api_cores / API_CORES).ceil().max(2.0) + 1.0;
    Needs {
        hand_ins_a_second,
        hand_ins_a_second_at_night: night,
        sessions_at_once,
        grading_cores,
        session_cores,
        session_gib,
        hosts,
        api_cores,
        apis,
        database_cores,
        database_gb_a_month: growth.database_bytes_per_hand_in * HAND_INS_A_MONTH / 1e9,
        queue_calls_a_month: calls * HAND_INS_A_MONTH + idle / measured_on * (hosts + apis) * HOURS_A_MONTH,
    }
}

/// As a table for docs/growth.md.
#[must_use]
pub fn table(growth: &Growth) -> String {
    let needs = needs(growth);
    let per_hand_in: f64 =
        growth.hand_in_by_part.iter().filter(|(part, _)| **part != "learners").map(|(_, s)| s).sum();
    let mut text =
        "\n| figure | usual | deadline night or busiest hour | from |\n| --- | --- | --- | --- |\n"
            .to_owned();
    let mut row = |figure: &str, usual: String, peak: String, from: &str| {
        let _ = writeln!(text, "| {figure} | {usual} | {peak} | {from} |");
    };
    let none = String::new;
    row(
        "hand-ins a second",
        format!("{:.1}", needs.hand_ins_a_second),
        format!("{:.0}", needs.hand_ins_a_second_at_night),
        "ten million a month; three days' worth in three hours",
    );
    row("sessions at once", none(), format!("{:.0}", needs.sessions_at_once), "a tenth of the learners");
    row(
        "cores that grade",
        format!("{:.0}", needs.grading_cores * needs.hand_ins_a_second / needs.hand_ins_a_second_at_night),
        format!("{:.0}", needs.grading_cores),
        &format!("{per_hand_in:.2} processor seconds a hand-in, all parts; cores 60 % busy"),
    );
    row(
        "cores of sessions",
        none(),
        format!("{:.0}", needs.session_cores),
        &format!(
            "{:.0} processor seconds an hour of steady typing, {:.0} % of the time; openings",
            growth.processor_per_session_hour,
            TYPING_SHARE * 100.0
        ),
    );
    row("memory that sessions declare, GiB", none(), format!("{:.0}", needs.session_gib), "192 MiB a lesson");
    row(
        "eval hosts of 16 cores and 64 GiB",
        none(),
        format!("{:.0}", needs.hosts),
        "the larger of both needs",
    );
    row("cores of APIs and balancer", none(), format!("{:.1}", needs.api_cores), "by part, as measured");
    row("API instances of 2 cores", none(), format!("{:.0}", needs.apis), "and one to spare");
    row("cores of PostgreSQL", none(), format!("{:.1}", needs.database_cores), "by part, as measured");
    row(
        "database, GB a month",
        format!("{:.0}", needs.database_gb_a_month),
        none(),
        &format!("{:.0} bytes a hand-in, indexes included", growth.database_bytes_per_hand_in),
    );
    row(
        "calls of SQS a month, millions",
        format!("{:.0}", needs.queue_calls_a_month / 1e6),
        none(),
        &format!("USD {:.0} at 0.40 a million", needs.queue_calls_a_month / 1e6 * DOLLARS_A_MILLION_CALLS),
    );
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::cases::GrowthRow;

    #[test]
    fn what_is_needed_follows_from_what_was_measured() {
        let parts = BTreeMap::from([
            ("agents", 0.1),
            ("engine and containers", 0.2),
            ("API", 0.05),
            ("PostgreSQL", 0.02),
        ]);
        let growth = Growth {
            rows: vec![GrowthRow {
                apis: 3,
                agents: 3,
                hand_ins_per_second: 5.0,
                processor_per_hand_in: 0.4,
                openings_per_second: 3.0,
                opening_p50: 0.2,
                processor_per_opening: 0.2,
            }],
            at_rest: BTreeMap::new(),
            hand_in_by_part: parts.clone(),
            database_bytes_per_hand_in: 5_000.0,
            rows_per_hand_in: BTreeMap::new(),
            sessions: 30,
            processor_per_session_hour: 40.0,
            session_hour_by_part: parts.into_iter().map(|(part, spent)| (part, spent * 100.0)).collect(),
            echo_p50: 0.002,
            echo_p99: 0.01,
            resident_kib: BTreeMap::new(),
            queue_calls_per_hand_in: BTreeMap::from([("SendMessage".to_owned(), 4.0)]),
            queue_calls_idle_per_hour: BTreeMap::from([("ReceiveMessage".to_owned(), 6_000.0)]),
            store: Vec::new(),
        };
        let needs = needs(&growth);
        // A million within three hours, each 0.3 seconds of a host, 60 % busy.
        assert!((needs.hand_ins_a_second_at_night - 92.6).abs() < 0.1, "{needs:?}");
        assert!((needs.grading_cores - 92.6 * 0.3 / 0.6).abs() < 0.1, "{needs:?}");
        // 5,000 sessions declare 937 GiB: 17 hosts, more than the cores ask for.
        assert_eq!(needs.hosts, 17.0, "{needs:?}");
        assert!((needs.database_gb_a_month - 50.0).abs() < 0.1, "{needs:?}");
        assert!(needs.queue_calls_a_month > 40e6, "{needs:?}");
        assert!(
            table(&growth).contains("| eval hosts of 16 cores and 64 GiB |  | 17 |"),
            "{}",
            table(&growth)
        );
    }
}
