//! What an operator can say on the command line or in the environment, and what follows when they say nothing.

use std::fs::File;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use rustix::fs::FlockOperation;
use sha2::{Digest as _, Sha256};

use crate::previews::PreviewArgs;

/// Where Gradus keeps what must survive.
#[derive(Args)]
pub struct DataArgs {
    /// Folder of the database and the embedded queue.
    #[arg(long = "data", env = "GRADUS_DATA", default_value = ".gradus", value_name = "FOLDER")]
    folder: PathBuf,
    /// A PostgreSQL database for the store (postgres://user@host/database), instead of the file in the data folder; across a
    /// network with ?sslmode=verify-full&sslrootcert=FILE. Better said in the environment, where nobody else reads a password.
    #[arg(long, env = "GRADUS_STORE", value_name = "URL", value_parser = postgres, hide_env_values = true)]
    store: Option<String>,
    /// How long the queue leaves a job with an agent that says nothing. API and agents must be told the same.
    #[arg(long, env = "GRADUS_VISIBILITY", default_value = "60s", value_name = "TIME", value_parser = duration, hide = true)]
    visibility: Duration,
}

impl DataArgs {
    /// The folder as an absolute path; made when missing, for this user alone.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn prepare(&self) -> anyhow::Result<Data> {
        use std::os::unix::fs::DirBuilderExt as _;
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.folder)
            .with_context(|| format!("making the data folder {}", self.folder.display()))?;
        let folder =
            self.folder.canonicalize().with_context(|| format!("looking for {}", self.folder.display()))?;
        Ok(Data { folder, store: self.store.clone(), visibility: self.visibility })
    }
}

impl DataArgs {
    /// Where the store is that is there already; nothing is made.
    ///
    /// # Errors
    /// When it lies in a folder that is not there.
    pub fn existing_store(&self) -> anyhow::Result<String> {
        match &self.store {
            Some(url) => Ok(url.clone()),
            None => Ok(self.existing()?.store_url()),
        }
    }

    /// The folder as it is; never made.
    ///
    /// # Errors
    /// When it is not there.
    pub fn existing(&self) -> anyhow::Result<Data> {
        let folder = self.folder.canonicalize();
        let folder =
            folder.with_context(|| format!("looking for the data folder {}", self.folder.display()))?;
        Ok(Data { folder, store: self.store.clone(), visibility: self.visibility })
    }
}

/// Whether one process works on a data folder, or several.
#[derive(Debug, Clone, Copy)]
pub enum Use {
    Alone,
    Shared,
}

/// A data folder that is there.
pub struct Data {
    folder: PathBuf,
    store: Option<String>,
    /// How long the queue leaves a job with an agent that says nothing.
    pub visibility: Duration,
}

impl Data {
    /// Says who else may work on this folder as long as the answer is held: `gradus up` has it alone, because it takes
    /// back what an earlier run held; parts that run apart share it.
    ///
    /// # Errors
    /// When somebody else has it in a way that excludes ours.
    pub fn lock(&self, how: Use) -> anyhow::Result<File> {
        let path = self.folder.join("gradus.lock");
        let file = File::options().create(true).append(true).open(&path);
        let file = file.with_context(|| format!("opening {}", path.display()))?;
        let operation = match how {
            Use::Alone => FlockOperation::NonBlockingLockExclusive,
            Use::Shared => FlockOperation::NonBlockingLockShared,
        };
        rustix::fs::flock(&file, operation).map_err(|_| {
            anyhow::anyhow!(
                "another gradus works on {}; stop it first, or choose another folder with --data",
                self.folder.display()
            )
        })?;
        Ok(file)
    }

    /// The embedded queue: a file of its own, because SQLite has one writer per file, and whoever finds it taken sleeps
    /// for milliseconds before looking again.
    pub fn queue(&self) -> PathBuf {
        self.folder.join("queue.db")
    }

