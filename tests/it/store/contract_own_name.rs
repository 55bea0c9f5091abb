//! What every store promises for those who share in their own names: who they are, the rooms heard
//! through them, and small values.

use super::Place;
use super::contract_settings::put_room;
use super::contract_settings::put_sharer;
use super::values::at;
use super::values::event;
use super::values::room;
use super::values::room_id;
use super::values::sharer;
use super::values::user;
use futures_util::FutureExt;
use tradepost::domain::own_name::OwnName;
use tradepost::domain::room::Membership;
use tradepost::domain::room::Room;
use tradepost::domain::sharer::Sharer;
use tradepost::store::Commit;
use tradepost::store::Named;
use tradepost::store::Store;
use tradepost::store::StoreError;

/// Somebody who agreed.
fn agreed(name: &str) -> Sharer {
    let own_name = Some(OwnName { agreed_at: at(0), device: None, told_unverified: false });
    Sharer { own_name, ..sharer(name, &[], &[]) }
}

async fn in_own_name(store: &dyn Store) -> Vec<String> {
    let sharers = store.in_own_name().await.unwrap();
    sharers.iter().map(|sharer| sharer.id.localpart().to_owned()).collect()
}

fn heard(name: &str) -> Named {
    Named::Heard(user(name))
}

async fn name(store: &dyn Store, named: &[(Named, Option<&str>)]) -> tradepost::store::Result<()> {
    let named = named.iter().map(|(name, value)| (name.clone(), value.map(str::to_owned))).collect();
    store.commit(Commit { named, ..Commit::default() }).await
}

async fn named(store: &dyn Store, name: &Named) -> Option<String> {
    store.named(name).await.unwrap()
}

pub(crate) async fn those_who_agreed_are_found_until_they_withdraw_it(place: &impl Place) {
    let store = place.open().await;
    assert!(store.in_own_name().await.unwrap().is_empty());
    for sharer in [agreed("joy"), sharer("mary", &["shop"], &["den"]), agreed("ann")] {
        put_sharer(&*store, sharer).await.unwrap();
    }
    assert_eq!(in_own_name(&*store).await, ["ann", "joy"]);
    put_sharer(&*store, Sharer { version: 1, ..agreed("mary") }).await.unwrap();
    put_sharer(&*store, Sharer { version: 1, ..sharer("joy", &[], &[]) }).await.unwrap();
    put_sharer(&*store, Sharer { version: 1, paused: true, ..agreed("ann") }).await.unwrap();
    let stale = put_sharer(&*store, Sharer { version: 1, ..agreed("joy") }).await;
    assert!(matches!(stale, Err(StoreError::Conflict)));
    let store = place.reopen(store).await;
    assert_eq!(in_own_name(&*store).await, ["ann", "mary"]);
    assert!(store.in_own_name().await.unwrap()[0].paused);
}

pub(crate) async fn a_room_that_is_heard_without_the_bot_is_found_by_its_members(place: &impl Place) {
    let store = place.open().await;
    let mut den = Room { ours: Membership::Left, heard_by: Some(user("joy")), ..room("den", &["joy", "mary"]) };
    put_room(&*store, den.clone()).await;
    let store = place.reopen(store).await;
    den.version = 1;
    for name in ["joy", "mary"] {
        assert_eq!(store.rooms_of(&user(name)).await.unwrap(), std::slice::from_ref(&den));
    }
    // Not heard any more, it is what it was for those in it.
    den.heard_by = None;
    put_room(&*store, den.clone()).await;
    den.version = 2;
    assert_eq!(store.rooms_of(&user("joy")).await.unwrap(), [den]);
}

pub(crate) async fn a_small_value_stays_until_it_is_replaced_or_forgotten(place: &impl Place) {
    let store = place.open().await;
    assert_eq!(named(&*store, &heard("joy")).await, None);
    name(&*store, &[(heard("joy"), Some("s1")), (heard("ann"), Some("s2")), (Named::BotIdentity, Some("sealed"))]).await.unwrap();
    name(&*store, &[(heard("joy"), Some("s3")), (heard("mary"), None)]).await.unwrap();
    let store = place.reopen(store).await;
    for (kept, expected) in
        [(heard("joy"), Some("s3")), (heard("ann"), Some("s2")), (Named::BotIdentity, Some("sealed")), (heard("mary"), None)]
    {
        assert_eq!(named(&*store, &kept).await.as_deref(), expected);
    }
    name(&*store, &[(heard("joy"), None)]).await.unwrap();
    assert_eq!(named(&*store, &heard("joy")).await, None);
    assert_eq!(named(&*store, &heard("ann")).await.as_deref(), Some("s2"));
}

pub(crate) async fn a_small_value_comes_with_its_commit_or_not_at_all(place: &impl Place) {
    let store = place.open().await;
    let commit = |version| Commit {
        named: vec![(heard("joy"), Some("s1".to_owned()))],
        rooms: vec![Room { version, ..room("den", &["joy"]) }],
        events: vec![event("den", "1")],
        ..Commit::default()
    };
    assert!(matches!(store.commit(commit(1)).await, Err(StoreError::Conflict)));
    assert_eq!(named(&*store, &heard("joy")).await, None);
    store.commit(commit(0)).await.unwrap();
    assert_eq!(named(&*store, &heard("joy")).await.as_deref(), Some("s1"));
    assert!(store.has_pending_events(&room_id("den")).await.unwrap());

    let long = "x".repeat(70_000);
    let refused = name(&*store, &[(heard("ann"), Some("s2")), (heard("joy"), Some(&long))]).await;
    assert!(matches!(refused, Err(StoreError::TooLarge { kind: "small value" })));
    assert_eq!(named(&*store, &heard("ann")).await, None);
    assert_eq!(named(&*store, &heard("joy")).await.as_deref(), Some("s1"));
    name(&*store, &[(heard("joy"), Some(&long[..60_000]))]).await.unwrap();
}

pub(crate) async fn small_values_alone_wake_nobody(place: &impl Place) {
    let store = place.open().await;
    let mut changes = store.changes();
    name(&*store, &[(heard("joy"), Some("s1"))]).await.unwrap();
    assert!(changes.changed().now_or_never().is_none());
    assert_eq!(named(&*store, &heard("joy")).await.as_deref(), Some("s1"));
    let named = vec![(heard("joy"), Some("s2".to_owned()))];
    store.commit(Commit { named, events: vec![event("den", "1")], ..Commit::default() }).await.unwrap();
    changes.changed().await.unwrap();
}
