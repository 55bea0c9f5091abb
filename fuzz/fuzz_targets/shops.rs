//! Has libFuzzer try the target `shops` of `tests/fuzzed`.
#![no_main]

#[path = "../../tests/fuzzed/mod.rs"]
mod fuzzed;

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzzed::try_one("shops", data));