    /// The store, unless that is elsewhere.
    pub fn database(&self) -> PathBuf {
        self.folder.join("gradus.db")
    }

    /// Whether the store is a file of this folder, and so nobody's who has not locked the folder.
    pub fn has_store_alone(&self) -> bool {
        self.store.is_none()
    }

    pub fn store_url(&self) -> String {
        self.store.clone().unwrap_or_else(|| format!("sqlite://{}", self.database().display()))
    }

    /// A short name that is this folder's alone, so that two installations on one machine leave each other's
    /// containers alone.
    pub fn fingerprint(&self) -> String {
        let digest = Sha256::digest(self.folder.as_os_str().as_encoded_bytes());
        digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// How browsers reach the API, and what it serves.
#[derive(Args)]
pub struct ServeArgs {
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, env = "GRADUS_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// How browsers and agents reach it, when that is not the address it listens on (behind a proxy).
    #[arg(long, env = "GRADUS_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
    /// Another origin that browsers may come from, such as a development server of the IDE
    /// (http://localhost:5173). May be repeated.
    #[arg(long, value_name = "ORIGIN")]
    pub allow_origin: Vec<String>,
    /// Connections that one address may hold open, sockets included.
    #[arg(long, env = "GRADUS_CONNECTIONS_PER_ADDRESS", value_name = "N")]
    pub connections_per_address: Option<usize>,
    /// Connections to PostgreSQL of this process. Those of all API processes together must be fewer than its `max_connections`.
    #[arg(long, env = "GRADUS_STORE_CONNECTIONS", value_name = "N", default_value_t = api::store::POSTGRES_CONNECTIONS,
          value_parser = clap::value_parser!(u32).range(2..=1000))]
    pub store_connections: u32,
    /// Behind a proxy: the header in which it names the address it was asked from (X-Forwarded-For). Nothing but the proxy may
    /// reach this server then.
    #[arg(long, env = "GRADUS_ADDRESS_HEADER", value_name = "NAME")]
    pub address_header: Option<api::HeaderName>,
    /// The built IDE.
    #[arg(long, env = "GRADUS_IDE", default_value = "ide/dist", value_name = "FOLDER")]
    pub ide: PathBuf,
    /// How long a learner's machine lasts at most (90s, 45m, 3h; up to 8h). It can be extended twice, by 30 minutes.
    #[arg(long, env = "GRADUS_SESSION_LIMIT", default_value = "3h", value_name = "TIME", value_parser = session_limit)]
    pub session_limit: Duration,
    /// How long it is kept while no page of its learner is connected.
    #[arg(long, env = "GRADUS_SESSION_IDLE", default_value = "10m", value_name = "TIME", value_parser = duration)]
    pub session_idle: Duration,
    /// Lessons to publish at start: a lesson folder, or a folder of them.
    #[arg(long, env = "GRADUS_LESSONS", default_value = "lesson-images/lessons", value_name = "FOLDER")]
    pub lessons: PathBuf,
    #[command(flatten)]
    pub previews: PreviewArgs,
}

