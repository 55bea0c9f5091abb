//! Values that look after themselves: secrets that are never printed, and numbers that know their
//! range. They check themselves as they are read, so that a wrong one is refused with its key.

use serde::Deserialize;
use serde::Deserializer;
use serde::de::Error;
use std::fmt;
use std::path::PathBuf;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Something that is never printed, is compared in constant time, and is wiped from memory when it
/// is dropped.
#[derive(Clone, Default)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Keeps `text` from being printed.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// Whether it is there at all.
    #[must_use]
    pub fn is_made(&self) -> bool {
        !self.0.is_empty()
    }

    /// The secret itself, for the place that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret(…)")
    }
}

impl<'de> Deserialize<'de> for Secret {
    /// Not derived, since serde's own message would show what stands there.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match toml::Value::deserialize(deserializer) {
            Ok(toml::Value::String(text)) => Ok(Self::new(text)),
            _ => Err(D::Error::custom("must be text in quotes")),
        }
    }
}

/// A secret of the configuration: `"text"`, or `{ file = "/path" }`, whose first line is taken. Not
/// for what comes from elsewhere, since it reads files.
pub fn secret_or_file<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct InFile {
        file: PathBuf,
    }
    let wrong = || D::Error::custom("must be text in quotes, or { file = \"/path\" }");
    match toml::Value::deserialize(deserializer).map_err(|_| wrong())? {
        toml::Value::String(text) => Ok(Secret::new(text)),
        table @ toml::Value::Table(_) => {
            let InFile { file } = table.try_into().map_err(|_| wrong())?;
            let unreadable = |error| D::Error::custom(format_args!("{}: {error}", file.display()));
            let text = Zeroizing::new(std::fs::read_to_string(&file).map_err(unreadable)?);
            Ok(Secret::new(text.lines().next().unwrap_or_default().trim()))
        }
        _ => Err(wrong()),
    }
}

/// A whole number from `LEAST` to `MOST`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Within<Number, const LEAST: i64, const MOST: i64>(Number);

impl<Number: Copy + TryFrom<i64>, const LEAST: i64, const MOST: i64> Within<Number, LEAST, MOST> {
    /// The number; none where it is out of the range.
    #[must_use]
    pub fn new(number: i64) -> Option<Self> {
        let within = (LEAST..=MOST).contains(&number).then_some(number)?;
        Number::try_from(within).ok().map(Self)
    }

    /// A default, whose range is checked when the example is read.
    pub const fn literal(number: Number) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn get(self) -> Number {
        self.0
    }
}

/// As it stands in the file, for the example.
impl<Number: fmt::Display, const LEAST: i64, const MOST: i64> fmt::Debug for Within<Number, LEAST, MOST> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl<'de, Number: Copy + TryFrom<i64>, const LEAST: i64, const MOST: i64> Deserialize<'de> for Within<Number, LEAST, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = i64::deserialize(deserializer)?;
        Self::new(number).ok_or_else(|| D::Error::custom(format_args!("must be from {LEAST} to {MOST}, not {number}")))
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;
    use super::Within;

    #[test]
    fn a_secret_is_not_printed() {
        let printed = format!("{:?} {:#?}", Secret::new("hush"), Some(Secret::new("hush")));
        assert!(!printed.contains("hush"), "{printed}");
    }

    #[test]
    fn a_number_knows_its_range() {
        type Port = Within<u16, 1, 65_535>;
        assert_eq!(Port::new(29_331).map(Port::get), Some(29_331));
        assert_eq!(Port::new(0), None);
        assert_eq!(Port::new(65_536), None);
        assert_eq!(Port::new(-1), None);
    }
}
