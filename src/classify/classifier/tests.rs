//! The order of judgement, people's own categories, and that no text is too strange.

use super::super::BuiltIn;
use super::super::Classifiers;
use super::super::criteria;
use super::Classifier;
use super::titled;
use crate::domain::category::Because;
use crate::domain::category::CategoryId;
use crate::domain::category::OwnCategory;
use crate::domain::ids::UserId;
use crate::domain::money::Price;
use crate::domain::text::Line;
use crate::domain::trade::RawCategory;
use crate::domain::trade::Trade;
use iso_currency::Currency;
use proptest::prelude::any;
use proptest::proptest;
use rust_decimal::Decimal;
use std::sync::Arc;
use std::sync::LazyLock;

fn joy() -> UserId {
    UserId::new("@joy:a.example")
}

fn own(name: &str, typed: &str) -> OwnCategory {
    OwnCategory { id: CategoryId::new(name), name: Line::title(name), criteria: criteria::read(typed).unwrap() }
}

fn with_path(title: &str, path: &str) -> Trade {
    Trade { categories: vec![RawCategory { scheme: None, text: Line::title(path) }], ..titled(title) }
}

fn with_id(title: &str, scheme: &str, id: &str) -> Trade {
    Trade { categories: vec![RawCategory { scheme: Some(scheme.to_owned()), text: Line::title(id) }], ..titled(title) }
}

fn priced(title: &str, amount: i64) -> Trade {
    Trade { price: Some(Price::new(Decimal::from(amount), Currency::EUR)), ..titled(title) }
}

/// The standard categories alone, compiled once.
static STANDARD: LazyLock<Arc<Classifier>> = LazyLock::new(|| Classifiers::default().of(std::iter::empty()));

fn built_in(trade: &Trade) -> Vec<String> {
    STANDARD.judge(trade).of(&joy()).into_iter().map(|belongs| belongs.category.to_string()).collect()
}

fn reason(trade: &Trade) -> Because {
    STANDARD.judge(trade).of(&joy()).remove(0).because
}

/// Whether a trade belongs to the one category of these criteria.
fn fits(typed: &str, trade: &Trade) -> bool {
    because(typed, trade).is_some()
}

fn because(typed: &str, trade: &Trade) -> Option<Because> {
    let categories = [own("mine", typed)];
    let built_in = BuiltIn::read("[[category]]\nid = \"x\"\nname = { en = \"x\", zh-CN = \"某\" }", true).unwrap();
    let classifier = Classifiers::new(built_in).of([(&joy(), &categories[..])].into_iter());
    classifier.judge(trade).of(&joy()).pop().map(|belongs| belongs.because)
}

#[test]
fn an_id_of_the_taxonomy_comes_before_paths_and_words() {
    let trade = with_id("Gaming laptop", "google_product_category", "436");
    assert_eq!(built_in(&trade), ["home-goods"]);
    assert_eq!(reason(&trade), Because::Taxonomy { text: "436".to_owned() });
    assert!(built_in(&with_id("Coffee table", "google_product_category", "412")).is_empty());
    // An id that is not known says nothing.
    assert_eq!(built_in(&with_id("Coffee table", "google_product_category", "999999999")), ["home-goods"]);
}

#[test]
fn a_platform_own_id_comes_before_the_taxonomy() {
    let file = "[[category]]\nid = \"electronics\"\nplatform = { ids = { taobao = [\"1101\"] } }";
    let classifier = Classifiers::new(BuiltIn::read(file, false).unwrap()).of(std::iter::empty());
    let mut trade = with_id("Table", "google_product_category", "436");
    trade.categories.push(RawCategory { scheme: Some("taobao".to_owned()), text: Line::title("1101") });
    let belongs = classifier.judge(&trade).of(&joy());
    assert_eq!(belongs.len(), 1);
    assert_eq!(belongs[0].category.as_str(), "electronics");
}

#[test]
fn a_path_of_the_taxonomy_stands_for_all_below_it() {
    assert_eq!(built_in(&with_path("Something", "Cameras & Optics > Cameras > Digital Cameras")), ["electronics"]);
    assert_eq!(built_in(&with_path("Something", "Software > Video Game Software")), ["entertainment"]);
    assert_eq!(built_in(&with_path("Something", "Software > Computer Software")), ["electronics"]);
    let clothes = "Apparel & Accessories > Clothing > Baby & Toddler Clothing > Baby & Toddler Tops";
    assert_eq!(built_in(&with_path("Laptop", clothes)), ["mother-and-baby"]);
    assert!(built_in(&with_path("Laptop", "Apparel & Accessories > Shoes")).is_empty());
}

#[test]
fn words_of_a_path_come_before_words_of_the_title() {
    let trade = with_path("Gaming laptop", "Home > Living > Sofas");
    assert_eq!(built_in(&trade), ["home-goods"]);
    assert_eq!(reason(&trade), Because::Path { found: "sofas".to_owned(), path: "Home > Living > Sofas".to_owned() });
    assert_eq!(built_in(&with_path("Gaming laptop", "母婴/奶粉")), ["mother-and-baby"]);
    assert_eq!(built_in(&with_path("Gaming laptop", "Home > Sale")), ["electronics"]);
    assert_eq!(built_in(&with_path("Gaming laptop", "Latest arrivals")), ["electronics"]);
    assert!(built_in(&with_path("Gaming laptop", "Pet Supplies > Beds")).is_empty());
}

