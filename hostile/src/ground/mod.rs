//! The Gradus that is attacked: API and agent as processes of their own on a data folder of their own, lessons of the
//! corpus, and as many learners as are asked for. Real Docker, real images, the real guest.

mod engine;
mod lane;
mod learner;
mod lessons;
mod process;
mod session;
mod wire;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::Context as _;
use api::setup::{self, FirstAccount};
use api::store::Store;
use ide_protocol::rest::Role;
use uuid::Uuid;

use crate::case::{Language, Mode};
use crate::watch::Watch;

pub use engine::{ContainerSeen, Engine};
pub use learner::Learner;
pub use process::{Figures, Process, Recipe};
pub use session::{Heard, LiveSession};
pub use wire::{Reply, exchange};

/// Hand-ins graded at once: the width of a batch, and the reference beside it.
pub const GRADINGS: usize = 3;

/// Name of the environment variable in which API and agent get a secret that nobody may ever see.
const SECRET_VARIABLE: &str = "GRADUS_HOSTILE_SECRET";

/// Where the API listens the first time, and how it says where that is.
const ANY_PORT: &str = "127.0.0.1:0";
const ADDRESS_LINE: &str = "Gradus is running at ";

pub struct Ground {
    folder: tempfile::TempDir,
    pub base: String,
    pub agent_name: String,
    pub api: Process,
    pub agent: Process,
    pub engine: Engine,
    pub store: Store,
    pub watch: Arc<Watch>,
    plan: Plan,
    lessons: Vec<(Language, Mode)>,
    learners: AtomicU32,
    kills: Kills,
}

/// How often each part was killed and started again.
#[derive(Debug, Clone, Copy, Default, serde::Serialize)]
pub struct Kills {
    pub api: u32,
    pub agent: u32,
}

/// How long a run may take where that limit is among what is tried: short, as many a case runs into it.
pub const WALL_SECONDS: u32 = 3;

/// What to start, and how.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The repository.
    pub root: PathBuf,
    pub gradus: PathBuf,
    /// How long a run of the corpus's lessons may take.
    pub wall_seconds: u32,
    /// Environment of the agent, for knock-outs.
    pub agent_environment: Vec<(String, String)>,
}

impl Ground {
    /// Starts API and agent and waits until they are there.
    ///
    /// # Errors
    /// When something that `scripts/prepare` makes is missing, or a part does not start.
    pub async fn prepare(plan: &Plan) -> anyhow::Result<Self> {
        // reqwest wants one even for plain HTTP; a second installation changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::Builder::new().prefix("gradus-hostile-").tempdir()?;
        let data = folder.path().join("data");
        std::fs::create_dir(&data)?;
        let secret = format!("secret-{}", Uuid::new_v4().simple());
        let mut watch = Watch::default();
        watch.never("a secret of the API's and agent's environment", &secret);
        watch.never("the path of the data folder", &data.to_string_lossy());

        let published = folder.path().join("lessons");
        let lessons = lessons::prepare(plan, &published, &mut watch)?;
        let agent_name = format!("hostile-{}", &secret[7..15]);
        let mut environment = vec![(SECRET_VARIABLE.to_owned(), secret)];
        let place = Place { plan, data: &data, folder: folder.path() };
        let lesson_folder = published.to_string_lossy().into_owned();
        let (api, base) = place.start_api(&lesson_folder, &environment)?;
        environment.extend(plan.agent_environment.iter().cloned());
        let agent = place.start_agent(&agent_name, &environment)?;
        let store = Store::open(&format!("sqlite://{}", data.join("gradus.db").display())).await?;
        let engine = Engine::connect(&agent_name, place.run_dir())?;
        let learners = AtomicU32::new(0);
        let watch = Arc::new(watch);
        let plan = plan.clone();
        Ok(Self {
            folder,
            base,
            agent_name,
            api,
            agent,
            engine,
            store,
            watch,
            plan,
            lessons,
            learners,
            kills: Kills::default(),
        })
    }

    #[must_use]
    pub fn has_lesson(&self, language: Language, mode: Mode) -> bool {
        self.lessons.contains(&(language, mode))
    }

