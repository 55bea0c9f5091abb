//! What the shop's interface answers, as far as it is needed. Orders hold their buyers' whole addresses
//! and users their mail: no structure here has a place for them, and none is read by way of one that has
//! (serde's untagged enums would keep everything for a moment).

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde::Deserializer;
use serde::de::Error;
use serde::de::IgnoredAny;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;
use serde_json::value::RawValue;
use std::fmt;
use std::marker::PhantomData;

/// A list, or a page of one: a bare array where the shop has no pages.
#[derive(Debug)]
pub(super) struct Page<Row> {
    pub(super) rows: Vec<Row>,
    /// The address of the next page.
    pub(super) next: Option<String>,
}

/// Somebody with an account.
#[derive(Debug, Deserialize)]
pub(super) struct User {
    pub(super) url: String,
    pub(super) username: String,
}

/// An order.
#[derive(Debug, Deserialize)]
pub(super) struct Order {
    pub(super) url: String,
    /// Whose it is, as an address; a guest's is nobody's.
    #[serde(default)]
    pub(super) owner: Option<String>,
    #[serde(default)]
    pub(super) status: String,
    pub(super) date_placed: Timestamp,
}

/// A line of an order. Its prices are those of the whole line.
#[derive(Debug, Deserialize)]
pub(super) struct OrderLine {
    pub(super) url: String,
    /// None once the product has been deleted.
    #[serde(default)]
    pub(super) product: Option<String>,
    /// What some shops say besides what all say.
    #[serde(default)]
    pub(super) title: Option<String>,
    pub(super) quantity: u32,
    #[serde(default)]
    pub(super) price_currency: Option<String>,
    #[serde(default)]
    pub(super) price_incl_tax: Option<Amount>,
    #[serde(default)]
    pub(super) price_excl_tax: Option<Amount>,
}

/// A product, as the shop's staff see it: whether it is public stands here only.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Product {
    pub(super) id: u64,
    /// `standalone`, `parent` or `child`.
    pub(super) structure: String,
    pub(super) is_public: bool,
    #[serde(default)]
    pub(super) parent: Option<u64>,
    /// A child may have none.
    #[serde(default)]
    pub(super) title: String,
    pub(super) slug: String,
    #[serde(default)]
    pub(super) categories: Vec<String>,
    #[serde(default)]
    pub(super) images: Vec<Image>,
    #[serde(default)]
    pub(super) stockrecords: Vec<Stock>,
    #[serde(default)]
    pub(super) date_created: Option<Timestamp>,
}

/// A picture.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Image {
    #[serde(default)]
    pub(super) original: Option<String>,
}

/// What there is of a product, at its price without tax.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Stock {
    #[serde(default)]
    pub(super) price_currency: Option<String>,
    #[serde(default)]
    pub(super) price: Option<Amount>,
    #[serde(default, rename = "num_in_stock")]
    pub(super) held: Option<i64>,
    /// How many of these have been sold already.
    #[serde(default, rename = "num_allocated")]
    pub(super) allocated: Option<i64>,
}

/// What a product costs a customer; all of it none where it cannot be bought.
#[derive(Debug, Deserialize)]
pub(super) struct Cost {
    #[serde(default)]
    pub(super) currency: Option<String>,
    #[serde(default)]
    pub(super) excl_tax: Option<Amount>,
    /// None where the tax is known at the checkout only.
    #[serde(default)]
    pub(super) incl_tax: Option<Amount>,
}

/// Whether a customer can have it.
#[derive(Debug, Deserialize)]
pub(super) struct Availability {
    pub(super) is_available_to_buy: bool,
}

/// A decimal: text, or a number where the shop says so, which is read as its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Amount(pub(super) Decimal);

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let decimal = Decimal::from_str_exact(raw.get().trim_matches('"'));
        decimal.map(Self).map_err(|_| D::Error::custom("no decimal"))
    }
}

impl<'de, Row: Deserialize<'de>> Deserialize<'de> for Page<Row> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PageVisitor(PhantomData))
    }
}

struct PageVisitor<Row>(PhantomData<Row>);

impl<'de, Row: Deserialize<'de>> Visitor<'de> for PageVisitor<Row> {
    type Value = Page<Row>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a list or a page of one")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self::Value, A::Error> {
        let mut rows = Vec::new();
        while let Some(row) = elements.next_element()? {
            rows.push(row);
        }
        Ok(Page { rows, next: None })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let (mut rows, mut next) = (None, None);
        while let Some(key) = entries.next_key::<String>()? {
            match key.as_str() {
                "results" => rows = Some(entries.next_value()?),
                "next" => next = entries.next_value()?,
                _ => {
                    entries.next_value::<IgnoredAny>()?;
                }
            }
        }
        let rows = rows.ok_or_else(|| A::Error::missing_field("results"))?;
        Ok(Page { rows, next })
    }
}

/// The number at the end of an address of the shop's: `…/users/3/`.
pub(super) fn number(address: &str) -> Option<u64> {
    address.trim_end_matches('/').rsplit('/').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::Amount;
    use super::Cost;
    use super::Page;
    use super::User;
    use super::number;
    use rust_decimal::Decimal;

    #[test]
    fn a_list_is_read_with_pages_and_without() {
        let user = r#"{"url":"http://shop/api/admin/users/3/","username":"joy","email":"x"}"#;
        let page: Page<User> = serde_json::from_str(&format!("[{user},{user}]")).unwrap();
        assert_eq!((page.rows.len(), page.next), (2, None));
        let page: Page<User> = serde_json::from_str(&format!(r#"{{"count":1,"next":"http://shop/?page=2","results":[{user}]}}"#)).unwrap();
        assert_eq!((page.rows[0].username.as_str(), page.next.as_deref()), ("joy", Some("http://shop/?page=2")));
        assert!(serde_json::from_str::<Page<User>>(r#"{"detail":"no"}"#).is_err());
    }

    #[test]
    fn amounts_are_text_or_numbers_and_never_rounded() {
        let cost: Cost = serde_json::from_str(r#"{"currency":"CNY","excl_tax":"0.10","incl_tax":0.30}"#).unwrap();
        assert_eq!((cost.excl_tax, cost.incl_tax), (Some(Amount(Decimal::new(10, 2))), Some(Amount(Decimal::new(30, 2)))));
        let cost: Cost = serde_json::from_str(r#"{"currency":null,"excl_tax":null,"tax":"0.00"}"#).unwrap();
        assert_eq!((cost.excl_tax, cost.incl_tax), (None, None));
    }

    #[test]
    fn a_number_stands_at_the_end_of_its_address() {
        assert_eq!(number("http://shop.example/api/users/31/"), Some(31));
        assert_eq!(number("http://shop.example/api/users/joy/"), None);
        assert_eq!(number(""), None);
    }
}
