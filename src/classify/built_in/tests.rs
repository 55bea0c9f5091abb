//! The standard file, an operator's own, and what is wrong with bad ones.

use super::BuiltIn;
use super::File;
use crate::classify::criteria::Item;
use crate::classify::fold;
use std::collections::BTreeSet;

const NEW: &str = r#"
[[category]]
id = "books"
name = { en = "Books", zh-CN = "书" }
aliases = ["reading"]
title = { heads = ["novel, atlas", "/vol\\. ?\\d/"], strong = "isbn" }
"#;

fn wrong(text: &str) -> String {
    BuiltIn::read(text, false).unwrap_err().to_string()
}

#[test]
fn the_standard_file_can_be_read() {
    assert_eq!(File::read(include_str!("../categories.toml")).map(|_| ()), Ok(()));
    let standard = BuiltIn::standard();
    let ids: Vec<&str> = standard.categories().iter().map(|category| category.id.as_str()).collect();
    assert_eq!(ids, ["electronics", "mother-and-baby", "home-goods", "entertainment"]);
    standard.check_names().unwrap();
}

#[test]
fn categories_are_known_by_id_name_and_alias_in_both_languages() {
    let standard = BuiltIn::standard();
    for (typed, id) in [
        ("electronics", "electronics"),
        ("ELECTRONICS", "electronics"),
        ("电子商品", "electronics"),
        ("電子", "electronics"),
        ("数码", "electronics"),
        ("母婴", "mother-and-baby"),
        ("Mother and Baby", "mother-and-baby"),
        ("baby", "mother-and-baby"),
        ("home", "home-goods"),
        ("Ｈome goods", "home-goods"),
        ("家居用品", "home-goods"),
        ("娱乐", "entertainment"),
    ] {
        assert_eq!(standard.named(typed).map(|id| id.as_str().to_owned()).as_deref(), Some(id), "{typed}");
    }
    assert_eq!(standard.named("food"), None);
    assert_eq!(standard.named("other"), None);
}

#[test]
fn an_operator_s_file_adds_to_the_standard_one() {
    let more = "[[category]]\nid = \"electronics\"\nname = { en = \"Gadgets\" }\naliases = [\"toys for adults\"]\ntitle = { heads = \"flux capacitor\" }";
    let both = BuiltIn::read(&format!("{more}\n{NEW}"), false).unwrap();
    assert_eq!(both.categories().len(), 5);
    assert_eq!(both.categories()[0].name_en, "Gadgets");
    assert_eq!(both.categories()[0].name_zh, "电子商品");
    assert_eq!(both.named("reading").map(ToString::to_string).as_deref(), Some("books"));
    let heads = &both.file().category[0].title.heads.0;
    assert!(heads.contains(&Item::Word("flux capacitor".into())) && heads.contains(&Item::Word("laptop".into())));
    assert_ne!(both, BuiltIn::standard());
}

#[test]
fn or_replaces_it() {
    let only = BuiltIn::read(NEW, true).unwrap();
    assert_eq!(only.categories().len(), 1);
    assert_eq!(only.named("electronics"), None);
    assert_eq!(
        only.file().category[0].title.heads.0,
        [Item::Word("novel".into()), Item::Word("atlas".into()), Item::Pattern(r"vol\. ?\d".into())]
    );
    assert_eq!(BuiltIn::read("", true).unwrap_err().to_string(), "category: there is none");
    assert_eq!(BuiltIn::read("", false).unwrap(), BuiltIn::standard());
}

#[test]
fn a_bad_file_is_refused_with_the_key() {
    assert!(wrong("a = ").starts_with("line 1: "));
    assert!(
        wrong("\n\nspeed = 1").starts_with("line 3: unknown field `speed`") || wrong("\n\nspeed = 1").starts_with("speed: unknown field")
    );
    let with = |rest: &str| wrong(&format!("[[category]]\nid = \"a\"\nname = {{ en = \"a\", zh-CN = \"一\" }}\n{rest}"));
    assert!(with("title = { heads = 5 }").starts_with("category[0].title.heads: "), "{}", with("title = { heads = 5 }"));
    assert!(with("title = { heads = \"a, ***\" }").starts_with("category[0].title.heads: \"***\" has no letter or digit"));
    assert!(with("title = { weak = \"/a(/\" }").starts_with("category[0].title.weak: /a(/ is no pattern"));
    assert!(with("title = { weak = \"/a*/\" }").contains("FitsAll"));
    assert!(with("heads = \"a\"").starts_with("category[0].heads: unknown field"), "{}", with("heads = \"a\""));
}

#[test]
fn ids_and_names_must_be_clear() {
    assert!(wrong("[[category]]\nid = \"x\"").starts_with("category[0].name.en: a new category needs it"));
    assert!(wrong("[[category]]\nid = \"x\"\nname = { en = \"x\" }").starts_with("category[0].name.zh-CN: "));
    assert!(wrong("[[category]]\nid = \"Big Things\"").starts_with("category[0].id: must be lower-case"));
    assert!(wrong("[[category]]\nid = \"home-goods\"\n[[category]]\nid = \"home-goods\"").contains("stands twice"));
    for name in ["other", "其他", "OTHER"] {
        let file = format!("[[category]]\nid = \"x\"\nname = {{ en = \"{name}\", zh-CN = \"一\" }}");
        assert!(wrong(&file).contains("is what belongs to no category"), "{name}");
    }
    let taken = "[[category]]\nid = \"x\"\nname = { en = \"Home\", zh-CN = \"一\" }";
    assert!(wrong(taken).contains("would both answer to"), "{}", wrong(taken));
}

#[test]
fn no_word_stands_for_a_category_and_for_none_in_the_same_way() {
    let standard = BuiltIn::standard();
    let file = standard.file();
    let neutral: BTreeSet<String> =
        file.neutral.heads.0.iter().filter_map(|item| if let Item::Word(word) = item { Some(fold(word)) } else { None }).collect();
    let mut both = Vec::new();
    for category in &file.category {
        for list in [&category.title.heads, &category.title.decisive] {
            both.extend(list.0.iter().filter_map(|item| match item {
                Item::Word(word) if neutral.contains(&fold(word)) => Some(format!("{}: {word}", category.id)),
                _ => None,
            }));
        }
    }
    assert!(both.is_empty(), "{both:#?}");
}

#[test]
fn the_example_in_the_documentation_can_be_read() {
    let document = include_str!("../../../docs/CATEGORIES.md");
    let example = document.split("```toml").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let both = BuiltIn::read(example, false).unwrap();
    assert_eq!(both.named("图书").map(ToString::to_string).as_deref(), Some("books"));
    assert_eq!(both.categories().len(), 5);
}
