//! An allocator that counts what is held, and refuses what would take the machine's
//! memory: then the process dies of its input, which is a finding.

#![expect(unsafe_code, reason = "an allocator is one; it hands everything on to mimalloc's")]

use std::alloc::{GlobalAlloc, Layout};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use mimalloc::MiMalloc;

/// Most bytes that may be held at a time.
const MOST: usize = 3 << 30;

static HELD: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

/// mimalloc, as in the program, and counted.
pub struct Counting;

fn more(bytes: usize) -> bool {
    let held = HELD.fetch_add(bytes, Relaxed) + bytes;
    PEAK.fetch_max(held, Relaxed);
    held <= MOST
}

// SAFETY: what is given out is mimalloc's, or nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if !more(layout.size()) {
            return std::ptr::null_mut();
        }
        // SAFETY: the caller's promise is handed on.
        unsafe { MiMalloc.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Relaxed);
        // SAFETY: it came from mimalloc, with this layout.
        unsafe { MiMalloc.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if !more(size) {
            return std::ptr::null_mut();
        }
        HELD.fetch_sub(layout.size(), Relaxed);
        // SAFETY: it came from mimalloc, with this layout.
        unsafe { MiMalloc.realloc(at, layout, size) }
    }
}

/// Begins to measure.
pub fn begin() -> usize {
    let held = HELD.load(Relaxed);
    PEAK.store(held, Relaxed);
    held
}

/// The most bytes that were held at a time since, beyond what was held then.
pub fn most_since(begun: usize) -> usize {
    PEAK.load(Relaxed).saturating_sub(begun)
}
