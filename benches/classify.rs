//! What judging a title costs.
fn main() {}
