//! Who we are: root becomes the guest, and the guest's children become the learner.
//!
//! The guest keeps SETUID, SETGID and KILL, and its children can have none at all; its file system ids are the learner's, so that whatever it opens, makes
//! or follows, it does with the learner's rights and no more – but for pseudo-terminals, which it alone may make.
//!
//! Where a lesson was given root inside, its programs are root of a [user namespace](crate::root_inside), which the guest is
//! not in.

use std::io;

use nix::unistd::{setfsgid, setfsuid};
use rustix::fs::Mode;
use rustix::io::Errno;
use rustix::process::{DumpableBehavior, Gid, Pid, Resource, Rlimit, Uid, set_dumpable_behavior, setrlimit};
use rustix::thread::{
    CapabilitySet, CapabilitySets, remove_capability_from_bounding_set, set_capabilities,
    set_keep_capabilities, set_no_new_privs, set_thread_groups, set_thread_res_gid, set_thread_res_uid,
};

use crate::arguments::Ids;
use crate::root_inside::RootInside;

/// When memory runs out, the learner's programs go first and the guest last.
const LEARNER_OOM_SCORE_ADJ: &str = "1000";
/// Refused or not wanted (-1000 exempts from being killed), and nothing to gain: the lowest between is looked for.
const OOM_SCORES_TO_TRY: (i32, i32) = (-1000, 1000);
const OOM_SCORE_ADJ: &str = "/proc/self/oom_score_adj";

/// What is opened to make a pseudo-terminal; `/dev/ptmx` leads to it in a container.
const TERMINAL_MAKER: &str = "/dev/pts/ptmx";

/// Proof that the guest has become who it is to be.
#[derive(Debug, Clone, Copy)]
pub struct Identity {
    ids: Ids,
    root_inside: Option<RootInside>,
}

impl Identity {
    /// Gives up root for good. To be called once, before anything of the learner's exists.
    pub fn take(ids: Ids) -> io::Result<Self> {
        let mut root_inside = None;
        if let Ids::Switch { guest, learner, others } = ids {
            lower_our_oom_score();
            if rustix::process::getpid() == Pid::INIT {
                keep_terminals_for(guest)?;
            }
            limit_bounding_set(CapabilitySet::empty())?;
            set_keep_capabilities(true)?;
            change_ids(guest, &[gid(guest)])?;
            set_keep_capabilities(false)?;
            let kept = CapabilitySet::SETUID | CapabilitySet::SETGID | CapabilitySet::KILL;
            let none = CapabilitySet::empty();
            set_capabilities(None, CapabilitySets { effective: kept, permitted: kept, inheritable: none })?;
            root_inside = others.map(|others| RootInside::prepare(learner, others)).transpose()?;
            use_files_as(learner)?;
        } else if rustix::process::getpid() != Pid::INIT {
            // Without a pid namespace of our own, orphans come to us all the same.
            rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
        }
        // Nobody reads our memory, environment or descriptors through /proc; nobody traces us.
        set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
        Ok(Self { ids, root_inside })
    }

    /// What the learner's programs are told their user is called; the account files say the same.
    pub fn user_name(self) -> &'static str {
        if self.root_inside.is_some() { "root" } else { "learner" }
    }

    /// Turns a forked child into the learner, irrevocably. The last thing before exec: from here on the learner's
    /// other programs may signal it.
    pub fn become_learner(self) -> io::Result<()> {
        set_no_new_privs(true)?;
        setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
        self.volunteer_for_the_oom_killer();
        if let Some(root_inside) = self.root_inside {
            root_inside.enter()?;
        } else if let Ids::Switch { learner, .. } = self.ids {
            change_ids(learner, &[])?;
            let none = CapabilitySet::empty();
            set_capabilities(None, CapabilitySets { effective: none, permitted: none, inheritable: none })?;
        }
        Ok(())
    }

    /// Best effort: the file belongs to root while we are not dumpable, so we are for a moment. Still the guest's
    /// uid then: nobody of the learner's can use that moment.
    fn volunteer_for_the_oom_killer(self) {
        if let Ids::Switch { guest, .. } = self.ids
            && use_files_as(guest).is_err()
        {
            return;
        }
        let _ = set_dumpable_behavior(DumpableBehavior::Dumpable);
        let _ = std::fs::write(OOM_SCORE_ADJ, LEARNER_OOM_SCORE_ADJ);
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}

/// Lets nobody but the guest make pseudo-terminals. The kernel counts them for the whole host, and a few programs that
/// open one after the other take them all. The guest opens them with the learner's ids: its right is the group's.
fn keep_terminals_for(guest: u32) -> io::Result<()> {
    // An owner needs no capability to give a file to a group that it is in.
    set_thread_groups(&[gid(guest)])?;
    rustix::fs::chown(TERMINAL_MAKER, None, Some(gid(guest)))?;
    rustix::fs::chmod(TERMINAL_MAKER, Mode::RUSR | Mode::WUSR | Mode::RGRP | Mode::WGRP)?;
    Ok(())
}

/// No program started from here on can have a capability but these, whatever file it comes from. (Takes SETPCAP, which
/// goes with all the rest that is not kept.)
pub fn limit_bounding_set(to: CapabilitySet) -> io::Result<()> {
    for bit in (0..u64::BITS).filter(|bit| to.bits() & (1 << bit) == 0) {
        match remove_capability_from_bounding_set(CapabilitySet::from_bits_retain(1 << bit)) {
            Ok(()) => {}
            // Beyond the last that this kernel knows.
            Err(Errno::INVAL) => break,
            Err(why) => return Err(why.into()),
        }
    }
    Ok(())
}

/// Best effort: the lowest score that the kernel grants without privilege. The learner's programs may go as low, but no
/// lower; at the same score the largest is killed, and that is not us. Never exempt, or a container that nothing else
/// can be killed in would hang.
fn lower_our_oom_score() {
    let (mut refused, mut taken) = OOM_SCORES_TO_TRY;
    while taken - refused > 1 {
        let score = i32::midpoint(refused, taken);
        match std::fs::write(OOM_SCORE_ADJ, score.to_string()) {
            Ok(()) => taken = score,
            Err(_) => refused = score,
        }
    }
}

fn gid(id: u32) -> Gid {
    Gid::from_raw(id)
}

pub fn change_ids(id: u32, groups: &[Gid]) -> io::Result<()> {
    let (uid, gid) = (Uid::from_raw(id), gid(id));
    set_thread_groups(groups)?;
    set_thread_res_gid(gid, gid, gid)?;
    set_thread_res_uid(uid, uid, uid)?;
    Ok(())
}

/// `setfsuid` reports no errors: asking twice tells whether it took.
fn use_files_as(id: u32) -> io::Result<()> {
    let (uid, gid) = (nix::unistd::Uid::from_raw(id), nix::unistd::Gid::from_raw(id));
    setfsgid(gid);
    setfsuid(uid);
    if setfsgid(gid) == gid && setfsuid(uid) == uid {
        Ok(())
    } else {
        Err(io::Error::from_raw_os_error(nix::libc::EPERM))
    }
}

#[cfg(test)]
impl Identity {
    /// An identity that was never taken, for plans that are never executed.
    pub fn for_tests(ids: Ids) -> Self {
        Self { ids, root_inside: None }
    }
}
