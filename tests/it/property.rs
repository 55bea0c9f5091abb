//! What arrives in which room, compared with the plainest model there is, over random sharers,
//! contacts, settings and trades: no more, no less, each once, and at no forbidden time. The environment
//! variable `PROPTEST_CASES` asks for more stories than the usual 256.

mod generators;
mod model;
mod stage;
mod story;
mod telling;
mod values;

use model::Model;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use stage::Stage;
use story::AccountPlan;
use story::ContactPlan;
use story::Happening;
use story::Market;
use story::Round;
use story::Setup;
use story::Sharing;
use story::Story;
use story::Thing;
use story::What;
use tradepost::domain::settings::Output;
use tradepost::domain::trade::Kind;

/// Plays a story with the real intake, store and outbox, and with the model, and compares after each
/// round what has arrived.
async fn play(story: &Story) -> Result<(), TestCaseError> {
    let (mut story, mut market) = (story.clone(), Market::default());
    let mut stage = Stage::new(&story).await;
    let mut model = Model::default();
    for (number, round) in story.rounds.clone().into_iter().enumerate() {
        stage.next_round(number);
        for (sharer, contact, changed) in round.changes {
            story.change(sharer, contact, changed);
        }
        stage.sharers_decide(&story).await;
        for shop in story::SHOPS {
            let news = market.open(shop, &round.happenings);
            model.hears_of(shop, &news, &mut story, number);
            stage.poll(shop, &market).await;
        }
        let seen = stage.drained(&story).await;
        prop_assert_eq!(telling::difference(&model.expects(&story, &market), &seen), "", "after round {}", number);
        prop_assert_eq!(stage.too_early(&story).join("\n"), "", "after round {}", number);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, max_shrink_iters: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn what_arrives_in_each_room_is_what_a_naive_model_says(story in generators::stories()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(play(&story))?;
    }
}

/// Joy, who shares what two shops list with `contacts`.
fn joy_shares_with(contacts: Vec<ContactPlan>) -> Sharing {
    let account = |shop| AccountPlan { shop, kinds: [Kind::Listing].into(), paused: false, takes_baseline: false };
    let settings = Setup::showing(&[Output::Message]);
    Sharing { name: "joy", paused: false, own: [].into(), settings, accounts: story::SHOPS.map(account).into(), contacts }
}

fn listed(shop: &'static str, item: usize, link: Option<u8>) -> Happening {
    let thing = Thing { words: vec!["tea"], electronics: false, home_goods: false, price: None };
    Happening { shop, what: What::Lists { item, thing, link } }
}

#[tokio::test]
async fn an_offer_does_not_come_again_from_another_account_after_its_output_was_changed() {
    let [leaf, attic] = story::SHOPS;
    for (before, after) in [(Output::Digest, Output::Message), (Output::Board, Output::Digest), (Output::Message, Output::Board)] {
        let sharers = vec![joy_shares_with(vec![ContactPlan::who_gets("mary", &[before])])];
        let changed = (0, 0, ContactPlan::who_gets("mary", &[after]));
        let rounds = vec![
            Round { changes: Vec::new(), happenings: vec![listed(leaf, 0, Some(1))] },
            Round { changes: vec![changed], happenings: vec![listed(attic, 0, Some(1)), listed(attic, 1, None)] },
        ];
        play(&Story { sharers, rounds }).await.unwrap();
    }
}

#[tokio::test]
async fn who_has_two_rooms_with_a_sharer_hears_of_everything_in_one_of_them() {
    let second = ContactPlan { is_second_room: true, ..ContactPlan::who_gets("mary", &[Output::Board]) };
    let sharers = vec![joy_shares_with(vec![ContactPlan::who_gets("mary", &[Output::Message]), second])];
    let rounds =
        vec![Round { changes: Vec::new(), happenings: vec![listed(story::SHOPS[0], 0, None), listed(story::SHOPS[0], 1, Some(0))] }];
    play(&Story { sharers, rounds }).await.unwrap();
}

#[tokio::test]
async fn nobody_is_introduced_for_what_only_leaves_a_board() {
    let mut joy = joy_shares_with(vec![ContactPlan::who_gets("mary", &[Output::Board])]);
    joy.contacts[0].settings.kinds = Some([Kind::Withdrawn].into());
    let gone = Happening { shop: story::SHOPS[0], what: What::IsGone { item: 0 } };
    let rounds = [listed(story::SHOPS[0], 0, None), gone].map(|happening| Round { changes: Vec::new(), happenings: vec![happening] });
    play(&Story { sharers: vec![joy], rounds: rounds.into() }).await.unwrap();
}

/// All that the model says of some stories, whatever the program does.
fn told_of(stories: usize) -> String {
    let mut runner = TestRunner::deterministic();
    let mut lines = Vec::new();
    for _ in 0..stories {
        let mut story = generators::stories().new_tree(&mut runner).unwrap().current();
        let (mut market, mut model) = (Market::default(), Model::default());
        for (number, round) in story.rounds.clone().into_iter().enumerate() {
            for (sharer, contact, changed) in round.changes {
                story.change(sharer, contact, changed);
            }
            for shop in story::SHOPS {
                let news = market.open(shop, &round.happenings);
                model.hears_of(shop, &news, &mut story, number);
            }
        }
        lines.extend(model.expects(&story, &market));
    }
    lines.join("\n")
}

#[test]
fn the_stories_tell_of_everything_that_can_arrive() {
    let told = told_of(600);
    for form in ["card", "popup", "digest", "board"] {
        for kind in ["listing", "sale", "purchase", "price-change", "withdrawn"] {
            let is_possible = (form, kind) != ("board", "withdrawn");
            assert_eq!(told.contains(&format!("'s {form}, {kind}, ")), is_possible, "{form}, {kind}");
        }
    }
    for what in ["(gone again)", ", gone", "is first shown", "-2: ", "anna+joy: joy is introduced", "anna+joy: anna is introduced"] {
        assert!(told.contains(what), "{what}");
    }
}