#[test]
fn several_categories_of_a_platform_count_together() {
    let mut trade = with_path("Something", "Baby");
    trade.categories.push(RawCategory { scheme: None, text: Line::title("Toys") });
    assert_eq!(built_in(&trade), ["mother-and-baby", "entertainment"]);
}

#[test]
fn the_reason_is_what_was_found() {
    assert_eq!(reason(&titled("Lovely Coffee Table")), Because::Title { found: "coffee table".to_owned() });
    assert_eq!(because("noodles", &titled("Noodle soup")), Some(Because::Title { found: "noodles".to_owned() }));
    assert_eq!(because("/no+dle/", &titled("Noooodle soup")), Some(Because::Pattern { pattern: "no+dle".to_owned() }));
    assert_eq!(because("price < 10 EUR", &priced("Soup", 5)), Some(Because::Price));
    let path = Because::Path { found: "Food>Tea".to_owned(), path: "Shop > Food / Tea > Green".to_owned() };
    assert_eq!(because("green, path:\"Food>Tea\"", &with_path("Green", "Shop > Food / Tea > Green")), Some(path));
}

#[test]
fn own_words_are_found_anywhere_in_the_title_but_only_whole() {
    assert!(fits("green tea, 茶", &titled("Best GREEN-TEA ever")) && fits("茶", &titled("绿茶礼盒")));
    assert!(!fits("tea", &titled("Steam engine")) && !fits("tea", &with_path("Engine", "Food > Tea")));
    assert!(fits("iPhone", &titled("Case for an iPhone")));
}

#[test]
fn what_is_excluded_counts_against_everything() {
    assert!(!fits("tea, -bag", &titled("Tea bags")) && fits("tea, -bag", &titled("Loose tea")));
    assert!(!fits("/te+a/, -/ba+g/", &titled("Teeea baaag")));
    assert!(!fits("path:Food, -tea", &with_path("Tea", "Food")));
    assert!(!fits("price < 10 EUR, -tea", &priced("Tea", 5)) && fits("price < 10 EUR, -tea", &priced("Rice", 5)));
}

#[test]
fn every_price_range_must_hold() {
    assert!(fits("tea, price < 10 EUR", &priced("Tea", 5)) && !fits("tea, price < 10 EUR", &priced("Tea", 10)));
    assert!(!fits("tea, price < 10 EUR", &titled("Tea")) && !fits("tea, price < 10 USD", &priced("Tea", 5)));
    assert!(!fits("tea, price < 10 EUR", &priced("Rice", 5)));
    assert!(!fits("price > 4 EUR, price < 5 EUR", &priced("Tea", 5)));
}

#[test]
fn own_categories_are_their_owners_alone_and_stand_behind_the_built_in_ones() {
    let (tom, mine, his) = (UserId::new("@tom:a.example"), [own("b", "table"), own("a", "coffee")], [own("c", "table")]);
    let classifier = Classifiers::default().of([(&joy(), &mine[..]), (&tom, &his[..])].into_iter());
    let judgement = classifier.judge(&titled("Coffee table"));
    let of = |who: &UserId| judgement.of(who).into_iter().map(|belongs| belongs.category.to_string()).collect::<Vec<_>>();
    assert_eq!(of(&joy()), ["home-goods", "b", "a"]);
    assert_eq!(of(&tom), ["home-goods", "c"]);
    assert_eq!(of(&UserId::new("@ann:a.example")), ["home-goods"]);
}

#[test]
fn an_own_category_with_a_built_in_one_s_id_is_that_one() {
    let mine = [own("home-goods", "table")];
    let classifier = Classifiers::default().of([(&joy(), &mine[..])].into_iter());
    assert_eq!(classifier.judge(&titled("Coffee table")).of(&joy()).len(), 1);
}

proptest! {
    #[test]
    fn no_title_or_path_is_too_strange(title in any::<String>(), path in any::<String>(), scheme in any::<Option<String>>()) {
        let trade = Trade { categories: vec![RawCategory { scheme, text: Line::title(&path) }], ..titled(&title) };
        let _ = STANDARD.judge(&trade).of(&joy());
    }

    #[test]
    fn no_mixture_of_known_words_is_too_strange(title in "(baby|phone|case|for|with|书|桌|造型|送|ps5|dog|of|box|'| |-|,|（|\"|《|》|é|1:18){0,12}") {
        let _ = STANDARD.judge(&titled(&title)).of(&joy());
    }

    #[test]
    fn no_criteria_are_too_strange(typed in "([a-z茶]{1,3}|[-/\"(.*+)\\[\\]|, >]|path:|price <|é){0,12}", title in any::<String>()) {
        if let Ok(criteria) = criteria::read(&typed) {
            let mine = [OwnCategory { id: CategoryId::new("a"), name: Line::title("A"), criteria }];
            let classifier = Classifiers::new(BuiltIn::read("[[category]]\nid = \"x\"\nname = { en = \"x\", zh-CN = \"某\" }", true).unwrap());
            let _ = classifier.of([(&joy(), &mine[..])].into_iter()).judge(&titled(&title)).of(&joy());
        }
    }
}
