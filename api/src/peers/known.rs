//! Who is alive, decided from what was seen at each look. Knows no clock: an instance is dead when its count of beats
//! stood still through several looks that succeeded, so neither clocks that disagree nor a store that was away for a
//! minute make anybody dead.

use std::collections::HashMap;

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::store::{HomeRow, InstanceRow};

/// Looks without a beat after which an instance is dead. Looks and beats are a second apart.
pub(super) const SILENT_LOOKS: u32 = 5;

/// Looks after which a dead instance's row is removed.
const FORGOTTEN_LOOKS: u32 = 60;

#[derive(Debug)]
pub(super) struct Known {
    me: Uuid,
    others: HashMap<Uuid, Other>,
}

#[derive(Debug)]
struct Other {
    row: InstanceRow,
    silent_looks: u32,
    /// It did not answer a ring and has not beaten since.
    doubted: bool,
    /// Cancelled when it is dead: what leads there leads nowhere. Who left closes its sockets by itself.
    dead: CancellationToken,
}

/// Where a session's sockets meet, as far as one can see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    Nowhere,
    Here,
    At(InstanceRow),
    /// At an instance that is dead.
    Dead(HomeRow),
}

impl Known {
    pub(super) fn new(me: Uuid) -> Self {
        Self { me, others: HashMap::new() }
    }

    /// Takes in who announced themselves; answers whose rows have been dead for so long that they may go.
    pub(super) fn looked(&mut self, rows: Vec<InstanceRow>) -> Vec<InstanceRow> {
        let mut before = std::mem::take(&mut self.others);
        for row in rows.into_iter().filter(|row| row.id != self.me) {
            let other = match before.remove(&row.id) {
                Some(other) => other.looked_at(row),
                None => Other::new(row),
            };
            self.others.insert(other.row.id, other);
        }
        let others = self.others.values();
        others.filter(|other| other.silent_looks >= FORGOTTEN_LOOKS).map(|other| other.row.clone()).collect()
    }

    /// What a home in the store means.
    pub(super) fn judge(&self, home: Option<HomeRow>) -> Found {
        let Some(home) = home else { return Found::Nowhere };
        if home.instance == self.me {
            return Found::Here;
        }
        match home.row.clone().filter(|row| !self.is_dead(row)) {
            Some(row) => Found::At(row),
            None => Found::Dead(home),
        }
    }

    /// A beat that was not seen before speaks for it.
    pub(super) fn is_dead(&self, row: &InstanceRow) -> bool {
        self.others.get(&row.id).is_some_and(|other| other.is_dead() && other.row.beat == row.beat)
    }

    /// Cancelled when this instance is dead.
    pub(super) fn death_of(&mut self, row: &InstanceRow) -> CancellationToken {
        self.others.entry(row.id).or_insert_with(|| Other::new(row.clone())).dead.clone()
    }

    /// It did not answer.
    pub(super) fn doubt(&mut self, id: Uuid) {
        if let Some(other) = self.others.get_mut(&id) {
            other.doubted = true;
        }
    }

    pub(super) fn is_doubted(&self, id: Uuid) -> bool {
        self.others.get(&id).is_some_and(|other| other.doubted)
    }
}

impl Other {
    fn new(row: InstanceRow) -> Self {
        Self { row, silent_looks: 0, doubted: false, dead: CancellationToken::new() }
    }

    fn looked_at(mut self, row: InstanceRow) -> Self {
        if row.beat != self.row.beat {
            let dead = if self.is_dead() { CancellationToken::new() } else { self.dead };
            return Self { row, silent_looks: 0, doubted: false, dead };
        }
        self.silent_looks += 1;
        if self.is_dead() {
            self.dead.cancel();
        }
        self
    }

    fn is_dead(&self) -> bool {
        self.silent_looks >= SILENT_LOOKS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: Uuid = Uuid::from_u128(1);
    const OTHER: Uuid = Uuid::from_u128(2);

    fn row(beat: i64) -> InstanceRow {
        InstanceRow { id: OTHER, url: "http://10.0.0.2:9090".into(), beat }
    }

    fn home(instance: Uuid, row: Option<InstanceRow>) -> Option<HomeRow> {
        Some(HomeRow { session: Uuid::nil(), instance, row })
    }

    fn known(looks: impl IntoIterator<Item = i64>) -> Known {
        let mut known = Known::new(ME);
        looks.into_iter().for_each(|beat| drop(known.looked(vec![row(beat)])));
        known
    }

    #[test]
    fn where_a_session_is_at_home() {
        let dead = home(OTHER, Some(row(7)));
        let rows = [
            (known([]), None, Found::Nowhere, "nobody was there"),
            (known([]), home(ME, None), Found::Here, "here"),
            (known([]), home(OTHER, Some(row(7))), Found::At(row(7)), "at one that was never looked at"),
            (known([7; 5]), home(OTHER, Some(row(7))), Found::At(row(7)), "four looks without a beat"),
            (known([7; 6]), dead.clone(), Found::Dead(dead.unwrap()), "five looks without a beat"),
            (known([7; 6]), home(OTHER, Some(row(8))), Found::At(row(8)), "it has stirred since"),
            (known([7, 7, 7, 7, 7, 8, 8]), home(OTHER, Some(row(8))), Found::At(row(8)), "it came back"),
            (known([7]), home(OTHER, None), Found::Dead(home(OTHER, None).unwrap()), "it has left"),
        ];
        for (known, home, expected, story) in rows {
            assert_eq!(known.judge(home), expected, "{story}");
        }
    }

    #[test]
    fn what_leads_to_the_dead_is_cut_and_what_leads_to_who_came_back_is_not() {
        let mut known = known([7]);
        let death = known.death_of(&row(7));
        (0..SILENT_LOOKS).for_each(|_| drop(known.looked(vec![row(7)])));
        assert!(death.is_cancelled() && known.is_dead(&row(7)));
        known.looked(vec![row(8)]);
        let death = known.death_of(&row(8));
        assert!(!death.is_cancelled() && !known.is_dead(&row(8)));
        known.looked(Vec::new());
        assert!(!death.is_cancelled(), "it has left, and says goodbye");
    }

    #[test]
    fn who_did_not_answer_is_doubted_until_it_beats() {
        let mut known = known([7]);
        known.doubt(OTHER);
        known.looked(vec![row(7)]);
        assert!(known.is_doubted(OTHER));
        known.looked(vec![row(8)]);
        assert!(!known.is_doubted(OTHER));
    }

    #[test]
    fn rows_of_the_long_dead_go() {
        let mut known = known(std::iter::repeat_n(7, FORGOTTEN_LOOKS as usize));
        assert_eq!(known.looked(vec![row(7)]), [row(7)]);
    }
}
