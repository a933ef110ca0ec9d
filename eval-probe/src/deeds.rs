//! What hostile programs do: eat all memory, fill every disk, multiply and shout.
#![expect(unsafe_code, reason = "forks and dispositions of signals")]

use std::fs;
use std::io::Write as _;
use std::path::Path;

use crate::calls;

const MIB: usize = 1024 * 1024;
/// What must still be had when every disk is full.
const STILL_TO_BE_HAD_MIB: usize = 40;

/// Ends of what is tried where nothing else ends it: a host without limits must survive being asked.
const MOST_EATEN_MIB: usize = 1_024;
const MOST_FILLED_MIB: usize = 200;
const MOST_CHILDREN: usize = 200;

/// Takes memory and uses it until somebody ends this.
pub fn eat() {
    let taken: Vec<Vec<u8>> = (0..MOST_EATEN_MIB / 4).map(|_| vec![b'x'; 4 * MIB]).collect();
    println!("ate {} MiB and lives", taken.len() * 4);
}

/// Fills folders with bytes and then with names, and sees whether a program can still work; cleans up.
pub fn fill(folders: &[String]) {
    // A file that has its full size is an error to be told, not the end.
    // SAFETY: sets a disposition, installs no handler.
    unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
    for folder in folders {
        let bytes = fill_bytes(Path::new(folder));
        println!("full {folder} {}", bytes / MIB);
    }
    let worked = calls::in_child(|| {
        let taken = vec![b'x'; STILL_TO_BE_HAD_MIB * MIB];
        i32::from(taken.iter().step_by(4096).any(|byte| *byte != b'x'))
    });
    println!("works-when-full {worked}");
    for folder in folders {
        let _ = fs::remove_file(Path::new(folder).join("full"));
        let names = fill_names(Path::new(folder));
        println!("names {folder} {names}");
    }
}

fn fill_bytes(folder: &Path) -> usize {
    let Ok(mut file) = fs::File::create(folder.join("full")) else { return 0 };
    let block = vec![0; MIB / 4];
    let mut written = 0;
    while written < MOST_FILLED_MIB * MIB
        && let Ok(count @ 1..) = file.write(&block)
    {
        written += count;
    }
    written
}

/// More names than any folder is to hold.
const MAX_NAMES: usize = 100_000;

fn fill_names(folder: &Path) -> usize {
    let place = folder.join("names");
    let _ = fs::create_dir(&place);
    let made = (0..MAX_NAMES).take_while(|name| fs::File::create_new(place.join(name.to_string())).is_ok());
    let count = made.count();
    let _ = fs::remove_dir_all(&place);
    count
}

/// Forks until refused; every one of them shouts for ever and ignores what can be ignored.
pub fn storm() {
    let mut children = 0;
    // SAFETY: dispositions, forks; children share nothing that is dropped.
    unsafe {
        for signal in [libc::SIGTERM, libc::SIGINT, libc::SIGHUP] {
            libc::signal(signal, libc::SIG_IGN);
        }
        while children < MOST_CHILDREN {
            match libc::fork() {
                -1 => break,
                0 => shout(),
                _ => children += 1,
            }
        }
    }
    println!("storm {children}");
    shout();
}

fn shout() -> ! {
    let noise = [b'y'; 4096];
    loop {
        let _ = std::io::stderr().write_all(&noise);
    }
}
