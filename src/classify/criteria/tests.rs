//! What is typed, what is read from it, and that what is shown is read back.

use super::*;
use crate::domain::money::PriceRange;
use proptest::prelude::any;
use proptest::prop_assert_eq;
use proptest::proptest;

fn words(text: &str) -> Vec<Criterion> {
    read(text).unwrap()
}

fn word(text: &str) -> Criterion {
    Criterion::Word(text.to_owned())
}

fn range(text: &str) -> PriceRange {
    read_price_range(text).unwrap_or_else(|| panic!("{text}"))
}

#[test]
fn one_price_has_an_amount_and_a_currency() {
    let shown = |text: &str| read_one_price(text).map_or_else(String::new, |price| format!("{} {}", price.currency.code(), price.amount));
    for (text, expected) in [
        ("25 EUR", "EUR 25"),
        (" eur 25.50 ", "EUR 25.5"),
        ("25,50 €", "EUR 25.5"),
        ("€1.299,00", "EUR 1299"),
        ("1.299 EUR", "EUR 1299"),
        ("¥199", "CNY 199"),
        ("￥１９９", "CNY 199"),
        ("199元", "CNY 199"),
        ("25 dollars", "USD 25"),
        ("4,999 JPY", "JPY 4999"),
        ("0 EUR", "EUR 0"),
    ] {
        assert_eq!(shown(text), expected, "{text}");
    }
    for text in
        ["", "25", "EUR", "cheap", "25 EUR USD", "25 EUR 26", "-5 EUR", "< 25 EUR", "25.1234 EUR", "1.5 JPY", "9999999999999 EUR", "25 QQQ"]
    {
        assert_eq!(shown(text), "", "{text}");
    }
}

#[test]
fn words_and_phrases_stand_between_separators_of_any_width() {
    let expected = [word("noodles"), word("green tea"), word("面条"), word("绿茶"), word("rice")];
    assert_eq!(words("noodles, green  tea，面条、绿茶；rice\n"), expected);
}

