//! Criteria as a person types them, into values and back.

use crate::domain::category::Criterion;
use crate::domain::money::PriceRange;
use crate::domain::notice::CriteriaProblem;

/// Stub.
pub fn read(_: &str) -> Result<Vec<Criterion>, CriteriaProblem> {
    Ok(Vec::new())
}
/// Stub.
pub fn show(_: &[Criterion]) -> String {
    String::new()
}
/// Stub.
pub fn read_price_range(_: &str) -> Option<PriceRange> {
    None
}