/// What an eval host has to offer.
#[derive(Args)]
pub struct HostArgs {
    /// Names this agent; unique per host. At start it removes what an earlier run of this name left.
    #[arg(long, env = "GRADUS_AGENT_NAME", value_name = "NAME")]
    agent_name: Option<String>,
    /// Where the API is, for an agent to which the address in its jobs means nothing (http://10.0.0.5:8080).
    /// `gradus up` knows without.
    #[arg(long, env = "GRADUS_API_URL", value_name = "URL")]
    api_url: Option<String>,
    /// The Docker Engine's socket.
    #[arg(long, env = "GRADUS_DOCKER", default_value = "/var/run/docker.sock", value_name = "PATH")]
    docker: PathBuf,
    /// The OCI runtime of every container, by the name the engine knows it under (runsc, kata, crun).
    #[arg(long, env = "GRADUS_RUNTIME", value_name = "NAME")]
    runtime: Option<String>,
    /// Start containers straight by the OCI runtime, beside one that Docker made: several times as many per second, in the same
    /// sandbox (docs/containers.md). With runc and crun.
    #[arg(long, env = "GRADUS_DENSE")]
    dense: bool,
    /// Refuse to start where Docker, runc or the kernel is older than the version that mended a known hole.
    #[arg(long, env = "GRADUS_STRICT_FLOORS")]
    strict_floors: bool,
    /// Most memory that a lesson may ask for, in MiB.
    #[arg(long, env = "GRADUS_MEMORY_CEILING", value_name = "MIB")]
    memory_ceiling: Option<u32>,
    /// Most processor time that a lesson may ask for, in hundredths of a core.
    #[arg(long, env = "GRADUS_CPU_CEILING", value_name = "PERCENT")]
    cpu_ceiling: Option<u32>,
    /// Most processes that a lesson may ask for.
    #[arg(long, env = "GRADUS_PROCESSES_CEILING", value_name = "N")]
    processes_ceiling: Option<u32>,
    /// A lesson that may have more than others (py-till=memory,cpu,processes), or what nobody else has (=root,network).
    /// May be repeated.
    #[arg(long, value_name = "LESSON=NEEDS")]
    allow: Vec<eval_agent::Permit>,
    /// Controls of the sandbox to leave out, for tests that have to notice.
    #[cfg(feature = "knock-out")]
    #[arg(long, env = "GRADUS_KNOCK_OUT", value_name = "CONTROL", value_delimiter = ',')]
    knock_out: Vec<eval_agent::Control>,
    /// Where sockets of live containers lie; short, because a socket's path is.
    #[arg(long, env = "GRADUS_RUN_DIR", value_name = "FOLDER")]
    run_dir: Option<PathBuf>,
    /// The static guest (`scripts/build-guest` makes it).
    #[arg(long, env = "GRADUS_GUEST", value_name = "FILE")]
    guest: Option<PathBuf>,
    /// Memory that learners' jobs may have together, in MiB. By default the machine's, less an eighth (512 MiB at least) and what
    /// --warm-memory may hold. A session counts half of what its lesson asks for.
    #[arg(long, env = "GRADUS_HOST_MEMORY", value_name = "MIB")]
    host_memory: Option<u32>,
    /// Processors that learners' jobs may have together, in hundredths of a core; by default all. Sessions may ask for
    /// eight times as much.
    #[arg(long, env = "GRADUS_HOST_CPUS", value_name = "PERCENT")]
    host_cpus: Option<u32>,
    /// Live sessions at once, however much room there is.
    #[arg(long, env = "GRADUS_SESSIONS", value_name = "N")]
    sessions: Option<usize>,
    /// Gradings at once, however much room there is.
    #[arg(long, env = "GRADUS_GRADINGS", value_name = "N")]
    gradings: Option<usize>,
    /// Started containers kept ready in all, at most; 0 starts each when it is asked for.
    #[arg(long, env = "GRADUS_WARM", value_name = "N")]
    warm: Option<usize>,
    /// Memory that they may hold together, in MiB. One is about 5, more with a database or an interpreter that waits.
    #[arg(long, env = "GRADUS_WARM_MEMORY", value_name = "MIB")]
    warm_memory: Option<u32>,
    /// Learners who are known to come: an image, how many, and when, in UTC (python=30@09:00-10:30). As many containers
    /// are ready by then. May be repeated.
    #[arg(long, env = "GRADUS_EXPECT", value_name = "IMAGE=N[@FROM-UNTIL]", value_delimiter = ',')]
    expect: Vec<eval_agent::Expected>,
    /// First uid of the range given to containers. Agents on one host need ranges apart.
    #[arg(long, env = "GRADUS_UID_BASE", value_name = "UID")]
    uid_base: Option<u32>,
}

