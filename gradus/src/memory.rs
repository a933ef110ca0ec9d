//! How this process holds memory.

#![expect(unsafe_code, reason = "the allocator's parameters have no safe wrapper")]

/// Blocks from this size on are the kernel's again once they are freed. The buffers of every request are smaller; what is
/// rare and large is larger: the 19 MiB behind a password, a lesson's bundle, a compressor's window.
#[cfg(target_env = "gnu")]
const LARGE_BLOCK_BYTES: libc::c_int = 128 * 1024;

/// Has large blocks given back at once. Left alone, glibc takes the first one that is freed as a hint that more will come,
/// serves the next from the heaps of whichever threads ask, and these keep it: 200 logins grew the API from 81 to 368 MiB,
/// for good.
pub fn give_back_large_blocks() {
    #[cfg(target_env = "gnu")]
    // SAFETY: sets a parameter of the allocator before there is a second thread.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE_BLOCK_BYTES);
    }
}
