//! Which categories a trade belongs to: the built-in ones with the operator's, and the sharers' own.
//! Each of the two is one automaton, which finds all words of all categories in one pass over the
//! trade, however many there are. Owns the criteria's syntax too.
//!
//! ```text
//! categories.toml, the operator's file ──▶ file, built_in ──▶ signal ─┐
//! what a person types ──▶ criteria ──▶ pattern, word ─────────────────┴─▶ index ──▶ classifier ◀── classifiers
//! a trade ──▶ folding ──▶ index: what stands where ──▶ platform, title: what that means ──▶ Judgement
//! ```

pub mod criteria;

mod built_in;
mod classifier;
mod classifiers;
mod file;
mod folding;
mod index;
mod pattern;
mod platform;
mod signal;
mod title;
mod word;

pub use built_in::BuiltIn;
pub use built_in::BuiltInCategory;
pub use built_in::BuiltInError;
pub use classifier::Classifier;
pub use classifier::Judgement;
pub use classifiers::Classifiers;
pub use folding::fold;