impl HostArgs {
    /// The agent's settings; `data` gives it a name when the operator gave none.
    pub fn config(&self, data: &Data) -> eval_agent::Config {
        let name = self.agent_name.clone().unwrap_or_else(|| format!("local-{}", data.fingerprint()));
        let guest = self.guest.clone().unwrap_or_else(built_guest);
        let run_dir =
            self.run_dir.clone().unwrap_or_else(|| Path::new("/run/gradus").join(data.fingerprint()));
        let mut config = eval_agent::Config::new(name, guest);
        config.visibility = data.visibility;
        config.api_url = self.api_url.as_deref().map(|url| url.trim_end_matches('/').to_owned());
        config.docker_socket.clone_from(&self.docker);
        config.run_dir = run_dir;
        config.runtime.clone_from(&self.runtime);
        config.dense = self.dense;
        config.strict_floors = self.strict_floors;
        config.permits = self.permits();
        #[cfg(feature = "knock-out")]
        config.knock_out.clone_from(&self.knock_out);
        (config.host_memory_mib, config.host_cpu_percent) = (self.host_memory, self.host_cpus);
        if let Some(sessions) = self.sessions {
            config.session_slots = sessions;
        }
        if let Some(gradings) = self.gradings {
            config.grading_slots = gradings;
        }
        if let Some(warm) = self.warm {
            config.warm_total = warm;
        }
        if let Some(mib) = self.warm_memory {
            config.warm_mib = mib;
        }
        config.warm_expected.clone_from(&self.expect);
        if let Some(uid_base) = self.uid_base {
            config.uid_base = uid_base;
        }
        config
    }
}

impl HostArgs {
    fn permits(&self) -> eval_agent::Permits {
        let usual = eval_agent::Ceilings::default();
        let ceilings = eval_agent::Ceilings {
            memory_mib: self.memory_ceiling.unwrap_or(usual.memory_mib),
            cpu_percent: self.cpu_ceiling.unwrap_or(usual.cpu_percent),
            processes: self.processes_ceiling.unwrap_or(usual.processes),
        };
        eval_agent::Permits { ceilings, allowed: self.allow.clone() }
    }
}

fn postgres(url: &str) -> Result<String, String> {
    match url.starts_with("postgres://") || url.starts_with("postgresql://") {
        true => Ok(url.to_owned()),
        false => Err("write postgres://user@host/database".to_owned()),
    }
}

/// A length of time as people write it: a number and s, m or h.
pub fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "write a number and a unit: 90s, 45m, 3h".to_owned();
    let unit = text.chars().last().ok_or_else(wrong)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        _ => return Err(wrong()),
    };
    let number: u64 = text.strip_suffix(unit).ok_or_else(wrong)?.parse().map_err(|_| wrong())?;
    match number.checked_mul(seconds) {
        Some(0) => Err("it has to be longer than nothing".to_owned()),
        Some(seconds) => Ok(Duration::from_secs(seconds)),
        None => Err(wrong()),
    }
}

fn session_limit(text: &str) -> Result<Duration, String> {
    let limit = duration(text)?;
    if limit > api::MAX_SESSION {
        return Err(format!("a machine lasts {} hours at most", api::MAX_SESSION.as_secs() / 3_600));
    }
    Ok(limit)
}

/// Where `scripts/build-guest` puts the guest.
pub fn built_guest() -> PathBuf {
    let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    Path::new("target/guest").join(target).join("guest/eval-guest")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        let rows = [("90s", Some(90)), ("45m", Some(2_700)), ("3h", Some(10_800)), ("8h", Some(28_800))];
        for (text, seconds) in rows {
            assert_eq!(session_limit(text).ok().map(|limit| limit.as_secs()), seconds, "{text}");
        }
        for text in ["", "h", "3", "0m", "-1h", "1.5h", "3 h", "3hh", "99999999999999999999h", "9h", "3д"] {
            assert!(session_limit(text).is_err(), "{text}");
        }
    }
}