#[test]
fn quotation_marks_hold_commas() {
    assert_eq!(words(r#""tea, green", “红茶，白茶” 「a,b」"#), [word("tea, green"), word("红茶，白茶"), word("a,b")]);
    assert_eq!(words(r#""13\" screen""#), [word("13\" screen")]);
    assert_eq!(words("tv 40\""), [word("tv 40\"")]);
}

#[test]
fn what_a_minus_stands_before_is_excluded() {
    let expected =
        [word("tea"), Criterion::NotWord("decaf".into()), Criterion::NotWord("tea bag".into()), Criterion::NotPattern("te+a,".into())];
    assert_eq!(words(r#"tea, -decaf, -"tea bag", -/te+a,/"#), expected);
}

#[test]
fn patterns_stand_between_slashes() {
    assert_eq!(words(r"/gr(ä|ae)fe?n/"), [Criterion::Pattern("gr(ä|ae)fe?n".into())]);
    assert_eq!(words(r"/a\/b{1,2}\d/, and/or"), [Criterion::Pattern(r"a/b{1,2}\d".into()), word("and/or")]);
    assert_eq!(words("/Tea/i, x"), [Criterion::Pattern("Tea".into()), word("x")]);
}

#[test]
fn paths_are_words_of_the_platform() {
    assert_eq!(words(r#"path:"Food > Tea""#), [Criterion::Path("Food > Tea".into())]);
    assert_eq!(words("路径：食品, Path: Food > Tea, x"), [Criterion::Path("食品".into()), Criterion::Path("Food > Tea".into()), word("x")]);
    assert_eq!(words("pathfinder"), [word("pathfinder")]);
}

#[test]
fn prices_are_read_in_many_ways() {
    assert_eq!(range("< 100 EUR").to_string(), "< 100 EUR");
    assert_eq!(range("<=100€"), range("≤ EUR 100"));
    assert_eq!(range("＜＝１００元"), range("100元以下"));
    assert_eq!(range("¥10-500"), range("10–500 CNY"));
    assert_eq!(range("€10 - €500"), range("10 to 500 eur"));
    assert_eq!(range("under $9.99").to_string(), "< 9.99 USD");
    assert_eq!(range("< 1,000.50 GBP"), range("< £1.000,50"));
    assert_eq!(range("< 1.000 EUR"), range("< 1 000 EUR"));
    assert_eq!(range("> 10 < 500 EUR"), range("<500 >10 EUR"));
    assert_eq!(range("< 9,5 EUR"), range("< 9.50 EUR"));
    for text in ["", "EUR", "< 100", "100 EUR", "500-10 EUR", "< 100 XYZW", "< 100 EUR USD", "<< 1 EUR", "< -1 EUR", "> 5 < 5 EUR"] {
        assert_eq!(read_price_range(text), None, "{text}");
    }
}

#[test]
fn a_price_is_a_criterion_and_a_word_that_begins_so_is_none() {
    assert_eq!(words("price < 1,000 EUR, tea"), [Criterion::Price(range("< 1000 EUR")), word("tea")]);
    assert_eq!(words("价格：10-500元"), [Criterion::Price(range("10-500 CNY"))]);
    assert_eq!(words("price tag gun, prices"), [word("price tag gun"), word("prices")]);
    assert_eq!(read("price < 100"), Err(CriteriaProblem::Price { typed: "< 100".into() }));
}

#[test]
fn what_is_wrong_is_said() {
    assert_eq!(read(""), Err(CriteriaProblem::NothingWanted));
    assert_eq!(read("-tea"), Err(CriteriaProblem::NothingWanted));
    assert_eq!(read("tea, ***"), Err(CriteriaProblem::EmptyWord { typed: "***".into() }));
    assert_eq!(read("tea, \"green"), Err(CriteriaProblem::NotClosed { typed: "\"green".into() }));
    assert_eq!(read("/usr"), Err(CriteriaProblem::NotClosed { typed: "/usr".into() }));
    assert_eq!(read(&"a,".repeat(600)), Err(CriteriaProblem::TooLong { limit: 1_000 }));
    let many = (0..101).map(|number| format!("w{number}")).collect::<Vec<_>>().join(",");
    assert_eq!(read(&many), Err(CriteriaProblem::TooMany { limit: 100 }));
}

#[test]
fn a_pattern_is_split_where_it_is_wrong() {
    let fault = |pattern: &str| match read(&format!("/{pattern}/")) {
        Err(CriteriaProblem::Pattern { before, after, fault }) => (before, after, fault),
        other => panic!("{pattern}: {other:?}"),
    };
    let expect = |before: &str, after: &str, kind| (before.to_owned(), after.to_owned(), kind);
    assert_eq!(fault("te(a"), expect("te", "(a", PatternFault::NotClosed));
    assert_eq!(fault("tea)s"), expect("tea", ")s", PatternFault::NotOpened));
    assert_eq!(fault("茶+*?**{2,1}"), expect("茶+*?**", "{2,1}", PatternFault::Repetition));
    assert_eq!(fault("*tea"), expect("", "*tea", PatternFault::Repetition));
    assert_eq!(fault("[z-a]"), expect("[", "z-a]", PatternFault::Class));
    assert_eq!(fault(r"a\y"), expect("a", r"\y", PatternFault::Escape));
    assert_eq!(fault("a(?=b)"), expect("a", "(?=b)", PatternFault::Unsupported));
    assert_eq!(fault("(a{1000}){1000}").2, PatternFault::TooLarge);
    assert_eq!(fault("x*").2, PatternFault::FitsAll);
    assert_eq!(fault(r"\b").2, PatternFault::FitsAll);
    assert_eq!(fault(&"ä".repeat(201)).2, PatternFault::TooLarge);
}

fn assert_shown_is_read_back(criteria: &[Criterion]) {
    let shown = show(criteria);
    if shown.chars().count() <= CHARACTERS {
        assert_eq!(read(&shown).as_deref(), Ok(criteria), "{shown}");
    }
}

#[test]
fn awkward_words_are_shown_so_that_they_are_read_back() {
    for text in
        ["\"-tea\"", "\"price < 5 EUR\"", "\"path:x\"", "\"/a/\"", r#""a\\""#, r#""“x”""#, r"/a\/b/", "price 1.1250-2 EUR", "\"a, b\""]
    {
        assert_shown_is_read_back(&words(text));
    }
}

proptest! {
    #[test]
    fn no_text_is_too_strange(text in any::<String>()) {
        if let Ok(criteria) = read(&text) {
            assert_shown_is_read_back(&criteria);
        }
        let _ = read_price_range(&text);
    }

    #[test]
    fn what_is_shown_is_read_back(text in "([-/\"“”\\\\ ,;a-cä茶.0-9<>=|()\\[\\]*+]|price |path:| EUR){0,40}") {
        if let Ok(criteria) = read(&text) {
            let shown = show(&criteria);
            if shown.chars().count() <= CHARACTERS {
                prop_assert_eq!(read(&shown), Ok(criteria), "{}", shown);
            }
        }
    }
}
