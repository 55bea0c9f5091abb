//! Has libFuzzer try the target `links` of `tests/fuzzed`.
#![no_main]

#[path = "../../tests/fuzzed/mod.rs"]
mod fuzzed;

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzzed::try_one("links", data));
