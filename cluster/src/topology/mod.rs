//! The parts and the lines between them. Each has a name, can be killed as by a power cut, stopped as by an operator, started again
//! and, where it stands behind a line of ours, cut off.
//!
//! ```text
//!  learners ── haproxy ── api 1 … n ── PostgreSQL
//!                 │            └────── line ── SQS server
//!  agent i ── line i              agent i ── line
//! ```

mod balancer;
mod database;
mod forwarder;
mod gradus;
pub mod ports;
mod queue;

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use api::store::Store;
use hostile::ground::{ContainerSeen, Engine, Process, Recipe};

use crate::plan::Plan;
pub use balancer::configuration;
pub use forwarder::Forwarder;

/// How long a part may take until it answers: debug builds, two cores, everything at once.
const START_PATIENCE: Duration = Duration::from_secs(60);
/// PostgreSQL asked by SIGTERM waits for its clients to leave; by this one it sends them away.
const FAST_SHUTDOWN: &str = "INT";
const LOOK_EVERY: Duration = Duration::from_millis(50);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Counted from 0, as all.
    Api(usize),
    Agent(usize),
    Balancer,
    Queue,
    Database,
}

impl fmt::Display for Part {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Api(number) => write!(to, "API {}", number + 1),
            Self::Agent(number) => write!(to, "agent {}", number + 1),
            Self::Balancer => write!(to, "haproxy"),
            Self::Queue => write!(to, "SQS server"),
            Self::Database => write!(to, "PostgreSQL"),
        }
    }
}

/// All of it.
pub struct Topology {
    folder: tempfile::TempDir,
    /// Where learners and agents find it: the balancer.
    pub base: String,
    pub store: Store,
    pub store_url: String,
    database: Process,
    queue: Process,
    balancer: Process,
    apis: Vec<Api>,
    agents: Vec<Agent>,
    queue_line: Forwarder,
    queue_setup: queue::Setup,
}

struct Api {
    address: SocketAddr,
    process: Process,
}

struct Agent {
    process: Process,
    line: Forwarder,
    engine: Engine,
}

impl Topology {
    /// Starts everything and waits until it answers.
    ///
    /// # Errors
    /// When something that `scripts/cluster` makes is missing, or a part does not start.
    pub async fn start(plan: &Plan, apis: usize, agents: usize) -> anyhow::Result<Self> {
        // reqwest wants one even for plain HTTP; a second installation changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::Builder::new().prefix("gradus-cluster-").tempdir()?;
        // PostgreSQL runs as somebody else.
        std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
        let place = folder.path();
        let mut free = ports::free(4 + 2 * apis + agents)?.into_iter();
        let mut port = || free.next().context("too few ports");
        let (balancer_at, database_at, queue_at, queue_line_at) = (port()?, port()?, port()?, port()?);

        let database = database::prepare(&plan.root, place, database_at)?;
        let database_process = Process::start(database.recipe, place)?;
        let queue = Process::start(queue::recipe_of(plan, place, queue_at), place)?;
        let queue_line = Forwarder::start(queue_line_at, queue_at).await?;
        answers(database_at).await.context("PostgreSQL")?;
        answers(queue_at).await.context("the SQS server")?;
        let store = opened(&database.url).await?;

        let shared = gradus::Shared {
            plan,
            folder: place,
            base: format!("http://{balancer_at}"),
            store: database.url.clone(),
            queue: queue_line_at,
        };
        let queue_setup = queue::Setup::new(&shared, queue_at);
        queue_setup.ensure().await?;
        let mut started = Vec::new();
        for number in 0..apis {
            let (address, peer) = (port()?, port()?);
            started.push(Api { address, process: Process::start(shared.api(number, address, peer), place)? });
        }
        let addresses: Vec<_> = started.iter().map(|api| api.address).collect();
        let balancer = Process::start(balancer::prepare(&plan.root, place, balancer_at, &addresses)?, place)?;
        let mut hosts = Vec::new();
        for number in 0..agents {
            let line = Forwarder::start(port()?, balancer_at).await?;
            let name = shared.agent_name(number);
            let engine = Engine::connect(&name, shared.run_dir(number))?;
            hosts.push(Agent {
                process: Process::start(shared.agent(number, line.address), place)?,
                line,
                engine,
            });
        }
        let topology = Self {
            base: shared.base.clone(),
            store,
            store_url: database.url,
            database: database_process,
            queue,
            balancer,
            apis: started,
            agents: hosts,
            queue_line,
            queue_setup,
            folder,
        };
        for number in 0..apis {
            topology.until_up(Part::Api(number)).await?;
        }
        topology.until_up(Part::Balancer).await?;
        Ok(topology)
    }

