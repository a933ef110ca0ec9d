//! Who we are: root becomes the guest, and the guest's children become the learner.
//!
//! The guest keeps SETUID, SETGID and KILL; its file system ids are the learner's, so that whatever it opens, makes
//! or follows, it does with the learner's rights and no more.

use std::io;

use nix::unistd::{setfsgid, setfsuid};
use rustix::process::{DumpableBehavior, Pid, Resource, Rlimit, set_dumpable_behavior, setrlimit};
use rustix::thread::{
    CapabilitySet, CapabilitySets, set_capabilities, set_keep_capabilities, set_no_new_privs,
    set_thread_groups, set_thread_res_gid, set_thread_res_uid,
};

use crate::arguments::Ids;

/// When memory runs out, the learner's programs go first and the guest last.
const LEARNER_OOM_SCORE_ADJ: &str = "1000";

/// Proof that the guest has become who it is to be.
#[derive(Debug, Clone, Copy)]
pub struct Identity {
    ids: Ids,
}

impl Identity {
    /// Gives up root for good. To be called once, before anything of the learner's exists.
    pub fn take(ids: Ids) -> io::Result<Self> {
        if let Ids::Switch { guest, learner } = ids {
            set_keep_capabilities(true)?;
            change_ids(guest)?;
            set_keep_capabilities(false)?;
            let kept = CapabilitySet::SETUID | CapabilitySet::SETGID | CapabilitySet::KILL;
            let none = CapabilitySet::empty();
            set_capabilities(None, CapabilitySets { effective: kept, permitted: kept, inheritable: none })?;
            use_files_as(learner)?;
        } else if rustix::process::getpid() != Pid::INIT {
            // Without a pid namespace of our own, orphans come to us all the same.
            rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
        }
        // Nobody reads our memory, environment or descriptors through /proc; nobody traces us.
        set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
        Ok(Self { ids })
    }

    /// Turns a forked child into the learner, irrevocably. The last thing before exec: from here on the learner's
    /// other programs may signal it.
    pub fn become_learner(self) -> io::Result<()> {
        set_no_new_privs(true)?;
        setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
        self.volunteer_for_the_oom_killer();
        if let Ids::Switch { learner, .. } = self.ids {
            change_ids(learner)?;
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
        let _ = std::fs::write("/proc/self/oom_score_adj", LEARNER_OOM_SCORE_ADJ);
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}

fn change_ids(id: u32) -> io::Result<()> {
    let (uid, gid) = (rustix::process::Uid::from_raw(id), rustix::process::Gid::from_raw(id));
    set_thread_groups(&[])?;
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
        Self { ids }
    }
}
