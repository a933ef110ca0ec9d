//! Root inside: a user namespace in which a learner's programs are root, and nobody outside.
//!
//! The guest makes it once, before anything of the learner's exists, and stays out of it; programs enter it on their
//! way to exec. Root there is the learner's own uid, the other ids are those that the agent set aside for this container
//! alone: whatever they do, the kernel counts and judges it as an unprivileged user's of this container. Of root's
//! powers they keep those over their own files, ids and processes, and they can neither make nor enter another namespace.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;

use ide_protocol::limits::{ROOT_INSIDE_PEOPLE, ROOT_INSIDE_SYSTEM};
use rustix::fs::{Mode, OFlags};
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::{DumpableBehavior, Pid, WaitOptions, set_dumpable_behavior, waitpid};
use rustix::thread::{
    CapabilitySet, CapabilitySets, LinkNameSpaceType, move_into_link_name_space, set_capabilities,
};

use crate::privileges::{change_ids, limit_bounding_set};
use crate::unsafe_calls::{deny_namespaces, fork_into, make_user_namespace};

/// What root inside may do, to what is the container's own.
const POWERS: CapabilitySet = CapabilitySet::CHOWN
    .union(CapabilitySet::DAC_OVERRIDE)
    .union(CapabilitySet::FOWNER)
    .union(CapabilitySet::FSETID)
    .union(CapabilitySet::KILL)
    .union(CapabilitySet::SETGID)
    .union(CapabilitySet::SETUID);

/// The namespace, kept open for as long as the guest lives.
#[derive(Debug, Clone, Copy)]
pub struct RootInside {
    namespace: BorrowedFd<'static>,
}

impl RootInside {
    /// Makes the namespace. To be called as the guest, with its capabilities: only who may take any id in the namespace
    /// around it may map more than one, and who makes it is who may enter it.
    pub fn prepare(learner: u32, others: u32) -> io::Result<Self> {
        let namespace = holding_child(|child| {
            let folder = PathBuf::from(format!("/proc/{}", child.as_raw_nonzero()));
            let map = map(learner, others);
            // One write each: the kernel takes a map whole or not at all.
            std::fs::write(folder.join("uid_map"), &map)?;
            std::fs::write(folder.join("gid_map"), &map)?;
            Ok(rustix::fs::open(folder.join("ns/user"), OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?)
        })?;
        let namespace: &'static OwnedFd = Box::leak(Box::new(namespace));
        Ok(Self { namespace: namespace.as_fd() })
    }

    /// Makes a forked child root of it, irrevocably.
    pub fn enter(self) -> io::Result<()> {
        move_into_link_name_space(self.namespace, Some(LinkNameSpaceType::User))?;
        limit_bounding_set(POWERS)?;
        change_ids(0, &[])?;
        let none = CapabilitySet::empty();
        set_capabilities(None, CapabilitySets { effective: POWERS, permitted: POWERS, inheritable: none })?;
        deny_namespaces()
    }
}

/// Lines of a map: first id inside, first outside, how many.
fn map(learner: u32, others: u32) -> String {
    let mut lines = format!("0 {learner} 1\n");
    let mut outside = others;
    for (first, count) in [ROOT_INSIDE_SYSTEM, ROOT_INSIDE_PEOPLE] {
        lines.push_str(&format!("{first} {outside} {count}\n"));
        outside = outside.saturating_add(count);
    }
    lines
}

/// Has a child make the namespace, does `with` while it holds it, and sees it end.
fn holding_child<T>(with: impl FnOnce(Pid) -> io::Result<T>) -> io::Result<T> {
    let (told, tell) = pipe_with(PipeFlags::CLOEXEC)?;
    let (heard, let_go) = pipe_with(PipeFlags::CLOEXEC)?;
    let child = fork_into(&|| {
        // Its maps belong to root while it is not dumpable.
        let made =
            make_user_namespace().and_then(|()| Ok(set_dumpable_behavior(DumpableBehavior::Dumpable)?));
        let code = made.err().map_or(0, |why| why.raw_os_error().unwrap_or(-1));
        let _ = rustix::io::write(&tell, &code.to_ne_bytes());
        let _ = rustix::io::read(&heard, &mut [0]);
        0
    })?;
    drop(tell);
    let mut code = [0; 4];
    let answered = match rustix::io::read(&told, &mut code) {
        Ok(4) => match i32::from_ne_bytes(code) {
            0 => with(child),
            code => Err(io::Error::from_raw_os_error(code)),
        },
        _ => Err(io::Error::other("the child that was to make a user namespace died")),
    };
    let _ = rustix::io::write(&let_go, &[0]);
    waitpid(Some(child), WaitOptions::empty())?;
    answered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_is_the_learner_and_every_other_id_is_the_containers_own() {
        assert_eq!(map(200_007, 5_000), "0 200007 1\n1 5000 99\n1000 5099 28\n");
    }
}
