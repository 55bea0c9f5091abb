//! The rules of judgement, each on a small file of categories.

use super::super::BuiltIn;
use super::super::Classifiers;
use super::super::classifier::titled;
use crate::domain::ids::UserId;

const FILE: &str = r#"
[[category]]
id = "sound"
name = { en = "Sound", zh-CN = "声音" }
title = { heads = "speaker, 音箱, amp", weak = "sonos, ps5", strong = "walkman" }

[[category]]
id = "home"
name = { en = "Home", zh-CN = "家" }
title = { heads = "table, lamp, box, bed, 桌, 收纳盒, 灯, rug", decisive = "toy box" }

[[category]]
id = "play"
name = { en = "Play", zh-CN = "玩" }
title = { heads = "game, game key, 游戏", decisive = "cd, doll, 唱片", later = "ps5" }

[[category]]
id = "baby"
name = { en = "Baby", zh-CN = "婴" }
title = { strong = "maternity, 孕妇", modifiers = "baby", joins = ["sound"], yields-to = ["play"] }

[neutral]
heads = "shirt, case, dress, 壳, 耳环"
phrases = "baby blue"

[grammar]
openers = "for, with, 送"
likeness = "shaped, 造型"
fits = "通用"
measures = "box"
colours = "lamp"
noise = "used"

[[context]]
words = "dog, 狗"
without = ["home", "baby"]
except = "lamp"
"#;

fn found(title: &str) -> String {
    let classifier = Classifiers::new(BuiltIn::read(FILE, true).unwrap()).of(std::iter::empty());
    let belongs = classifier.judge(&titled(title)).of(&UserId::new("@joy:a.example"));
    belongs.into_iter().map(|belongs| belongs.category.to_string()).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_last_known_thing_of_an_english_part_is_what_is_sold() {
    assert_eq!(found("Lovely table, black"), "home");
    assert_eq!(found("Speaker case, black"), "");
    assert_eq!(found("Sonos shirt"), "");
}

#[test]
fn where_things_contend_in_a_part_nothing_is_said() {
    assert_eq!(found("Game table"), "");
    assert_eq!(found("Shirt table"), "");
    assert_eq!(found("Table lamp"), "home");
    assert_eq!(found("音箱收纳盒"), "");
    assert_eq!(found("耳环收纳盒"), "home");
}

#[test]
fn what_is_behind_for_or_with_is_not_what_is_sold() {
    assert_eq!(found("Speaker for a table"), "sound");
    assert_eq!(found("Something for a table"), "");
    assert_eq!(found("Bean-for-table lamp"), "home");
}

#[test]
fn the_first_english_part_with_a_known_thing_decides() {
    assert_eq!(found("Lovely thing - speaker - table"), "sound");
    assert_eq!(found("Sonos One, table"), "sound");
}

#[test]
fn the_last_known_thing_of_a_chinese_title_is_what_is_sold() {
    assert_eq!(found("音箱 收纳盒"), "home");
    assert_eq!(found("桌 音箱 黑"), "sound");
    assert_eq!(found("音箱 送桌"), "sound");
    assert_eq!(found("送礼桌"), "home");
}

#[test]
fn what_is_only_looked_like_or_fitted_does_not_count() {
    assert_eq!(found("Speaker shaped shirt"), "");
    assert_eq!(found("音箱造型 耳环"), "");
    assert_eq!(found("灯 音箱通用"), "home");
}

#[test]
fn decisive_things_decide_as_the_head_of_any_part() {
    assert_eq!(found("The Table People – First CD"), "play");
    assert_eq!(found("Table CD"), "play");
    assert_eq!(found("Maternity CD"), "play");
    assert_eq!(found("Toy box with doll"), "home");
}

#[test]
fn weak_words_count_where_no_thing_is_known() {
    assert_eq!(found("Sonos One"), "sound");
    assert_eq!(found("Sonos table"), "home");
    assert_eq!(found("Used PS5, white"), "sound");
    assert_eq!(found("Some Great Adventure PS5"), "play");
}

#[test]
fn strong_words_count_wherever_they_stand_and_beside_what_they_join() {
    assert_eq!(found("Maternity dress"), "baby");
    assert_eq!(found("Maternity table"), "baby");
    assert_eq!(found("Maternity speaker"), "sound baby");
    assert_eq!(found("Walkman table"), "sound");
}

#[test]
fn modifiers_count_unless_they_yield_to_the_head() {
    assert_eq!(found("Baby shirt"), "baby");
    assert_eq!(found("Baby game"), "play");
    assert_eq!(found("Baby blue shirt"), "");
}

#[test]
fn categories_do_not_count_in_other_fields() {
    assert_eq!(found("Dog bed"), "");
    assert_eq!(found("Dog speaker"), "sound");
    assert_eq!(found("Dog lamp"), "home");
}

#[test]
fn a_measure_is_not_what_is_sold_and_a_colour_only_alone() {
    assert_eq!(found("Box of speakers"), "sound");
    assert_eq!(found("Box"), "home");
    assert_eq!(found("Speaker lamp"), "sound");
    assert_eq!(found("Nice lamp"), "home");
}
