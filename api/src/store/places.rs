//! Where those stand who wait for a verdict: how many hand-ins are likely to be begun on before theirs.
//!
//! What is in the queue goes first, in the order sent. What waits in the outbox goes by turns: an institution's n-th job goes when
//! every other has had n, and inside of an institution the same holds for its courses. So a place is an estimate: it is as
//! if every job cost the same, and nobody else came. It grows only when somebody comes whose turn is before it: the first
//! hand-ins of a course that had none.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::db::{Db, Record, Tx, args};
use super::{Store, StoreError, small};

/// How long a count of everybody who waits is used: on a deadline night thousands ask, and each count reads all of them.
const COUNTED_FOR: Duration = Duration::from_millis(500);

/// Places are counted up to here: to whoever is behind so many the difference tells nothing.
const COUNTED: i64 = 1_000;

/// A submission that waits, and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    pub id: Uuid,
    pub workspace: Uuid,
    pub ahead: u32,
    pub failed_attempts: u32,
}

/// How many wait in the outbox, by institution and course.
type Crowd = BTreeMap<String, BTreeMap<String, i64>>;

/// The last count.
#[derive(Default)]
pub(super) struct Counted(Mutex<Option<(Instant, Arc<Crowd>)>>);

/// Whom to ask: inside a transaction that just wrote, or not.
pub(super) enum Asking<'a> {
    Db(&'a Db),
    Tx(&'a mut Tx),
}

impl Asking<'_> {
    async fn all<T: Record>(
        &mut self,
        sql: &'static str,
        args: &[super::db::Arg<'_>],
    ) -> Result<Vec<T>, sqlx::Error> {
        match self {
            Self::Db(db) => db.all(sql, args).await,
            Self::Tx(tx) => tx.all(sql, args).await,
        }
    }

    async fn one<T: Record>(
        &mut self,
        sql: &'static str,
        args: &[super::db::Arg<'_>],
    ) -> Result<Option<T>, sqlx::Error> {
        match self {
            Self::Db(db) => db.one(sql, args).await,
            Self::Tx(tx) => tx.one(sql, args).await,
        }
    }
}

/// In the outbox: whose it is, and how many of the same course were written before it.
fn place(crowd: &Crowd, institution: &str, course: &str, before: i64) -> i64 {
    let turns = |waiting: i64, turn: i64| waiting.min(turn + 1);
    let courses = crowd.get(institution);
    let others = courses.into_iter().flatten().filter(|(name, _)| *name != course);
    let inside = before + others.map(|(_, waiting)| turns(*waiting, before)).sum::<i64>();
    let others = crowd.iter().filter(|(name, _)| *name != institution);
    inside + others.map(|(_, courses)| turns(courses.values().sum(), inside)).sum::<i64>()
}

#[derive(sqlx::FromRow)]
struct Standing {
    /// In the outbox.
    lane: Option<String>,
    institution: Option<String>,
    course: Option<String>,
    /// Of those that are in the queue, how many go first.
    in_queue: i64,
    /// Of the same course, in the outbox.
    before: i64,
}

/// How many are ahead of a submission that waits.
pub(super) async fn ahead(counted: &Counted, mut ask: Asking<'_>, id: Uuid) -> Result<u32, StoreError> {
    // One statement, one moment: what goes from outbox to queue meanwhile is counted once.
    let sql = "SELECT o.lane, o.institution, o.course,
                 (SELECT COUNT(*) FROM jobs q JOIN submissions s ON s.id = q.subject
                  WHERE q.sent_to = COALESCE(o.lane, j.sent_to) AND q.sent > 0
                    AND (o.id IS NOT NULL OR q.sent < j.sent)
                    AND q.finished_at IS NULL AND s.state = 'queued') AS in_queue,
                 (SELECT COUNT(*) FROM (SELECT 1 FROM outbox b WHERE b.lane = o.lane
                    AND b.institution = o.institution AND b.course = o.course AND b.id < o.id LIMIT $2) counted
                 ) AS before
               FROM jobs j LEFT JOIN outbox o ON o.id = j.message WHERE j.subject = $1";
    let Some(mine) = ask.one::<Standing>(sql, args![id, COUNTED]).await? else { return Ok(0) };
    let Standing { lane: Some(lane), institution: Some(institution), course: Some(course), .. } = &mine
    else {
        return Ok(small(mine.in_queue));
    };
    let crowd = crowd(counted, &mut ask, lane).await?;
    Ok(small((mine.in_queue + place(&crowd, institution, course, mine.before)).min(COUNTED)))
}

async fn crowd(counted: &Counted, ask: &mut Asking<'_>, lane: &str) -> Result<Arc<Crowd>, StoreError> {
    // Hand-ins that are graded once more are few, and nobody asks for their place.
    let is_kept = lane == "grading";
    if is_kept
        && let Some((at, crowd)) = &*counted.0.lock().unwrap_or_else(PoisonError::into_inner)
        && at.elapsed() < COUNTED_FOR
    {
        return Ok(Arc::clone(crowd));
    }
    let sql = "SELECT institution, course, COUNT(*) FROM outbox WHERE lane = $1
               GROUP BY institution, course";
    let mut crowd = Crowd::new();
    for (institution, course, waiting) in ask.all::<(String, String, i64)>(sql, args![lane]).await? {
        crowd.entry(institution).or_default().insert(course, waiting);
    }
    let crowd = Arc::new(crowd);
    if is_kept {
        let now = Some((Instant::now(), Arc::clone(&crowd)));
        *counted.0.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }
    Ok(crowd)
}

/// One row of a moment's picture; what it is about stands in `kind`.
#[derive(sqlx::FromRow)]
struct Raw {
    /// [`IN_QUEUE`], [`IN_OUTBOX`], or a course with how many of it wait in the outbox.
    kind: i64,
    id: String,
    workspace: String,
    attempt: i64,
    institution: String,
    course: String,
    /// In the outbox: how many of the same course are before it. Of a course: how many wait.
    count: i64,
}

const IN_QUEUE: i64 = 0;
const IN_OUTBOX: i64 = 1;

impl Raw {
    fn waiting(&self, ahead: i64) -> Result<Waiting, StoreError> {
        let uuid =
            |text: &str| Uuid::parse_str(text).map_err(|_| StoreError::corrupt("an id")(text.to_owned()));
        Ok(Waiting {
            id: uuid(&self.id)?,
            workspace: uuid(&self.workspace)?,
            ahead: small(ahead),
            failed_attempts: small(self.attempt),
        })
    }
}

impl Store {
    /// The submissions that wait, the next ones first; at most `limit` in the queue and as many in the outbox.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn front_of_queue(&self, limit: u32) -> Result<Vec<Waiting>, StoreError> {
        // One statement, one moment: what goes from outbox to queue meanwhile would be in neither, and nobody told.
        let sql = "SELECT * FROM (
                     SELECT CAST(0 AS BIGINT) AS kind, s.id, s.workspace, s.attempt, '' AS institution, '' AS course, j.sent AS count
                     FROM jobs j JOIN submissions s ON s.id = j.subject
                     WHERE j.sent_to = 'grading' AND j.sent > 0 AND j.finished_at IS NULL AND s.state = 'queued'
                     ORDER BY j.sent LIMIT $1) in_queue
                   UNION ALL SELECT * FROM (
                     SELECT CAST(1 AS BIGINT) AS kind, s.id, s.workspace, s.attempt, heads.institution, heads.course,
                       heads.place - 1 AS count
                     FROM (SELECT subject, institution, course,
                             ROW_NUMBER() OVER (PARTITION BY institution, course ORDER BY id) AS place
                           FROM outbox WHERE lane = 'grading') heads
                     JOIN submissions s ON s.id = heads.subject AND s.state = 'queued'
                     ORDER BY heads.place, s.id LIMIT $1) in_outbox
                   UNION ALL
                     SELECT CAST(2 AS BIGINT) AS kind, '' AS id, '' AS workspace, CAST(0 AS BIGINT) AS attempt, institution, course, COUNT(*) AS count
                     FROM outbox WHERE lane = 'grading' GROUP BY institution, course
                   ORDER BY kind, count";
        let rows = self.db.all::<Raw>(sql, args![i64::from(limit)]).await?;
        let mut crowd = Crowd::new();
        for row in rows.iter().filter(|row| ![IN_QUEUE, IN_OUTBOX].contains(&row.kind)) {
            crowd.entry(row.institution.clone()).or_default().insert(row.course.clone(), row.count);
        }
        let of = |kind: i64| rows.iter().filter(move |row| row.kind == kind);
        let in_queue = (0..).zip(of(IN_QUEUE)).map(|(ahead, row)| row.waiting(ahead));
        let sent = i64::try_from(of(IN_QUEUE).count()).unwrap_or(i64::MAX);
        let in_outbox = of(IN_OUTBOX)
            .map(|row| row.waiting(sent + place(&crowd, &row.institution, &row.course, row.count)));
        in_queue.chain(in_outbox).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_place_is() {
        let crowd: Crowd = [
            ("noisy", vec![("basics", 1_000)]),
            ("quiet", vec![("algebra", 3), ("logic", 1)]),
            ("small", vec![("one", 1)]),
        ]
        .into_iter()
        .map(|(name, courses)| (name.into(), courses.into_iter().map(|(c, n)| (c.into(), n)).collect()))
        .collect();
        // institution, course, how many of the course are before it, how many are ahead of it
        let rows = [
            ("quiet", "algebra", 0, 1 + 2 + 1),
            ("quiet", "algebra", 2, 2 + 1 + 4 + 1),
            ("quiet", "logic", 0, 1 + 2 + 1),
            ("small", "one", 0, 2),
            ("noisy", "basics", 0, 2),
            ("noisy", "basics", 999, 999 + 4 + 1),
            // Somebody who was not counted yet.
            ("new", "first", 0, 3),
        ];
        for (institution, course, before, ahead) in rows {
            assert_eq!(place(&crowd, institution, course, before), ahead, "{institution}/{course} {before}");
        }
        assert_eq!(place(&Crowd::new(), "default", "", 7), 7, "one group: the order handed in");
    }
}
