//! `gradus doctor --sandbox`: whether this host holds what the sandbox promises, tried on a container of its own with the
//! agent's settings. Needs nothing from outside and takes a few seconds.

use std::path::Path;

use eval_agent::proof::{Proof, ProofError, prove};
use eval_agent::{Config, Need};
use lesson::Needs;

use super::{Check, Lack, check, lack};

/// Guests' first uid, behind those of every agent that follows the advice on ranges; learners' lie above as always.
const UID_BASE: u32 = 95_000;
/// Beside the guest, from the same build.
const PROBE: &str = "eval-probe";

/// One check for each thing the proof looked at. An agent may be at work on this host meanwhile: neither minds the other.
pub(super) async fn checks(agent: &Config, image: &str) -> Vec<Check> {
    let probe = agent.guest_binary.with_file_name(PROBE);
    if !probe.is_file() {
        return vec![check("probe", lack(format!("{} is not there", probe.display()), "make guest"))];
    }
    let mut checks = match prove(&beside(agent), image, &probe, Needs::default()).await {
        Ok(proof) => told(proof, agent.strict_floors),
        Err(why) => vec![untried("sandbox", why, "look at what gradus doctor says without --sandbox")],
    };
    if agent.permits.allow_anybody(Need::Root) {
        checks.extend(with_root_inside(agent, image, &probe).await);
    }
    checks
}

/// The same from the place of a learner who is root inside: only what the permit names may be different.
async fn with_root_inside(agent: &Config, image: &str, probe: &Path) -> Vec<Check> {
    let root = Needs { root: true, ..Needs::default() };
    let proof = match prove(&beside(agent), image, probe, root).await {
        Ok(proof) => proof,
        Err(why) => {
            let remedy = "see that user namespaces can be made: sysctl user.max_user_namespaces, and on Ubuntu \
                          kernel.apparmor_restrict_unprivileged_userns";
            return vec![untried("root inside", why, remedy)];
        }
    };
    let rows = proof.checks.into_iter().map(|one| (one.name, one.result));
    let wrong = rows.filter_map(|(name, result)| result.err().map(|missing| (name, missing)));
    let wrong: Vec<_> = wrong
        .map(|(name, missing)| {
            let problem = format!("{name}: {}", missing.found);
            check("root inside", Err(Lack { problem, remedy: missing.mend }))
        })
        .collect();
    if wrong.is_empty() {
        let holds = "root of its own files, accounts and processes; all else is as for every learner";
        return vec![check("root inside", Ok(holds.to_owned()))];
    }
    wrong
}

fn untried(name: &'static str, why: ProofError, remedy: &str) -> Check {
    check(name, lack(format!("{:#}", anyhow::Error::from(why)), remedy))
}

/// The agent's settings, with a name, a folder and uids apart from those of an agent that runs.
fn beside(agent: &Config) -> Config {
    let name = format!("{}-doctor", agent.name);
    let folder = agent.run_dir.file_name().unwrap_or_default().to_string_lossy();
    let run_dir = agent.run_dir.with_file_name(format!("{folder}-doctor"));
    Config { name, run_dir, uid_base: UID_BASE, ..agent.clone() }
}

fn told(proof: Proof, strict: bool) -> Vec<Check> {
    let mut checks = vec![check("host", Ok(proof.host.to_string()))];
    for shortfall in proof.host.shortfalls() {
        let text = shortfall.to_string();
        let update = format!("update {}", shortfall.floor.part);
        checks.push(match strict {
            true => check("version", lack(text, update)),
            false => {
                Check { is_warning: true, ..check("version", Ok(format!("{text}\n         → {update}"))) }
            }
        });
    }
    checks.extend(proof.checks.into_iter().map(|one| {
        let result = one.result.map_err(|missing| Lack { problem: missing.found, remedy: missing.mend });
        check(one.name, result)
    }));
    checks
}

/// An image that is here: the smallest one if it is among them.
pub(super) fn image_to_try(lessons: &Path) -> Option<String> {
    let names = super::image_names(lessons).ok()?;
    let mut here: Vec<_> = names.into_iter().filter(|name| super::image(name).is_ok()).collect();
    here.sort_by_key(|name| name != "bash");
    here.into_iter().next()
}