    #[must_use]
    pub fn apis(&self) -> usize {
        self.apis.len()
    }

    #[must_use]
    pub fn agents(&self) -> usize {
        self.agents.len()
    }

    /// Where the logs lie.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Keeps the folder, for whoever looks into a failure.
    #[must_use]
    pub fn keep(&mut self) -> PathBuf {
        self.folder.disable_cleanup(true);
        self.folder.path().to_owned()
    }

    /// Every part there is.
    #[must_use]
    pub fn parts(&self) -> Vec<Part> {
        let apis = (0..self.apis.len()).map(Part::Api);
        let agents = (0..self.agents.len()).map(Part::Agent);
        apis.chain(agents).chain([Part::Balancer, Part::Queue, Part::Database]).collect()
    }

    /// # Errors
    /// When there is no such part.
    pub fn process(&self, part: Part) -> anyhow::Result<&Process> {
        Ok(match part {
            Part::Api(number) => &self.apis.get(number).context("no such API")?.process,
            Part::Agent(number) => &self.agents.get(number).context("no such agent")?.process,
            Part::Balancer => &self.balancer,
            Part::Queue => &self.queue,
            Part::Database => &self.database,
        })
    }

    fn process_mut(&mut self, part: Part) -> anyhow::Result<&mut Process> {
        Ok(match part {
            Part::Api(number) => &mut self.apis.get_mut(number).context("no such API")?.process,
            Part::Agent(number) => &mut self.agents.get_mut(number).context("no such agent")?.process,
            Part::Balancer => &mut self.balancer,
            Part::Queue => &mut self.queue,
            Part::Database => &mut self.database,
        })
    }

    /// `kill -9`.
    ///
    /// # Errors
    /// When there is no such part.
    pub fn kill(&mut self, part: Part) -> anyhow::Result<()> {
        self.process_mut(part)?.kill();
        Ok(())
    }

    /// As its service manager stops it, and until it has ended.
    ///
    /// # Errors
    /// When there is no such part.
    pub async fn stop_part(&mut self, part: Part) -> anyhow::Result<Duration> {
        let began = Instant::now();
        let signal = if part == Part::Database { FAST_SHUTDOWN } else { "TERM" };
        self.process_mut(part)?.stop_by(signal).await;
        Ok(began.elapsed())
    }

