//! What arrives in which room, compared with the plainest model there is, over random sharers,
//! contacts, settings and trades: no more, no less, each once, and at no forbidden time.

mod model;
mod stage;
mod story;
mod telling;

use model::Model;
use proptest::prelude::*;
use stage::Stage;
use story::Market;
use story::Story;

/// Plays a story with the real intake, store and outbox, and with the model, and compares after each
/// round what has arrived.
async fn play(story: &Story) -> Result<(), TestCaseError> {
    let (mut story, mut market) = (story.clone(), Market::default());
    let mut stage = Stage::new(&story).await;
    let mut model = Model::default();
    for (number, round) in story.rounds.clone().into_iter().enumerate() {
        stage.next_round(number).await;
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
        prop_assert_eq!(telling::difference(&model.expects(&story), &seen), "", "after round {}", number);
        prop_assert_eq!(stage.too_early(&story).join("\n"), "", "after round {}", number);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, max_shrink_iters: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn what_arrives_in_each_room_is_what_a_naive_model_says(story in story::stories()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(play(&story))?;
    }
}
