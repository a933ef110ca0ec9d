//! What every handler can reach.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use job_queue::JobQueue;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::config::Config;
use crate::content::LessonCache;
use crate::identity::origin::Origins;
use crate::identity::password::Passwords;
use crate::identity::rate::{Limiter, Rate};
use crate::peers::Peering;
use crate::preview::Previews;
use crate::problem::ApiError;
use crate::relay::{Hub, Presence};
use crate::store::Store;
use crate::tasks::duty::Duties;

pub(crate) type AppState = Arc<App>;

/// Login attempts of one address: a whole class behind one address logs in at once; guessing a password takes
/// thousands.
const LOGINS_PER_ADDRESS: Rate = Rate { burst: 60.0, per_second: 1.0 };

/// Failed logins of one name: a person mistypes a few times; then one try per half minute.
const FAILURES_PER_NAME: Rate = Rate { burst: 10.0, per_second: 1.0 / 30.0 };

/// Changes of files per account: typing saves once or twice a second, a script that unpacks something does many.
const SAVES_PER_ACCOUNT: Rate = Rate { burst: 200.0, per_second: 10.0 };

/// Sessions, tickets, hand-ins and tokens asked for per account. A tab that reconnects asks for a ticket each time.
const ORDERS_PER_ACCOUNT: Rate = Rate { burst: 120.0, per_second: 2.0 };

pub(crate) struct App {
    /// This process among those that share its store.
    pub(crate) instance: Uuid,
    pub(crate) config: Config,
    pub(crate) origins: Origins,
    pub(crate) store: Arc<Store>,
    pub(crate) lessons: LessonCache,
    pub(crate) passwords: Passwords,
    pub(crate) rates: Rates,
    pub(crate) hub: Hub,
    /// Where this is one of many instances.
    pub(crate) peering: Option<Arc<Peering>>,
    pub(crate) previews: Previews,
    pub(crate) queue: Arc<dyn JobQueue>,
    /// Rung when a message was put into the outbox, and when a job was begun on. One ring waits at most; the dispatcher
    /// looks at everything.
    pub(crate) outbox: Notify,
    /// Rung when the grading queue has moved; see `tasks::queue_places`.
    pub(crate) queue_moved: Notify,
    pub(crate) duties: Duties,
    /// Sockets that are open.
    pub(crate) sockets: TaskTracker,
    /// Asked to stop: still serves, but is not ready for more.
    pub(crate) draining: CancellationToken,
    pub(crate) shutdown: CancellationToken,
}

impl App {
    pub(crate) fn new(
        config: Config,
        store: Arc<Store>,
        queue: Arc<dyn JobQueue>,
        peering: Option<Arc<Peering>>,
        draining: CancellationToken,
    ) -> Self {
        let origins = Origins::new(&config);
        Self {
            previews: Previews::new(config.previews.clone(), &origins),
            origins,
            instance: Uuid::now_v7(),
            config,
            store,
            lessons: LessonCache::default(),
            passwords: Passwords::new(),
            rates: Rates::new(Instant::now()),
            hub: Hub::default(),
            peering,
            queue,
            outbox: Notify::new(),
            queue_moved: Notify::new(),
            duties: Duties::default(),
            sockets: TaskTracker::new(),
            draining,
            shutdown: CancellationToken::new(),
        }
    }

    /// Who is connected to a session, wherever it is at home; `None` when its home does not answer.
    pub(crate) async fn presence(&self, session: Uuid) -> Option<Presence> {
        match &self.peering {
            None => Some(self.hub.presence(session)),
            Some(peering) => peering.presence(session, &self.hub).await,
        }
    }

    /// Cuts what a login or token has open at this instance.
    pub(crate) fn revoke_here(&self, credential: &str) {
        self.hub.revoke(credential);
        self.previews.live.revoke(credential);
    }

    pub(crate) fn is_secure(&self) -> bool {
        self.config.is_secure()
    }
}

/// Who asked how often. Kept per process: with several, each allows this much.
pub(crate) struct Rates {
    pub(crate) logins: Counter<IpAddr>,
    pub(crate) names: Counter<String>,
    pub(crate) saves: Counter<Uuid>,
    pub(crate) orders: Counter<Uuid>,
}

impl Rates {
    fn new(now: Instant) -> Self {
        Self {
            logins: Counter::new(LOGINS_PER_ADDRESS, now),
            names: Counter::new(FAILURES_PER_NAME, now),
            saves: Counter::new(SAVES_PER_ACCOUNT, now),
            orders: Counter::new(ORDERS_PER_ACCOUNT, now),
        }
    }
}

/// A [`Limiter`] that handlers share.
pub(crate) struct Counter<K>(Mutex<Limiter<K>>);

impl<K: std::hash::Hash + Eq> Counter<K> {
    fn new(rate: Rate, now: Instant) -> Self {
        Self(Mutex::new(Limiter::new(rate, now)))
    }

    pub(crate) fn take(&self, key: K) -> Result<(), ApiError> {
        let taken = self.0.lock().unwrap_or_else(PoisonError::into_inner).take(key, Instant::now());
        taken.map_err(|seconds| {
            ApiError::too_many(format!("Too many requests of this kind. Try again in {seconds} s."), seconds)
        })
    }

    pub(crate) fn give_back(&self, key: &K) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).give_back(key);
    }
}