    /// Starts a part that has ended, and waits until it answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn start_part(&mut self, part: Part) -> anyhow::Result<()> {
        let began = Instant::now();
        self.process_mut(part)?.start_again()?;
        while let Err(why) = self.until_up(part).await {
            // PostgreSQL waits for the last of its killed children to be gone, and says so by ending.
            anyhow::ensure!(part == Part::Database && began.elapsed() < START_PATIENCE, why);
            self.process_mut(part)?.start_again()?;
        }
        if part == Part::Queue {
            // It keeps nothing over a kill: an operator makes the queues anew.
            self.queue_setup.ensure().await?;
        }
        Ok(())
    }

    /// # Errors
    /// When there is no such part.
    pub fn is_up(&mut self, part: Part) -> anyhow::Result<bool> {
        Ok(self.process_mut(part)?.is_alive())
    }

    /// # Errors
    /// When there is no such agent.
    pub fn line_of(&self, agent: usize) -> anyhow::Result<&Forwarder> {
        Ok(&self.agents.get(agent).context("no such agent")?.line)
    }

    #[must_use]
    pub fn queue_line(&self) -> &Forwarder {
        &self.queue_line
    }

    async fn until_up(&self, part: Part) -> anyhow::Result<()> {
        let within = async {
            match part {
                Part::Api(number) => ready(self.apis.get(number).context("no such API")?.address).await,
                Part::Balancer => ready(self.base.trim_start_matches("http://").parse()?).await,
                Part::Queue => answers(self.queue_setup.server).await,
                Part::Database => self.until_database().await,
                // It dials out, nobody asks it.
                Part::Agent(_) => Ok(()),
            }
        };
        let ended = self.process(part)?.ends();
        tokio::select! {
            up = tokio::time::timeout(START_PATIENCE, within) => match up {
                Ok(up) => up,
                Err(_) => anyhow::bail!("{part} does not answer within {START_PATIENCE:?}; its log:\n{}", self.log_end(part)),
            },
            () = ended => anyhow::bail!("{part} has ended; its log:\n{}", self.log_end(part)),
        }
    }

    async fn until_database(&self) -> anyhow::Result<()> {
        while self.store.ping().await.is_err() {
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    fn log_end(&self, part: Part) -> String {
        let text = self.process(part).map(Process::log_text).unwrap_or_default();
        let lines: Vec<_> = text.lines().rev().take(30).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }

    /// Asks the database.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn psql(&self, sql: &str) -> anyhow::Result<String> {
        database::ask(&self.store_url, sql).await
    }

    /// Containers of all agents.
    ///
    /// # Errors
    /// When the engine does not answer.
    pub async fn containers(&self) -> anyhow::Result<Vec<ContainerSeen>> {
        let mut all = Vec::new();
        for agent in &self.agents {
            all.extend(agent.engine.everything().await?);
        }
        Ok(all)
    }

    /// Takes it down as an operator would – agents first – and says what is left of it in the engine.
    ///
    /// # Errors
    /// When the engine does not answer.
    pub async fn stop(&mut self) -> anyhow::Result<Vec<ContainerSeen>> {
        self.queue_line.mend();
        for agent in &self.agents {
            agent.line.mend();
        }
        futures_util::future::join_all(self.agents.iter_mut().map(|agent| agent.process.stop())).await;
        futures_util::future::join_all(self.apis.iter_mut().map(|api| api.process.stop())).await;
        self.balancer.kill();
        self.queue.kill();
        self.database.stop_by(FAST_SHUTDOWN).await;
        self.containers().await
    }
}

/// A recipe whose process does not outlive the runner, however that ends.
fn recipe<I, S>(name: &str, program: &str, arguments: I, root: &Path) -> Recipe
where
    I: IntoIterator<Item = S>,
    S: AsRef<str>,
{
    let mut words: Vec<String> = Vec::new();
    // Where it is another user's, the change of user would take this back: there it is said behind it.
    let program = if program == "setpriv" {
        program.to_owned()
    } else {
        words.extend(["--pdeathsig", "KILL", "--", program].map(str::to_owned));
        "setpriv".to_owned()
    };
    words.extend(arguments.into_iter().map(|word| word.as_ref().to_owned()));
    Recipe {
        name: name.to_owned(),
        program: program.into(),
        arguments: words,
        directory: root.to_owned(),
        environment: Vec::new(),
        read: false,
    }
}

async fn answers(address: SocketAddr) -> anyhow::Result<()> {
    let began = Instant::now();
    while tokio::net::TcpStream::connect(address).await.is_err() {
        anyhow::ensure!(began.elapsed() < START_PATIENCE, "nobody listens on {address}");
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(())
}

async fn ready(address: SocketAddr) -> anyhow::Result<()> {
    let http = reqwest::Client::builder().timeout(Duration::from_secs(2)).build()?;
    let url = format!("http://{address}/readyz");
    loop {
        match http.get(&url).send().await {
            Ok(answer) if answer.status().is_success() => return Ok(()),
            _ => tokio::time::sleep(LOOK_EVERY).await,
        }
    }
}

/// PostgreSQL listens before it answers.
async fn opened(url: &str) -> anyhow::Result<Store> {
    let began = Instant::now();
    loop {
        match Store::open(url).await {
            Ok(store) => return Ok(store),
            Err(why) if began.elapsed() > START_PATIENCE => return Err(why).context("opening the store"),
            Err(_) => tokio::time::sleep(LOOK_EVERY).await,
        }
    }
}
