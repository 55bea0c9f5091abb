//! What an offer says: a price, where it is beyond doubt, and whether the thing can be had.

use super::choice::Sorted;
use super::node::Node;
use super::node::last_part;
use crate::domain::money::Price;
use crate::platforms::feed::amount;
use crate::platforms::feed::amount::Source;
use crate::platforms::raw::Raw;
use iso_currency::Currency;
use rust_decimal::Decimal;

/// What a price is called that is not asked any more.
const FORMER: [&str; 4] = ["ListPrice", "StrikethroughPrice", "SRP", "MSRP"];

/// How many offers within an offer are looked at.
const INSIDE: usize = 100;

/// What computers make of cents by counting in halves: less than this.
const NOISE: Decimal = Decimal::from_parts(1, 0, 0, false, 6);

/// Fewer than a million millions.
const LARGEST: Decimal = Decimal::from_parts(3_567_587_328, 232, 0, false, 0);

/// One price that is asked.
#[derive(Clone, Copy)]
struct Quote {
    amount: Decimal,
    up_to: Decimal,
    old: Option<Decimal>,
    currency: Currency,
}

/// The price of what is offered like this: from the lowest to the highest. `otherwise` is the currency
/// where an offer names none.
pub(super) fn price<'a>(offers: &[&'a Node], sorted: &Sorted<'a>, otherwise: Option<Currency>) -> Option<Price> {
    let quotes: Vec<Quote> = offers.iter().flat_map(|offer| quotes(sorted.meant(offer), sorted, otherwise)).collect();
    let first = quotes.first()?;
    let same = || quotes.iter().filter(|quote| quote.currency == first.currency);
    let lowest = same().map(|quote| quote.amount).min()?;
    let highest = same().map(|quote| quote.up_to).max()?;
    let old = first.old.filter(|_| quotes.len() == 1);
    Some(Price { up_to: (highest > lowest).then_some(highest), old, ..Price::new(lowest, first.currency) })
}

/// Whether any of these can be had; none where none says so.
pub(super) fn available<'a>(offers: &[&'a Node], sorted: &Sorted<'a>) -> Option<bool> {
    let said = |offer: &'a Node| {
        let offer = sorted.meant(offer);
        let inside = offer.offers.iter().take(INSIDE).map(|offer| sorted.meant(offer).availability.as_str());
        std::iter::once(offer.availability.as_str()).chain(inside).filter_map(is_available)
    };
    offers.iter().flat_map(|offer| said(offer)).reduce(|one, other| one || other)
}

/// Whether what is said so can be had: `https://schema.org/InStock`, `in stock`, `oos`.
pub(super) fn is_available(said: &str) -> Option<bool> {
    let word: String = last_part(said).chars().filter(char::is_ascii_alphabetic).collect();
    match word.to_ascii_lowercase().as_str() {
        "instock"
        | "instoreonly"
        | "limitedavailability"
        | "onlineonly"
        | "preorder"
        | "presale"
        | "backorder"
        | "madetoorder"
        | "available"
        | "availablefororder" => Some(true),
        "outofstock" | "oos" | "soldout" | "discontinued" | "reserved" => Some(false),
        _ => None,
    }
}

/// A currency by its code.
pub(super) fn currency(code: &str) -> Option<Currency> {
    Currency::from_code(&code.trim().to_ascii_uppercase())
}

/// What an offer asks; an aggregate without prices of its own has those of its offers, and nothing is
/// looked for deeper than that.
fn quotes<'a>(offer: &'a Node, sorted: &Sorted<'a>, otherwise: Option<Currency>) -> Vec<Quote> {
    let own = currency(&offer.currency).or(otherwise);
    let inside = || offer.offers.iter().take(INSIDE).filter_map(|inner| quote(sorted.meant(inner), own)).collect();
    quote(offer, otherwise).map_or_else(inside, |quote| vec![quote])
}

fn quote(offer: &Node, otherwise: Option<Currency>) -> Option<Quote> {
    let own = currency(&offer.currency);
    let Some(asked) = offer.price.as_ref().or(offer.low_price.as_ref()) else { return specified(offer, own.or(otherwise)) };
    let currency = own.or_else(|| offer.specifications.iter().find_map(|said| self::currency(&said.currency))).or(otherwise)?;
    let amount = amount(asked, currency)?;
    let highest = offer.high_price.as_ref().filter(|_| offer.price.is_none()).and_then(|high| self::amount(high, currency));
    Some(Quote { amount, up_to: highest.unwrap_or(amount).max(amount), old: former(offer, amount, currency), currency })
}

