//! API instances that share this store: who is alive, and at which of them the sockets of a session meet.
//!
//! An instance counts its beats here; others see it dead when the count stands still. Every change of a home is a
//! compare-and-set.

use uuid::Uuid;

use super::db::args;
use super::{Store, StoreError};

/// An instance as it announced itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstanceRow {
    pub id: Uuid,
    /// Where the others reach it (`http://10.0.0.5:9090`).
    pub url: String,
    /// Grows with each beat.
    pub beat: i64,
}

/// Where the sockets of a session meet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HomeRow {
    pub session: Uuid,
    pub instance: Uuid,
    /// `None`: it has left.
    pub row: Option<InstanceRow>,
}

/// The beat of an instance that has left.
const NONE: i64 = -1;

#[derive(sqlx::FromRow)]
struct RawInstance {
    #[sqlx(try_from = "String")]
    id: Uuid,
    url: String,
    beat: i64,
}

#[derive(sqlx::FromRow)]
struct RawHome {
    #[sqlx(try_from = "String")]
    session: Uuid,
    #[sqlx(try_from = "String")]
    instance: Uuid,
    url: Option<String>,
    beat: Option<i64>,
}

impl From<RawHome> for HomeRow {
    fn from(RawHome { session, instance, url, beat }: RawHome) -> Self {
        let row = url.zip(beat).map(|(url, beat)| InstanceRow { id: instance, url, beat });
        Self { session, instance, row }
    }
}

impl HomeRow {
    fn beat(&self) -> i64 {
        self.row.as_ref().map_or(NONE, |row| row.beat)
    }
}

/// What a [`RawHome`] is read from.
macro_rules! homes {
    ($rest:literal) => {
        concat!(
            "SELECT h.session, h.instance, i.url, i.beat FROM homes h
             LEFT JOIN instances i ON i.id = h.instance ",
            $rest
        )
    };
}

impl Store {
    /// What instances show each other: `fresh`, unless there is one already.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn peer_secret(&self, fresh: &str) -> Result<String, StoreError> {
        let mut tx = self.db.begin().await?;
        let sql = "INSERT INTO peer_secret (one, secret) VALUES (1, $1) ON CONFLICT (one) DO NOTHING";
        tx.run(sql, args![fresh]).await?;
        let kept = tx.one::<(String,)>("SELECT secret FROM peer_secret WHERE one = 1", &[]).await?;
        tx.commit().await?;
        kept.map(|(secret,)| secret)
            .ok_or_else(|| StoreError::corrupt("the secret of instances")("it is gone".to_owned()))
    }

    /// An instance begins. Whoever announced itself at this address before is no more.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn announce(&self, id: Uuid, url: &str) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        tx.run("DELETE FROM instances WHERE url = $1", args![url]).await?;
        tx.run("INSERT INTO instances (id, url, beat) VALUES ($1, $2, 0)", args![id, url]).await?;
        Ok(tx.commit().await?)
    }

    /// It is alive. Announces it anew if somebody took it for dead.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn beat(&self, id: Uuid, url: &str) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        let sql = "INSERT INTO instances (id, url, beat) VALUES ($1, $2, 0)
                   ON CONFLICT (id) DO UPDATE SET beat = instances.beat + 1";
        tx.run(sql, args![id, url]).await?;
        Ok(tx.commit().await?)
    }

    /// It goes, and gives up every home.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn leave(&self, id: Uuid) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        tx.run("DELETE FROM homes WHERE instance = $1", args![id]).await?;
        tx.run("DELETE FROM instances WHERE id = $1", args![id]).await?;
        Ok(tx.commit().await?)
    }

    /// Everybody who announced themselves.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn instances(&self) -> Result<Vec<InstanceRow>, StoreError> {
        let rows = self.db.all::<RawInstance>("SELECT id, url, beat FROM instances", &[]).await?;
        Ok(rows.into_iter().map(|RawInstance { id, url, beat }| InstanceRow { id, url, beat }).collect())
    }

    /// # Errors
    /// When the database does not answer.
    pub async fn home_of(&self, session: Uuid) -> Result<Option<HomeRow>, StoreError> {
        let sql = homes!("WHERE h.session = $1");
        Ok(self.db.one::<RawHome>(sql, args![session]).await?.map(HomeRow::from))
    }

    /// The home of the workspace's live session.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn home_of_workspace(&self, workspace: Uuid) -> Result<Option<HomeRow>, StoreError> {
        let sql = homes!("JOIN sessions s ON s.id = h.session WHERE s.workspace = $1 AND s.state <> 'ended'");
        Ok(self.db.one::<RawHome>(sql, args![workspace]).await?.map(HomeRow::from))
    }

    /// Homes of sessions that are not over.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn homes(&self) -> Result<Vec<HomeRow>, StoreError> {
        let sql = homes!("JOIN sessions s ON s.id = h.session WHERE s.state <> 'ended'");
        Ok(self.db.all::<RawHome>(sql, &[]).await?.into_iter().map(HomeRow::from).collect())
    }

    /// Sessions that this instance is the home of.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn homes_at(&self, instance: Uuid) -> Result<Vec<Uuid>, StoreError> {
        let rows = self.db.all::<RawHome>(homes!("WHERE h.instance = $1"), args![instance]).await?;
        Ok(rows.into_iter().map(|row| row.session).collect())
    }

    /// Makes an instance the home of a session that has none; false when it has.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn claim_home(&self, session: Uuid, instance: Uuid) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let sql = "INSERT INTO homes (session, instance) VALUES ($1, $2) ON CONFLICT (session) DO NOTHING";
        let claimed = tx.run(sql, args![session, instance]).await? == 1;
        tx.commit().await?;
        Ok(claimed)
    }

    /// Makes an instance the home instead of one that is dead; false when somebody else was quicker, or it stirred.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn take_home(&self, from: &HomeRow, instance: Uuid) -> Result<bool, StoreError> {
        let sql = "UPDATE homes SET instance = $2 WHERE session = $1 AND instance = $3
                   AND NOT EXISTS (SELECT 1 FROM instances i WHERE i.id = $3 AND i.beat <> $4)";
        let mut tx = self.db.begin().await?;
        let taken = tx.run(sql, args![from.session, instance, from.instance, from.beat()]).await? == 1;
        tx.commit().await?;
        Ok(taken)
    }

    /// Forgets homes of sessions that are over.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn forget_old_homes(&self) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        let sql = "DELETE FROM homes WHERE NOT EXISTS
                   (SELECT 1 FROM sessions s WHERE s.id = homes.session AND s.state <> 'ended')";
        tx.run(sql, &[]).await?;
        Ok(tx.commit().await?)
    }

    /// Forgets an instance that has not stirred since it was seen so.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn forget_instance(&self, seen: &InstanceRow) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        tx.run("DELETE FROM instances WHERE id = $1 AND beat = $2", args![seen.id, seen.beat]).await?;
        Ok(tx.commit().await?)
    }
}
