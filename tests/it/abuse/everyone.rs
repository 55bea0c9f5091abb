//! `mute everyone`: a contact who wants nothing of anybody.

use super::stage::Stage;
use super::stage::notices;
use crate::store::values::at;
use crate::store::values::room;
use crate::store::values::sharer;
use crate::store::values::user;
use tradepost::domain::notice::MuteLine;
use tradepost::domain::notice::Notice;
use tradepost::domain::permission::Permission;
use tradepost::store::Commit;

async fn mary_types(stage: &Stage, text: &str) -> Vec<Notice> {
    notices(&stage.types(&user("mary"), text, true).await)
}

/// Anna begins to share with Mary.
async fn anna_comes(stage: &Stage) {
    let room = room("annas", &["anna", "mary", "tradepost"]);
    stage.0.commit(Commit { rooms: vec![room.clone()], sharers: vec![sharer("anna", &[], &[])], ..Commit::default() }).await;
    let (commit, ..) = stage.0.actions.share_with(&user("anna"), &user("mary"), &room, at(0)).await.unwrap();
    stage.0.commit(commit).await;
}

#[tokio::test]
async fn nobodys_cards_reach_whoever_muted_everyone_also_of_those_who_come_later() {
    for words in ["mute everyone", "静音 所有人", "mute everybody"] {
        let stage = Stage::new(&[("*", Permission::Share)]).await;
        assert_eq!(mary_types(&stage, words).await, [Notice::EveryoneMuted { until_at: None }]);
        anna_comes(&stage).await;
        for sharer in ["joy", "anna"] {
            assert!(stage.contact_of(sharer).await.is_muted(at(0)), "{sharer}");
        }
        let everyone = MuteLine { user: MuteLine::EVERYONE.to_owned(), until_at: None };
        assert_eq!(mary_types(&stage, "muted").await, [Notice::MutedSharers { sharers: vec![everyone] }]);
        // One of them alone does not come through.
        assert_eq!(mary_types(&stage, "unmute @joy:a.example").await, [Notice::EveryoneIsMuted]);
        assert_eq!(mary_types(&stage, "unmute everyone").await, [Notice::EveryoneUnmuted]);
        for sharer in ["joy", "anna"] {
            assert!(!stage.contact_of(sharer).await.is_muted(at(0)), "{sharer}");
        }
    }
}

#[tokio::test]
async fn whom_she_muted_by_name_stays_muted_when_everyone_is_unmuted() {
    let stage = Stage::new(&[("*", Permission::Share)]).await;
    mary_types(&stage, "mute @joy:a.example").await;
    mary_types(&stage, "mute everyone 30d").await;
    anna_comes(&stage).await;
    assert!(stage.contact_of("anna").await.is_muted(at(29 * 86_400)));
    assert!(!stage.contact_of("anna").await.is_muted(at(31 * 86_400)));
    assert!(stage.contact_of("joy").await.is_muted(at(31 * 86_400)), "what lasts longer counts");
    mary_types(&stage, "unmute everyone").await;
    assert!(stage.contact_of("joy").await.is_muted(at(0)));
    assert!(!stage.contact_of("anna").await.is_muted(at(0)));
}

#[tokio::test]
async fn a_mute_that_stood_in_the_contact_alone_outlives_mute_everyone() {
    let stage = Stage::new(&[("*", Permission::Share)]).await;
    let mut joy = stage.0.store.sharer(&user("joy")).await.unwrap().unwrap();
    joy.contacts[0].mute = Some(tradepost::domain::sharer::Mute { since_at: at(0), until_at: None });
    stage.0.commit(Commit { sharers: vec![joy], ..Commit::default() }).await;
    mary_types(&stage, "mute everyone").await;
    mary_types(&stage, "unmute everyone").await;
    assert!(stage.contact_of("joy").await.is_muted(at(0)));
}

#[tokio::test]
async fn whoever_types_it_in_a_direct_room_is_heard_and_the_sharer_is_told_no_word() {
    let stage = Stage::new(&[("@joy:a.example", Permission::Share)]).await;
    let queued = stage.types(&user("mary"), "mute everyone", false).await;
    assert!(notices(&queued).is_empty() && queued.len() == 1, "a reaction: {queued:?}");
    assert!(stage.contact_of("joy").await.is_muted(at(0)));
}

#[tokio::test]
async fn whoever_is_forgotten_still_gets_nothing_of_anybody() {
    let stage = Stage::new(&[("@joy:a.example", Permission::Share), ("@anna:a.example", Permission::Share)]).await;
    mary_types(&stage, "mute everyone").await;
    mary_types(&stage, "forget me").await;
    mary_types(&stage, "yes").await;
    let mary = stage.0.store.sharer(&user("mary")).await.unwrap().unwrap();
    assert!(mary.mutes_everyone.is_some() && mary.language.is_none(), "{mary:?}");
    anna_comes(&stage).await;
    assert!(stage.contact_of("anna").await.is_muted(at(0)));
}
