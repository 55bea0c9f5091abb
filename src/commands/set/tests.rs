use super::Change;
use super::Key;
use super::Quiet;
use super::Set;
use super::parse;
use crate::commands::command::ParseError;
use crate::commands::command::Who;
use crate::domain::ids::Number;
use crate::domain::ids::UserId;
use crate::domain::notice::SettingProblem;
use crate::domain::settings::Output;
use crate::domain::trade::Kind;
use jiff::civil::time;
use proptest::prelude::*;

fn change(text: &str) -> Change {
    parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}")).change.unwrap()
}

fn problem(text: &str) -> SettingProblem {
    match parse(text) {
        Err(ParseError::Setting(problem)) => problem,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn a_contact_may_be_named_in_several_words() {
    let whom = |text: &str| parse(text).unwrap().whom;
    assert_eq!(whom("for Mary Ann categories food"), Some(Who::Name("Mary Ann".to_owned())));
    assert_eq!(whom("for @mary:x quiet off"), Some(Who::User(UserId::new("@mary:x"))));
    assert_eq!(whom("for 3 price any"), Some(Who::Number(Number(3))));
    assert_eq!(whom("给 玛丽 类别 食品"), Some(Who::Name("玛丽".to_owned())));
    assert_eq!(parse("for Mary").unwrap(), Set { whom: Some(Who::Name("Mary".to_owned())), change: None });
    assert_eq!(parse("").unwrap(), Set { whom: None, change: None });
    assert_eq!(parse("categories ,"), Err(ParseError::Usage(crate::domain::notice::Topic::Set)));
    assert_eq!(parse("for"), Err(ParseError::Usage(crate::domain::notice::Topic::Set)));
}

#[test]
fn settings_are_read_as_people_write_them() {
    assert_eq!(change("categories electronics, my food"), Change::Categories(Some(vec!["electronics".into(), "my food".into()])));
    assert_eq!(change("类别 电子商品、食品"), Change::Categories(Some(vec!["电子商品".into(), "食品".into()])));
    assert_eq!(change("categories ALL"), Change::Categories(None));
    assert_eq!(change("kinds listings, sales"), Change::Kinds([Kind::Listing, Kind::Sale].into()));
    assert_eq!(change("kinds price changes and withdrawn"), Change::Kinds([Kind::PriceChange, Kind::Withdrawn].into()));
    assert_eq!(change("output message popup"), Change::Outputs([Output::Message, Output::Popup].into()));
    assert_eq!(change("output message, status"), Change::Outputs([Output::Message, Output::Status].into()));
    assert_eq!(change("方式 消息、状态"), Change::Outputs([Output::Message, Output::Status].into()));
    assert_eq!(change("digest daily 18:00"), Change::Digest(Some(time(18, 0, 0, 0))));
    assert_eq!(change("digest 6pm"), Change::Digest(Some(time(18, 0, 0, 0))));
    assert_eq!(change("摘要 每天 18点30"), Change::Digest(Some(time(18, 30, 0, 0))));
    assert_eq!(change("digest off"), Change::Digest(None));
    let night = Quiet::Between { from: time(22, 0, 0, 0), until: time(8, 0, 0, 0) };
    assert_eq!(change("quiet 22:00-08:00"), Change::Quiet(night));
    assert_eq!(change("quiet 10pm – 8am"), Change::Quiet(night));
    assert_eq!(change("免打扰：22:00 到 8:00"), Change::Quiet(night));
    assert_eq!(change("quiet default"), Change::Default(Key::Quiet));
    assert_eq!(change("timezone europe/berlin"), Change::TimeZone("Europe/Berlin".to_owned()));
    assert_eq!(change("timezone Shanghai"), Change::TimeZone("Asia/Shanghai".to_owned()));
    assert_eq!(change("popup 10m"), Change::Popup(600));
    assert_eq!(change("accounts 1, 3"), Change::Accounts(Some(vec![Number(1), Number(3)])));
}

#[test]
fn what_cannot_be_read_is_named() {
    assert_eq!(problem("colour red"), SettingProblem::Unknown { typed: "colour".to_owned() });
    assert_eq!(problem("kinds offers, x"), SettingProblem::Kind { typed: "x".to_owned() });
    assert_eq!(problem("output board, tea"), SettingProblem::Output { typed: "tea".to_owned() });
    assert_eq!(problem("quiet 8:00-8:00"), SettingProblem::Quiet { typed: "8:00-8:00".to_owned() });
    assert_eq!(problem("digest 25:00"), SettingProblem::Time { typed: "25:00".to_owned() });
    let nearest = Some("Europe/Berlin".to_owned());
    assert_eq!(problem("timezone Europe/Berln"), SettingProblem::TimeZone { typed: "Europe/Berln".to_owned(), nearest });
    assert_eq!(problem("accounts tea"), SettingProblem::Account { typed: "tea".to_owned() });
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "(for |给 )?[ ，,:0-9a-z@类别价<>-]{0,12} ?(quiet|digest|price|timezone|kinds|popup|类别)? ?\\PC{0,20}") {
        let _ = parse(&text);
    }
}
