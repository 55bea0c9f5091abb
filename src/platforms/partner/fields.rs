//! Reading a JSON object field by field, so that everything that is wrong with it is said at once: by
//! its place, never by what stands there. Fields that nobody asked for are refused.

use rust_decimal::Decimal;
use serde::Deserialize;
use serde::Deserializer;
use serde::de::DeserializeOwned;
use serde::de::MapAccess;
use serde::de::Visitor;
use serde_json::value::RawValue;
use std::fmt;
use std::str::FromStr;

/// How many reasons are told.
const REASONS: usize = 100;

/// What is wrong.
#[derive(Debug, Default)]
pub(super) struct Reasons(Vec<String>);

/// What is left of an object.
pub(super) struct Fields<'a, 'r> {
    at: String,
    left: Vec<(String, &'a RawValue)>,
    reasons: &'r mut Reasons,
}

impl Reasons {
    /// That something is not as it must be.
    pub(super) fn push(&mut self, at: &str, what: impl fmt::Display) {
        if self.0.len() < REASONS {
            self.0.push(format!("{at}: {what}"));
        } else if self.0.len() == REASONS {
            self.0.push("and more".to_owned());
        }
    }

    /// All of it; nothing where all is well.
    pub(super) fn into_error(self) -> Option<Vec<String>> {
        (!self.0.is_empty()).then_some(self.0)
    }
}

impl<'a, 'r> Fields<'a, 'r> {
    /// The fields of the object `text`, which stands at `at`.
    pub(super) fn of(text: &'a str, at: &str, reasons: &'r mut Reasons) -> Option<Self> {
        let Ok(Object(left)) = serde_json::from_str::<Object<'a>>(text) else {
            reasons.push(at, "not an object");
            return None;
        };
        Some(Self { at: at.to_owned(), left, reasons })
    }

    /// Where the field `name` stands.
    pub(super) fn place(&self, name: &str) -> String {
        if self.at.is_empty() { name.to_owned() } else { format!("{}.{name}", self.at) }
    }

    /// Says what is wrong with the field `name`.
    pub(super) fn wrong(&mut self, name: &str, what: impl fmt::Display) {
        let place = self.place(name);
        self.reasons.push(&place, what);
    }

    /// Whether the object has it.
    pub(super) fn has(&self, name: &str) -> bool {
        self.left.iter().any(|(field, _)| field == name)
    }

    /// Says that `name` is missing, if it is.
    pub(super) fn needs(&mut self, name: &str) {
        if !self.has(name) {
            self.wrong(name, "missing");
        }
    }

    /// A field of any type; `expected` says of which.
    pub(super) fn take<T: DeserializeOwned>(&mut self, name: &str, expected: &str) -> Option<T> {
        let raw = self.raw(name)?;
        let value = serde_json::from_str(raw.get()).ok();
        if value.is_none() {
            self.wrong(name, format_args!("not {expected}"));
        }
        value
    }

    /// A text of 1 to `longest` characters.
    pub(super) fn text(&mut self, name: &str, longest: usize) -> Option<String> {
        let text: String = self.take(name, "text")?;
        if (1..=longest).contains(&text.chars().count()) {
            return Some(text);
        }
        self.wrong(name, format_args!("not of 1 to {longest} characters"));
        None
    }

    /// A text that `read` understands; `expected` says what it must be.
    pub(super) fn read<T>(&mut self, name: &str, expected: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text: String = self.take(name, expected)?;
        let value = read(&text);
        if value.is_none() {
            self.wrong(name, format_args!("not {expected}"));
        }
        value
    }

    /// An amount of money.
    pub(super) fn decimal(&mut self, name: &str) -> Option<Decimal> {
        self.read(name, "a decimal in quotes, such as \"12.50\"", decimal)
    }

    /// An object.
    pub(super) fn object(&mut self, name: &str) -> Option<Fields<'a, '_>> {
        let raw = self.raw(name)?;
        let place = self.place(name);
        Fields::of(raw.get(), &place, self.reasons)
    }

    /// A list of objects, of `count`, each with its place.
    pub(super) fn objects<T>(
        &mut self,
        name: &str,
        count: std::ops::RangeInclusive<usize>,
        mut read: impl FnMut(Fields<'a, '_>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let raw = self.raw(name)?;
        let Ok(list) = serde_json::from_str::<Vec<&'a RawValue>>(raw.get()) else {
            self.wrong(name, "not a list");
            return None;
        };
        if !count.contains(&list.len()) {
            self.wrong(name, format_args!("not {} to {} of them", count.start(), count.end()));
            return None;
        }
        let place = self.place(name);
        let mut values = Vec::with_capacity(list.len());
        for (index, raw) in list.into_iter().enumerate() {
            values.extend(Fields::of(raw.get(), &format!("{place}[{index}]"), self.reasons).and_then(&mut read));
        }
        Some(values)
    }

    /// What is left is refused: it could be what concerns nobody here.
    pub(super) fn end(mut self) {
        for (name, _) in std::mem::take(&mut self.left) {
            // A name that is none could be a value.
            let is_name = name.len() <= 40 && name.starts_with(|c: char| c.is_ascii_alphabetic());
            if is_name && name.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_') {
                self.wrong(&name, "unknown, or there twice");
            } else {
                let at = if self.at.is_empty() { "the body" } else { &self.at };
                self.reasons.push(at, "has an unknown field");
            }
        }
    }

    fn raw(&mut self, name: &str) -> Option<&'a RawValue> {
        let position = self.left.iter().position(|(field, _)| field == name)?;
        Some(self.left.remove(position).1)
    }
}

/// Digits, and perhaps a point and digits: no sign, no exponent.
fn decimal(text: &str) -> Option<Decimal> {
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, fraction)| (whole, Some(fraction)));
    let are_digits = |digits: &str, longest| (1..=longest).contains(&digits.len()) && digits.bytes().all(|c| c.is_ascii_digit());
    let fits = are_digits(whole, 12) && fraction.is_none_or(|fraction| are_digits(fraction, 6));
    fits.then(|| Decimal::from_str(text).ok()).flatten()
}

/// An object's fields in their order, unread.
struct Object<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(fields)
            }
        }
        deserializer.deserialize_map(Reader).map(Self)
    }
}
