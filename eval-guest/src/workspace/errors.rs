//! What the kernel's refusals mean to the agent.

use ide_protocol::guest::GuestError;
use rustix::io::Errno;

pub fn from_errno(why: Errno) -> GuestError {
    match why {
        Errno::NOENT => GuestError::NotFound,
        Errno::EXIST => GuestError::AlreadyExists,
        // A link where a folder should be, a file where a folder should be, and the other way round.
        Errno::LOOP | Errno::NOTDIR | Errno::ISDIR | Errno::NXIO => GuestError::NotRegular,
        Errno::NOSPC | Errno::DQUOT => GuestError::DiskFull,
        Errno::FBIG => GuestError::TooBig,
        Errno::ACCESS | Errno::PERM | Errno::ROFS => GuestError::Denied,
        Errno::INVAL => GuestError::Other { detail: "a folder cannot be moved into itself".to_owned() },
        other => GuestError::Other { detail: std::io::Error::from(other).to_string() },
    }
}
