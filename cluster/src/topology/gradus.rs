//! How APIs and agents are started.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use hostile::ground::Recipe;

use super::recipe;
use crate::plan::{LEASE, Plan};

/// First uid of the first agent's containers, and how far the next one's is: nobody else's on this machine.
const UIDS_FROM: usize = 310_000;
const UIDS_APART: usize = 2_000;

/// The balancer has seen twice that an instance is not ready any more, and a moment.
const DRAIN_DELAY: &str = "2s";

/// Each agent grades one at a time: three of them on two cores are one more than can be at work.
const GRADINGS: &str = "1";

/// What all have in common.
pub(super) struct Shared<'a> {
    pub(super) plan: &'a Plan,
    pub(super) folder: &'a Path,
    pub(super) base: String,
    pub(super) store: String,
    pub(super) queue: SocketAddr,
}

impl Shared<'_> {
    pub(super) fn api(&self, number: usize, listen: SocketAddr, peer: SocketAddr) -> Recipe {
        let name = format!("api-{}", number + 1);
        let (listen, peer) = (listen.to_string(), peer.to_string());
        let data = self.data(&name);
        let lessons = self.plan.root.join("cluster/lessons");
        let words = ["api", "--data", &data, "--listen", &listen, "--public-url", &self.base];
        let more = ["--lessons", &lessons.to_string_lossy(), "--address-header", "X-Forwarded-For"]
            .map(str::to_owned);
        let peers = ["--peer-listen", &peer, "--drain-delay", DRAIN_DELAY].map(str::to_owned);
        let words = words.map(str::to_owned).into_iter().chain(more).chain(peers);
        self.gradus(&name, words)
    }

    pub(super) fn agent(&self, number: usize, api: SocketAddr) -> Recipe {
        let name = self.agent_name(number);
        let uids = (UIDS_FROM + UIDS_APART * number).to_string();
        let (run_dir, url, data) = (self.run_dir(number), format!("http://{api}"), self.data(&name));
        let run_dir = run_dir.to_string_lossy();
        let words =
            ["agent", "--data", &data, "--agent-name", &name, "--uid-base", &uids, "--run-dir", &run_dir];
        let more = ["--api-url", &url, "--gradings", GRADINGS, "--warm", "2"];
        let words = words.into_iter().chain(more).map(str::to_owned);
        self.gradus(&format!("agent-{}", number + 1), words)
    }

    /// The same from run to run of one checkout: a run that was killed is cleaned up after by the next.
    pub(super) fn agent_name(&self, number: usize) -> String {
        let root = self.plan.root.to_string_lossy();
        let mark = root.bytes().fold(0_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
        format!("cluster-{mark:08x}-{}", number + 1)
    }

    /// Short, because sockets lie in it.
    pub(super) fn run_dir(&self, number: usize) -> PathBuf {
        self.folder.join(format!("run{}", number + 1))
    }

    /// Nothing of worth lies there: truth is in the database, jobs are in the queue.
    fn data(&self, name: &str) -> String {
        self.folder.join(format!("data-{name}")).to_string_lossy().into_owned()
    }

    /// Makes the queues that are not there, as an operator does.
    pub(super) fn ensure_queues(&self) -> Recipe {
        let words = ["queue", "ensure", "--data", &self.data("operator")].map(str::to_owned);
        self.gradus("queue-ensure", words)
    }

    pub(super) fn gradus(&self, name: &str, words: impl IntoIterator<Item = String>) -> Recipe {
        let mut recipe = recipe(name, &self.plan.gradus.to_string_lossy(), words, &self.plan.root);
        let lease = format!("{}s", LEASE.as_secs());
        let queue = format!("http://{}", self.queue);
        let environment = [
            ("GRADUS_STORE", self.store.as_str()),
            ("GRADUS_VISIBILITY", &lease),
            ("GRADUS_QUEUE", "sqs:cluster"),
            ("GRADUS_QUEUE_ENDPOINT", &queue),
            // The server takes any.
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_REGION", "us-east-1"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ];
        recipe.environment =
            environment.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        recipe
    }
}
