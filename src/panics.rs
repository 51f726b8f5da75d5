//! How panics of libraries are told. Some panic where they get no memory or thread,
//! where Rust's own allocator ends the process: here both end it, in the same words.
//! Those that decode files panic over damaged ones; whoever reads catches that, so it is
//! told in a line, without what helps only to find a bug of ours.

use std::panic;

use crate::output::{note, visible};

/// What libraries say that got no memory or thread.
const NO_MEMORY: [&str; 4] = [
    "null pointer when creating new context",
    "OS can't spawn",
    "failed to spawn thread",
    // A thread's stack, say.
    "Cannot allocate memory",
];

/// Where the sources of those lie that decode files.
const DECODERS: [&str; 3] = ["/parquet-", "/arrow-", "/bytes-"];

/// From now on want of memory ends the process, with SIGABRT: nothing can be trusted to
/// go on. Other panics are told as ever.
pub fn are_told() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        let said = panic.payload_as_str().unwrap_or_default();
        if is_out_of_memory(said) {
            note(&format!("rollcall: memory allocation failed: {said}"));
            std::process::abort();
        }
        match panic.location().filter(|location| is_decoder(location.file())) {
            Some(location) => {
                let said = visible(said);
                note(&format!("a library panicked on what it read: {said} ({location})"));
            }
            None => usual(panic),
        }
    }));
}

fn is_out_of_memory(said: &str) -> bool {
    NO_MEMORY.iter().any(|known| said.contains(known))
}

fn is_decoder(file: &str) -> bool {
    DECODERS.iter().any(|library| file.contains(library))
}

#[cfg(test)]
mod tests {
    use super::{is_decoder, is_out_of_memory};

    #[test]
    fn only_want_of_memory_or_threads_is_meant() {
        let threads = "OS can't spawn worker thread: Resource temporarily unavailable";
        assert!(is_out_of_memory("zstd returned null pointer when creating new context"));
        assert!(is_out_of_memory(threads));
        let stack = "failed to allocate an alternative stack: Cannot allocate memory (os error 12)";
        assert!(is_out_of_memory(stack));
        assert!(!is_out_of_memory("called `Option::unwrap()` on a `None` value"));
    }

    #[test]
    fn only_what_decodes_files_panics_in_a_line() {
        let of = |library: &str| format!("/registry/src/index/{library}/src/lib.rs");
        assert!(is_decoder(&of("parquet-59.3.2")) && is_decoder(&of("arrow-buffer-59.3.2")));
        assert!(is_decoder(&of("bytes-1.12.2")));
        assert!(!is_decoder(&of("tokio-1.54.1")) && !is_decoder("lake/src/read.rs"));
    }
}