/// What is asked where it is written apart from the offer.
fn specified(offer: &Node, otherwise: Option<Currency>) -> Option<Quote> {
    let is_asked = |said: &&Node| !FORMER.contains(&last_part(&said.price_type)) && !said.for_members;
    offer.specifications.iter().filter(is_asked).find_map(|said| {
        let currency = currency(&said.currency).or(otherwise)?;
        let amount = amount(said.price.as_ref()?, currency)?;
        Some(Quote { amount, up_to: amount, old: former(offer, amount, currency), currency })
    })
}

/// What it cost before.
fn former(offer: &Node, asked: Decimal, wanted: Currency) -> Option<Decimal> {
    let is_former = |specification: &&Node| FORMER.contains(&last_part(&specification.price_type));
    let mut former = offer
        .specifications
        .iter()
        .filter(is_former)
        .filter(|specification| specification.currency.is_empty() || currency(&specification.currency) == Some(wanted));
    former.find_map(|specification| amount(specification.price.as_ref()?, wanted)).filter(|former| *former > asked)
}

/// The amount that stands there beyond doubt: `25.5`, `25.5000`, `25,50 €`, `1.299,00`. None for nothing:
/// that is what shops write that do not say a price.
pub(super) fn amount(raw: &Raw, currency: Currency) -> Option<Decimal> {
    let text = raw.as_str().trim();
    let cents = u32::from(currency.exponent().unwrap_or(2));
    let read = match raw.amount() {
        // A thousand in one place and one in another.
        Some(_) if cents != 3 && text.rsplit_once('.').is_some_and(|(_, behind)| behind.len() == 3) => None,
        Some(amount) => in_cents(amount, cents),
        None => written(text, currency),
    };
    read.filter(|amount| !amount.is_zero() && *amount < LARGEST)
}

/// A whole number of cents, also where a float was in between.
fn in_cents(amount: Decimal, cents: u32) -> Option<Decimal> {
    if amount.normalize().scale() <= cents {
        return Some(amount);
    }
    let rounded = amount.round_dp(cents);
    ((rounded - amount).abs() <= NOISE).then_some(rounded)
}

/// As people write it, with the sign or code of its currency or without.
fn written(text: &str, currency: Currency) -> Option<Decimal> {
    let number = text.trim_matches(|c: char| !c.is_ascii_digit());
    let (before, behind) = text.split_once(number).filter(|_| !number.is_empty())?;
    let is_mark =
        |part: &str| part.trim().eq_ignore_ascii_case(currency.code()) || !part.contains(|c: char| c.is_alphanumeric() || c == '-');
    (is_mark(before) && is_mark(behind)).then(|| amount::amount(number, currency, Source::Field))?
}

#[cfg(test)]
mod tests {
    use super::amount;
    use super::is_available;
    use crate::platforms::raw::Raw;
    use iso_currency::Currency;

    fn read(json: &str, currency: Currency) -> String {
        let raw: Raw = serde_json::from_str(json).unwrap();
        amount(&raw, currency).map_or_else(String::new, |amount| amount.to_string())
    }

    #[test]
    fn amounts_are_read_to_the_cent_or_not_at_all() {
        for (json, expected) in [
            ("25.50", "25.50"),
            ("\"25.5000\"", "25.5000"),
            ("19.989999999999998", "19.99"),
            ("\"25,50 €\"", "25.50"),
            ("\"€ 1.299,00\"", "1299.00"),
            ("\"eur 25\"", "25"),
            ("1299", "1299"),
            ("1e2", "100"),
            ("0", ""),
            ("\"0.00\"", ""),
            ("-5", ""),
            ("\"-5 €\"", ""),
            ("\"1.299\"", ""),
            ("1.000", ""),
            ("25.005", ""),
            ("25.1234", ""),
            ("\"from 25 €\"", ""),
            ("\"25 USD\"", ""),
            ("\"25 - 30\"", ""),
            ("\"on request\"", ""),
            ("\"\"", ""),
            ("99999999999999999999999999999999999", ""),
            ("1e400", ""),
            ("1000000000000", ""),
            ("999999999999", "999999999999"),
        ] {
            assert_eq!(read(json, Currency::EUR), expected, "{json}");
        }
        assert_eq!(read("\"4,999\"", Currency::JPY), "4999");
        assert_eq!(read("4999.00", Currency::JPY), "4999.00");
        assert_eq!(read("1.250", Currency::KWD), "1.250");
    }

    #[test]
    fn whether_something_can_be_had_is_read() {
        for said in ["https://schema.org/InStock", "InStock", "schema:PreOrder", "in stock", "LimitedAvailability/"] {
            assert_eq!(is_available(said), Some(true), "{said}");
        }
        for said in ["http://schema.org/OutOfStock", "SoldOut", "oos", "out of stock"] {
            assert_eq!(is_available(said), Some(false), "{said}");
        }
        for said in ["", "perhaps", "https://schema.org/"] {
            assert_eq!(is_available(said), None, "{said}");
        }
    }
}
