//! Values that some shops write as numbers and others as text: ids beyond 2^53 and prices, exactly as
//! they stand, never by way of a float.

use rust_decimal::Decimal;
use serde::Deserialize;
use serde::Deserializer;
use serde::de::Error;
use serde_json::value::RawValue;
use std::str::FromStr;

/// A number or a text of JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Raw(String);

impl Raw {
    /// As it stands, without quotes.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// An amount of money: a number that is not negative.
    pub(super) fn amount(&self) -> Option<Decimal> {
        let text = self.0.trim();
        let number = Decimal::from_str(text).or_else(|_| Decimal::from_scientific(text)).ok()?;
        (!number.is_sign_negative()).then_some(number)
    }

    /// A number of pieces.
    pub(super) fn count(&self) -> Option<u32> {
        self.0.trim().parse().ok()
    }
}

impl From<&str> for Raw {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let text = raw.get();
        match text.as_bytes().first() {
            Some(b'"') => serde_json::from_str(text).map(Self).map_err(|_| D::Error::custom("no text")),
            Some(b'-' | b'0'..=b'9') => Ok(Self(text.to_owned())),
            _ => Err(D::Error::custom("neither a number nor text")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Raw;

    fn read(json: &str) -> Option<Raw> {
        serde_json::from_str(json).ok()
    }

    #[test]
    fn numbers_and_texts_are_one_and_lose_no_digit() {
        assert_eq!(read("9007199254740993"), read("\"9007199254740993\""));
        for (json, amount) in [("149.99", "149.99"), ("\"19.90\"", "19.90"), ("0.1", "0.1"), ("1.5e1", "15"), ("\" 7 \"", "7")] {
            assert_eq!(read(json).unwrap().amount().unwrap().to_string(), amount, "{json}");
        }
    }

    #[test]
    fn what_is_no_amount_is_none() {
        for json in ["\"\"", "\"free\"", "-1", "\"1,50\""] {
            assert_eq!(read(json).unwrap().amount(), None, "{json}");
        }
        for json in ["null", "true", "{}", "[1]"] {
            assert_eq!(read(json), None, "{json}");
        }
    }
}
