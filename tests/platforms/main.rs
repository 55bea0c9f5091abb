//! The adapters, each against a fake of its platform that is as strict as the real one: it checks
//! signatures, clocks, page sizes and spans, and fails in every way that a platform does.

#[cfg(test)]
mod fakes;
#[cfg(test)]
mod partner;
mod shopify;
mod support;
#[cfg(test)]
mod vendure;
