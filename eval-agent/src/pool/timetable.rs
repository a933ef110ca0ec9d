//! What an operator knows to come: so many learners on an image, at a time of day. Pure.

use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const MINUTES: u16 = 24 * 60;
/// Containers for a class are started this long before it begins: thirty take a quarter of a minute.
const LEAD: u16 = 2;
/// More than one host serves at once.
const MAX_EXPECTED: usize = 500;

/// In UTC, as the clocks of servers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct MinuteOfDay(u16);

impl MinuteOfDay {
    #[must_use]
    pub fn of(time: SystemTime) -> Self {
        let minutes = time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs() / 60;
        Self((minutes % u64::from(MINUTES)) as u16)
    }

    fn since(self, other: Self) -> u16 {
        (self.0 + MINUTES - other.0) % MINUTES
    }
}

/// `python=30` at all times, `python=30@09:00-10:30` each day from nine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// As lessons name it.
    pub image: String,
    pub count: usize,
    hours: Option<(MinuteOfDay, MinuteOfDay)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "write an image, how many of it, and if not always, from when to when in UTC: python=30@09:00-10:30 (at most {MAX_EXPECTED})"
)]
pub struct NotExpected;

impl FromStr for Expected {
    type Err = NotExpected;

    fn from_str(text: &str) -> Result<Self, NotExpected> {
        let (image, rest) = text.split_once('=').ok_or(NotExpected)?;
        let (count, hours) = match rest.split_once('@') {
            Some((count, hours)) => (count, Some(hours)),
            None => (rest, None),
        };
        let count =
            count.parse().ok().filter(|count| (1..=MAX_EXPECTED).contains(count)).ok_or(NotExpected)?;
        let hours = hours.map(|hours| {
            let (from, until) = hours.split_once('-')?;
            let (from, until) = (minute(from)?, minute(until)?);
            (from != until).then_some((from, until))
        });
        let hours = hours.map(|hours| hours.ok_or(NotExpected)).transpose()?;
        if image.is_empty() { Err(NotExpected) } else { Ok(Self { image: image.to_owned(), count, hours }) }
    }
}

fn minute(text: &str) -> Option<MinuteOfDay> {
    let (hour, minute) = text.split_once(':')?;
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    (hour < 24 && minute < 60).then_some(MinuteOfDay(hour * 60 + minute))
}

impl Expected {
    fn holds(&self, now: MinuteOfDay) -> bool {
        self.hours.is_none_or(|(from, until)| {
            let from = MinuteOfDay((from.0 + MINUTES - LEAD) % MINUTES);
            now.since(from) < until.since(from)
        })
    }
}

/// All that is known to come.
#[derive(Debug, Clone, Default)]
pub struct Timetable(Vec<(String, Expected)>);

impl Timetable {
    #[must_use]
    pub fn new(expected: &[Expected]) -> Self {
        let tag = |expected: &Expected| crate::container::image_tag(&expected.image);
        Self(expected.iter().map(|expected| (tag(expected), expected.clone())).collect())
    }

    /// How many of an image, by its tag, are to be ready now.
    #[must_use]
    pub fn expects(&self, tag: &str, now: MinuteOfDay) -> usize {
        let now = self.0.iter().filter(|(image, expected)| image == tag && expected.holds(now));
        now.map(|(_, expected)| expected.count).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_expected_holds_from_a_little_before_until_its_end() {
        let rows = [
            ("python=30", "00:00", 30),
            ("python=30@09:00-10:30", "08:57", 0),
            ("python=30@09:00-10:30", "08:58", 30),
            ("python=30@09:00-10:30", "10:29", 30),
            ("python=30@09:00-10:30", "10:30", 0),
            ("python=30@00:01-01:00", "23:59", 30),
            ("python=30@23:00-01:00", "00:59", 30),
            ("python=30@23:00-01:00", "12:00", 0),
            ("node=30", "12:00", 0),
        ];
        for (text, now, count) in rows {
            let timetable = Timetable::new(&[text.parse().unwrap()]);
            let told = timetable.expects("gradus/python:latest", minute(now).unwrap());
            assert_eq!(told, count, "{text} at {now}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for text in [
            "",
            "python",
            "python=",
            "=3",
            "python=0",
            "python=501",
            "python=-1",
            "python=3@",
            "python=3@9-10",
            "python=3@09:00",
            "python=3@24:00-25:00",
            "python=3@09:00-09:00",
            "python=3@09:60-10:00",
            "python=x@09:00-10:00",
        ] {
            assert_eq!(text.parse::<Expected>(), Err(NotExpected), "{text}");
        }
    }
}