    #[must_use]
    pub fn slug(language: Language, mode: Mode) -> String {
        format!("hostile-{}-{}", language.word(), mode.word())
    }

    /// What it was started by.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Where data folder and logs lie.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Keeps the folder when the runner ends, for whoever looks into a failure.
    #[must_use]
    pub fn keep(&mut self) -> PathBuf {
        self.folder.disable_cleanup(true);
        self.folder.path().to_owned()
    }

    /// A learner nobody has seen before, logged in.
    ///
    /// # Errors
    /// When the API does not let them in.
    pub async fn learner(&self, called: &str) -> anyhow::Result<Learner> {
        self.somebody(called, Role::Learner).await
    }

    /// The same in another role.
    ///
    /// # Errors
    /// When the API does not let them in.
    pub async fn somebody(&self, called: &str, role: Role) -> anyhow::Result<Learner> {
        let number = self.learners.fetch_add(1, Ordering::Relaxed);
        let account =
            FirstAccount { name: format!("{called}-{number}"), role, password: Uuid::new_v4().to_string() };
        setup::create_account(&self.store, &account).await.context("making an account")?;
        Learner::log_in(&self.base, &account.name, &account.password, Arc::clone(&self.watch)).await
    }

    /// Kills the API as a power cut would, and starts it again on the same data and address.
    ///
    /// # Errors
    /// When it does not start again.
    pub fn kill_and_restart_api(&mut self) -> anyhow::Result<()> {
        self.kills.api += 1;
        self.api.kill_and_start_again(ANY_PORT, self.base.trim_start_matches("http://"))?;
        self.api.until_line(ADDRESS_LINE).map(drop)
    }

    /// Kills the agent as a power cut would, and starts it again.
    ///
    /// # Errors
    /// When it does not start again.
    pub fn kill_and_restart_agent(&mut self) -> anyhow::Result<()> {
        self.kills.agent += 1;
        self.agent.kill_and_start_again("", "")
    }

    #[must_use]
    pub fn kills(&self) -> Kills {
        self.kills
    }

    /// Stops both parts as an operator would, and says what of theirs is left.
    ///
    /// # Errors
    /// When the engine does not answer.
    pub async fn stop(&mut self) -> anyhow::Result<Vec<ContainerSeen>> {
        self.agent.stop().await;
        self.api.stop().await;
        self.engine.everything().await
    }
}

/// Where the parts of one installation lie.
struct Place<'a> {
    plan: &'a Plan,
    data: &'a Path,
    folder: &'a Path,
}

impl Place<'_> {
    /// Short, because sockets lie in it.
    fn run_dir(&self) -> PathBuf {
        self.folder.join("run")
    }

    fn start_api(
        &self,
        lessons: &str,
        environment: &[(String, String)],
    ) -> anyhow::Result<(Process, String)> {
        let data = self.data.to_string_lossy();
        let arguments = ["api", "--data", &data, "--listen", ANY_PORT, "--lessons", lessons];
        let mut process = self.start(&arguments, environment)?;
        let base = process.until_line(ADDRESS_LINE)?;
        Ok((process, base))
    }

    fn start_agent(&self, name: &str, environment: &[(String, String)]) -> anyhow::Result<Process> {
        let data = self.data.to_string_lossy();
        let gradings = GRADINGS.to_string();
        let run_dir = self.run_dir().to_string_lossy().into_owned();
        // No container waits for work: what is there belongs to somebody, and afterwards nothing is.
        let arguments = [
            "agent",
            "--data",
            &data,
            "--agent-name",
            name,
            "--gradings",
            &gradings,
            "--warm",
            "0",
            "--run-dir",
            &run_dir,
        ];
        self.start(&arguments, environment)
    }

    fn start(&self, arguments: &[&str], environment: &[(String, String)]) -> anyhow::Result<Process> {
        let Plan { root, gradus, .. } = self.plan;
        let recipe = Recipe {
            name: arguments.first().copied().unwrap_or("gradus").to_owned(),
            program: gradus.clone(),
            arguments: arguments.iter().map(|&argument| argument.to_owned()).collect(),
            directory: root.clone(),
            environment: environment.to_vec(),
            read: true,
        };
        Process::start(recipe, self.folder).context("`scripts/prepare` builds it")
    }
}
