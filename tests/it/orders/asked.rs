//! To whom sales and purchases go, and what is asked before.

use super::Trading;
use crate::store::values::user;
use std::collections::BTreeSet;
use std::time::Duration;
use tradepost::domain::ids::Number;
use tradepost::domain::notice::Notice;
use tradepost::domain::trade::Kind;

/// The account, as Joy names it.
const SHOP: Number = Number(1);

/// All that can be made of some kinds.
fn subsets(kinds: &[Kind]) -> Vec<BTreeSet<Kind>> {
    let is_in = |number: usize, index: usize| number >> index & 1 == 1;
    let subset = |number| kinds.iter().enumerate().filter(|(index, _)| is_in(number, *index)).map(|(_, kind)| *kind).collect();
    (0..1 << kinds.len()).map(subset).collect()
}

#[tokio::test]
async fn what_was_sold_or_bought_goes_only_where_the_account_and_the_contact_herself_both_name_it() {
    const OWN: [Kind; 3] = [Kind::Listing, Kind::Sale, Kind::Purchase];
    let trading = Trading::with_friends(&["mary"]).await;
    // What is set for all does not open it.
    trading.sending.joy_changes(|joy| joy.settings.kinds = Some(OWN.into())).await;
    let mut expected = Vec::new();
    let of_contact = subsets(&OWN).into_iter().map(Some).chain([None]);
    for (number, (contact, account)) in
        of_contact.flat_map(|of| subsets(&OWN).into_iter().map(move |account| (of.clone(), account))).enumerate()
    {
        trading.sending.joy_changes(|joy| joy.accounts[0].kinds = account.iter().copied().collect()).await;
        trading.sending.contact_changes("mary", |mary| mary.settings.kinds.clone_from(&contact)).await;
        let names = OWN.map(|kind| format!("{kind}-{number} from an account with {account:?} to a contact with {contact:?}"));
        trading.finds(&[(OWN[0], &names[0]), (OWN[1], &names[1]), (OWN[2], &names[2])]).await;
        trading.drained().await;
        for (kind, name) in OWN.into_iter().zip(names) {
            let of_contact = contact.as_ref().map_or(kind == Kind::Listing, |kinds| kinds.contains(&kind));
            if account.contains(&kind) && of_contact {
                expected.push(name);
            }
        }
    }
    let bodies = trading.bodies_to("mary");
    let told: Vec<&str> = bodies.iter().map(|body| body.split(" - ").next().unwrap()).collect();
    assert_eq!(told, expected);
    assert_eq!(expected.len(), 4 * 4 * 3 + 4);
}

#[tokio::test]
async fn sales_for_a_contact_are_asked_for_first_and_shown_from_a_yes_on() {
    let trading = Trading::with_friends(&["mary", "eva"]).await;
    let asked = trading.sets_kinds(Some("mary"), &[Kind::Listing, Kind::Sale]).await.unwrap();
    assert_eq!(asked, Notice::OrdersAsked { label: "mary".to_owned(), kinds: vec![Kind::Sale], account: false });
    trading.finds(&[(Kind::Sale, "mug")]).await;
    assert_eq!(trading.idle().await, None);
    let answer = trading.answers(true).await.unwrap();
    assert!(matches!(&answer, Notice::SettingChanged { person: Some(person), .. } if person == "mary"), "{answer:?}");
    trading.finds(&[(Kind::Sale, "mug"), (Kind::Sale, "pot"), (Kind::Listing, "vase"), (Kind::Purchase, "ring")]).await;
    assert_eq!(trading.idle().await, None, "a sale is not held, and the purchase goes to nobody");
    assert_eq!(trading.bodies_to("mary"), ["pot - Sold", "vase"]);
    assert_eq!(trading.bodies_to("eva"), ["vase"]);
    assert_eq!(trading.answers(true).await, Err(Notice::NothingAsked), "it is answered once");
}

