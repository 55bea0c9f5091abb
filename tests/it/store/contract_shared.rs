//! What every store promises of what was decided about trades.

use super::Place;
use super::values::at;
use super::values::user;
use tradepost::domain::ids::Number;
use tradepost::domain::ids::TradeId;
use tradepost::domain::shared::KEPT;
use tradepost::domain::shared::SharedTrade;
use tradepost::domain::text::Line;
use tradepost::store::Commit;
use tradepost::store::Store;

fn decided(sharer: &str, trade: &str) -> SharedTrade {
    SharedTrade {
        sharer: user(sharer),
        number: Number(0),
        trade: TradeId::new(trade),
        shop: Line::title("shop"),
        decided_at: at(0),
        categories: Vec::new(),
        contacts: Vec::new(),
        undone: false,
    }
}

async fn share(store: &dyn Store, shared: Vec<SharedTrade>) {
    store.commit(Commit { shared, ..Commit::default() }).await.unwrap();
}

async fn undo(store: &dyn Store, sharer: &str, trade: &str) {
    let undone = vec![(user(sharer), TradeId::new(trade))];
    store.commit(Commit { undone, ..Commit::default() }).await.unwrap();
}

/// Number and trade of what was decided last.
async fn newest(store: &dyn Store, sharer: &str, limit: usize) -> Vec<(u32, String)> {
    let found = store.newest_shared(&user(sharer), limit).await.unwrap();
    found.iter().map(|shared| (shared.number.0, shared.trade.to_string())).collect()
}

async fn by_trade(store: &dyn Store, sharer: &str, trade: &str) -> Option<SharedTrade> {
    store.shared_trade(&user(sharer), &TradeId::new(trade)).await.unwrap()
}

pub(crate) async fn what_was_decided_is_numbered_for_each_sharer(place: &impl Place) {
    let store = place.open().await;
    assert!(newest(&*store, "joy", 10).await.is_empty());
    share(&*store, vec![decided("joy", "a"), decided("ann", "a"), decided("joy", "b")]).await;
    let store = place.reopen(store).await;
    share(&*store, vec![decided("joy", "c")]).await;
    let expected = [(3, "c"), (2, "b"), (1, "a")].map(|(number, trade)| (number, trade.to_owned()));
    assert_eq!(newest(&*store, "joy", 10).await, expected);
    assert_eq!(newest(&*store, "joy", 2).await, expected[..2]);
    assert_eq!(newest(&*store, "ann", 10).await, [(1, "a".to_owned())]);
    let second = SharedTrade { number: Number(2), ..decided("joy", "b") };
    assert_eq!(store.shared(&user("joy"), Number(2)).await.unwrap().as_ref(), Some(&second));
    assert_eq!(by_trade(&*store, "joy", "b").await, Some(second));
    assert_eq!(by_trade(&*store, "ann", "b").await, None);
    assert_eq!(store.shared(&user("joy"), Number(4)).await.unwrap(), None);
}

pub(crate) async fn a_trade_decided_on_before_keeps_its_number(place: &impl Place) {
    let store = place.open().await;
    share(&*store, vec![decided("joy", "a"), decided("joy", "a"), decided("joy", "b")]).await;
    share(&*store, vec![SharedTrade { decided_at: at(9), ..decided("joy", "a") }, decided("joy", "c")]).await;
    let expected = [(3, "c"), (2, "b"), (1, "a")].map(|(number, trade)| (number, trade.to_owned()));
    assert_eq!(newest(&*store, "joy", 10).await, expected);
    assert_eq!(by_trade(&*store, "joy", "a").await.unwrap().decided_at, at(0));
}

pub(crate) async fn the_oldest_decisions_are_forgotten(place: &impl Place) {
    let store = place.open().await;
    share(&*store, (1..=KEPT + 1).map(|number| decided("joy", &number.to_string())).collect()).await;
    share(&*store, vec![decided("joy", "new")]).await;
    let store = place.reopen(store).await;
    let all = newest(&*store, "joy", 1_000).await;
    assert_eq!(all.len(), KEPT as usize);
    assert_eq!((all[0].clone(), all.last().cloned()), ((KEPT + 2, "new".to_owned()), Some((3, "3".to_owned()))));
    for trade in ["1", "2"] {
        assert_eq!(by_trade(&*store, "joy", trade).await, None);
    }
    assert_eq!(store.shared(&user("joy"), Number(2)).await.unwrap(), None);
    // What was forgotten may come again, under another number.
    share(&*store, vec![decided("joy", "1")]).await;
    assert_eq!(by_trade(&*store, "joy", "1").await.unwrap().number, Number(KEPT + 3));
}

pub(crate) async fn a_trade_stays_undone(place: &impl Place) {
    let store = place.open().await;
    share(&*store, vec![decided("joy", "a"), decided("ann", "a"), decided("joy", "b")]).await;
    undo(&*store, "joy", "a").await;
    undo(&*store, "joy", "unknown").await;
    undo(&*store, "joy", "a").await;
    share(&*store, vec![decided("joy", "unknown")]).await;
    let store = place.reopen(store).await;
    let shared = by_trade(&*store, "joy", "a").await.unwrap();
    assert_eq!(shared, SharedTrade { number: Number(1), undone: true, ..decided("joy", "a") });
    assert!(by_trade(&*store, "joy", "unknown").await.unwrap().undone);
    assert!(!by_trade(&*store, "ann", "a").await.unwrap().undone);
    // Also when what was decided about it is forgotten.
    share(&*store, (0..KEPT).map(|number| decided("joy", &format!("n{number}"))).collect()).await;
    assert_eq!(by_trade(&*store, "joy", "a").await, None);
    for (trade, undone) in [("a", true), ("unknown", true), ("b", false)] {
        assert_eq!(store.is_undone(&user("joy"), &TradeId::new(trade)).await.unwrap(), undone);
    }
    assert!(!store.is_undone(&user("ann"), &TradeId::new("a")).await.unwrap());
    share(&*store, vec![decided("joy", "a")]).await;
    assert!(by_trade(&*store, "joy", "a").await.unwrap().undone);
}
