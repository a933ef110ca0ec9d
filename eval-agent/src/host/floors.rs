//! Versions below which a part of the host is known to let programs out of a container, or near to it. Each floor names
//! the advisory that it comes from. A distribution may have mended its own older version: hence a warning, and a
//! refusal only where the operator asks for one (`--strict-floors`).

use std::fmt;

use super::HostFacts;

/// `major.minor.patch`; what follows is a distribution's.
type Version = (u32, u32, u32);

/// From which versions on a weakness is mended.
#[derive(Debug, PartialEq, Eq)]
pub struct Floor {
    pub part: &'static str,
    pub advisory: &'static str,
    pub weakness: &'static str,
    /// The first mended version of each branch that was mended, ascending. Whatever is newer than the last is mended,
    /// too; a branch that is not named never was.
    pub mended: &'static [Version],
}

/// Masked paths are our own answer to what `/proc` tells of a host, and these races undo them.
pub const RUNC: Floor = Floor {
    part: "runc",
    advisory: "CVE-2025-31133, CVE-2025-52565, CVE-2025-52881",
    weakness: "races while paths are masked can lead out of a container",
    mended: &[(1, 2, 8), (1, 3, 3)],
};

/// Lesson images are handed from one learner to the next: groups are part of who a program is.
pub const ENGINE: Floor = Floor {
    part: "Docker Engine",
    advisory: "CVE-2022-36109",
    weakness: "supplementary groups of a container's programs are set up wrongly",
    mended: &[(20, 10, 18)],
};

/// `splice` is allowed, and the files of an image are shared by every container that runs it.
pub const KERNEL: Floor = Floor {
    part: "Linux",
    advisory: "CVE-2022-0847 (Dirty Pipe)",
    weakness: "anyone can write to files that they may only read, those of the image and of other containers among them",
    mended: &[(5, 10, 102), (5, 15, 25), (5, 16, 11)],
};

/// One part that is too old.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortfall {
    pub floor: &'static Floor,
    pub found: String,
}

impl fmt::Display for Shortfall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Floor { part, advisory, weakness, mended } = self.floor;
        let mended: Vec<_> = mended.iter().map(|(a, b, c)| format!("{a}.{b}.{c}")).collect();
        write!(
            f,
            "{part} {} is older than {}: {weakness} ({advisory}); fine only if your distribution has mended its own",
            self.found,
            mended.join(" / ")
        )
    }
}

pub(super) fn shortfalls(host: &HostFacts) -> Vec<Shortfall> {
    let mut looked_at = vec![(&ENGINE, &host.engine), (&KERNEL, &host.kernel)];
    // Another runtime has weaknesses of its own; no floor is known for them.
    if host.runtime == "runc" {
        looked_at.push((&RUNC, &host.runc));
    }
    let old = looked_at.into_iter().filter(|(floor, found)| !floor.is_met_by(found));
    old.map(|(floor, found)| Shortfall { floor, found: found.clone() }).collect()
}

impl Floor {
    /// A version that cannot be read does not meet it.
    fn is_met_by(&self, found: &str) -> bool {
        let Some(found) = version(found) else { return false };
        let same_branch = |mended: &&Version| (mended.0, mended.1) == (found.0, found.1);
        match self.mended.iter().find(same_branch) {
            Some(mended) => found >= *mended,
            None => self.mended.last().is_some_and(|last| found > *last),
        }
    }
}

/// The leading `1.2.3` or `1.2` of a version, before whatever a distribution appends.
fn version(text: &str) -> Option<Version> {
    let text = text.trim_start_matches('v');
    let mut numbers = text.split('.').map(|part| {
        let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    });
    let (major, minor) = (numbers.next()??, numbers.next()??);
    Some((major, minor, numbers.next().flatten().unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_floor_is_met_by_its_branches_and_by_what_is_newer() {
        let rows = [
            (&RUNC, "1.1.5+ds1", false),
            (&RUNC, "1.1.15", false),
            (&RUNC, "1.2.7", false),
            (&RUNC, "1.2.8", true),
            (&RUNC, "1.3.2", false),
            (&RUNC, "1.3.3", true),
            (&RUNC, "v1.4.0-rc.3", true),
            (&RUNC, "unknown", false),
            (&ENGINE, "20.10.24+dfsg1", true),
            (&ENGINE, "20.10.17", false),
            (&ENGINE, "28.5.1", true),
            (&KERNEL, "6.18.44-fc-v509", true),
            (&KERNEL, "5.10.101", false),
            (&KERNEL, "5.10.209-1-amd64", true),
            (&KERNEL, "5.15.0-91-generic", false),
            (&KERNEL, "5.14.21", false),
            (&KERNEL, "6.1-rc1", true),
            (&KERNEL, "", false),
        ];
        for (floor, found, is_met) in rows {
            assert_eq!(floor.is_met_by(found), is_met, "{} {found}", floor.part);
        }
    }

    #[test]
    fn a_shortfall_says_what_is_wrong_and_since_when_it_is_not() {
        let text = Shortfall { floor: &RUNC, found: "1.1.5".to_owned() }.to_string();
        assert!(text.starts_with("runc 1.1.5 is older than 1.2.8 / 1.3.3: "), "{text}");
        assert!(text.contains("CVE-2025-31133"), "{text}");
    }
}
