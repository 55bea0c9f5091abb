//! Which categories a trade belongs to: the built-in ones, the operator's and the sharers' own, judged
//! in one pass over the trade by one compiled automaton. Owns the criteria's syntax too.

pub mod criteria;

use crate::domain::category::Belongs;
use crate::domain::category::CategoryId;
use crate::domain::category::OwnCategory;
use crate::domain::ids::UserId;
use crate::domain::trade::Trade;
use std::sync::Arc;

/// Stub.
#[derive(Clone, Default)]
pub struct Classifiers;
/// Stub.
pub struct Classifier;
/// Stub.
pub struct Judgement;
/// Stub.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BuiltIn(Vec<BuiltInCategory>);
/// Stub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuiltInCategory {
    /// Id.
    pub id: CategoryId,
    /// English.
    pub name_en: String,
    /// Chinese.
    pub name_zh: String,
}

static STUB: std::sync::LazyLock<BuiltIn> = std::sync::LazyLock::new(BuiltIn::default);

/// Stub.
pub fn fold(text: &str) -> String {
    text.to_lowercase()
}

impl Classifiers {
    /// Stub.
    pub fn new(_: BuiltIn) -> Self {
        Self
    }
    /// Stub.
    pub fn built_in(&self) -> &BuiltIn {
        &STUB
    }
    /// Stub.
    pub fn of<'a>(&self, _: impl Iterator<Item = (&'a UserId, &'a [OwnCategory])>) -> Arc<Classifier> {
        Arc::new(Classifier)
    }
}
impl BuiltIn {
    /// Stub.
    pub fn standard() -> Self {
        Self::default()
    }
    /// Stub.
    pub fn read(_: &str, _: bool) -> Result<Self, std::num::ParseIntError> {
        Ok(Self::default())
    }
    /// Stub.
    pub fn categories(&self) -> &[BuiltInCategory] {
        &self.0
    }
    /// Stub.
    pub fn named(&self, _: &str) -> Option<&CategoryId> {
        None
    }
}
impl Classifier {
    /// Stub.
    pub fn judge(&self, _: &Trade) -> Judgement {
        Judgement
    }
}
impl Judgement {
    /// Stub.
    pub fn of(&self, _: &UserId) -> Vec<Belongs> {
        Vec::new()
    }
}
