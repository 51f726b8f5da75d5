//! No memory, or no thread, left: some libraries panic then, where Rust's own
//! allocator ends the process. Here both end it, in the same words.

use std::panic;

/// What those libraries say.
const SAID: [&str; 4] = [
    "null pointer when creating new context",
    "OS can't spawn",
    "failed to spawn thread",
    // A thread's stack, say.
    "Cannot allocate memory",
];

/// From now on such a panic ends the process, with SIGABRT; nothing can be trusted
/// to go on. Other panics are told as ever.
pub fn ends_the_process() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        let said = panic.payload_as_str().unwrap_or_default();
        if is_out_of_memory(said) {
            crate::output::note(&format!("rollcall: memory allocation failed: {said}"));
            std::process::abort();
        }
        usual(panic);
    }));
}

fn is_out_of_memory(said: &str) -> bool {
    SAID.iter().any(|known| said.contains(known))
}

#[cfg(test)]
mod tests {
    use super::is_out_of_memory;

    #[test]
    fn only_want_of_memory_or_threads_is_meant() {
        let threads = "OS can't spawn worker thread: Resource temporarily unavailable";
        assert!(is_out_of_memory("zstd returned null pointer when creating new context"));
        assert!(is_out_of_memory(threads));
        let stack = "failed to allocate an alternative stack: Cannot allocate memory (os error 12)";
        assert!(is_out_of_memory(stack));
        assert!(!is_out_of_memory("called `Option::unwrap()` on a `None` value"));
    }
}