#[tokio::test]
async fn a_no_leaves_everything_as_it_was() {
    let trading = Trading::with_friends(&["mary"]).await;
    let before = trading.sending.store.sharer(&user("joy")).await.unwrap().unwrap();
    trading.sets_kinds(Some("mary"), &[Kind::Sale, Kind::Purchase]).await.unwrap();
    assert_eq!(trading.answers(false).await, Ok(Notice::LeftAsItIs));
    let after = trading.sending.store.sharer(&user("joy")).await.unwrap().unwrap();
    assert_eq!(
        (&after.contacts, &after.settings, &after.accounts, after.question),
        (&before.contacts, &before.settings, &before.accounts, None)
    );
    assert_eq!(trading.answers(true).await, Err(Notice::NothingAsked));
    trading.finds(&[(Kind::Sale, "mug"), (Kind::Purchase, "ring")]).await;
    trading.drained().await;
    assert_eq!(trading.sending.homeserver.requests(), []);
}

#[tokio::test]
async fn a_question_waits_for_an_hour_and_not_longer() {
    let trading = Trading::with_friends(&["mary"]).await;
    let kinds = [Kind::Listing, Kind::Sale];
    trading.sets_kinds(Some("mary"), &kinds).await.unwrap();
    trading.sending.clock.advance(Duration::from_hours(1));
    assert_eq!(trading.answers(true).await, Err(Notice::NothingAsked));
    trading.finds(&[(Kind::Sale, "mug")]).await;
    assert_eq!(trading.idle().await, None);
    assert_eq!(trading.sending.homeserver.requests(), []);
    trading.sets_kinds(Some("mary"), &kinds).await.unwrap();
    trading.sending.clock.advance(Duration::from_mins(59));
    trading.answers(true).await.unwrap();
    trading.finds(&[(Kind::Sale, "pot")]).await;
    assert_eq!(trading.idle().await, None);
    assert_eq!(trading.bodies_to("mary"), ["pot - Sold"]);
}

#[tokio::test]
async fn for_all_contacts_at_once_sales_and_purchases_are_refused() {
    let trading = Trading::with_friends(&["mary"]).await;
    for kinds in [&[Kind::Sale][..], &[Kind::Listing, Kind::Purchase]] {
        assert_eq!(trading.sets_kinds(None, kinds).await, Err(Notice::OrdersNeedContact));
    }
    assert_eq!(trading.answers(true).await, Err(Notice::NothingAsked));
    let changed = trading.sets_kinds(None, &[Kind::Listing, Kind::PriceChange]).await.unwrap();
    assert!(matches!(changed, Notice::SettingChanged { person: None, .. }), "{changed:?}");
}

#[tokio::test]
async fn what_is_shown_already_is_not_asked_for_again_and_switching_it_off_never_is() {
    let trading = Trading::with_friends(&["mary"]).await;
    trading.gets("mary", &[Kind::Sale, Kind::Purchase]).await;
    for kinds in [&[Kind::Listing, Kind::Sale][..], &[Kind::Sale], &[Kind::Listing]] {
        let changed = trading.sets_kinds(Some("mary"), kinds).await.unwrap();
        assert!(matches!(changed, Notice::SettingChanged { .. }), "{changed:?}");
    }
    let asked = trading.sets_kinds(Some("mary"), &[Kind::Sale]).await.unwrap();
    assert!(matches!(asked, Notice::OrdersAsked { .. }), "{asked:?}");
}

#[tokio::test]
async fn for_an_account_they_are_asked_for_too() {
    let trading = Trading::of_purchases(&["mary"]).await;
    trading.sending.joy_changes(|joy| joy.accounts[0].kinds = vec![Kind::Listing]).await;
    let kinds = [Kind::Listing, Kind::Sale].into();
    let asks = async || trading.applied(trading.actions.account_kinds(&user("joy"), SHOP, &kinds, trading.now()).await).await;
    let asked = Notice::OrdersAsked { label: "shop".to_owned(), kinds: vec![Kind::Sale], account: true };
    assert_eq!(asks().await, Ok(asked.clone()));
    assert_eq!(trading.answers(false).await, Ok(Notice::LeftAsItIs));
    trading.finds(&[(Kind::Sale, "mug")]).await;
    assert_eq!(asks().await, Ok(asked));
    trading.finds(&[(Kind::Sale, "pot")]).await;
    let answer = trading.answers(true).await.unwrap();
    assert!(matches!(&answer, Notice::AccountKinds { kinds, .. } if *kinds == [Kind::Listing, Kind::Sale]), "{answer:?}");
    trading.finds(&[(Kind::Sale, "vase"), (Kind::Purchase, "ring")]).await;
    trading.drained().await;
    assert_eq!(trading.bodies_to("mary"), ["vase - Sold"]);
}
