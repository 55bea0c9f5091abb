//! Somebody with accounts at a shop.

use super::shop::Shop;
use crate::actions::Actions;
use crate::actions::Adding;
use crate::actions::Limits;
use crate::actions::LinkEnd;
use crate::actions::NewAccount;
use crate::actions::OwnNameRules;
use crate::actions::PushChoice;
use crate::actions::Rejection;
use crate::domain::delivery::Settlement;
use crate::domain::delivery::What;
use crate::domain::ids::Number;
use crate::domain::ids::PlatformId;
use crate::domain::ids::UserId;
use crate::domain::notice::Notice;
use crate::domain::permission::Permission;
use crate::domain::permission::Permissions;
use crate::domain::room::Us;
use crate::domain::sharer::Sharer;
use crate::domain::source::Source;
use crate::intake::PushError;
use crate::intake::Taken;
use crate::intake::alone;
use crate::platforms::Platforms;
use crate::platforms::source_id;
use crate::store::Commit;
use crate::store::sled::SledStore;
use crate::values::Secret;
use bytes::Bytes;
use http::HeaderMap;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;
use tempfile::TempDir;
use url::Url;

/// Joy, who shares what a shop has.
pub(super) struct Stage {
    pub(super) actions: Actions,
    pub(super) shop: Arc<Shop>,
    _directory: TempDir,
}

pub(super) fn joy() -> UserId {
    UserId::new("@joy:a.example")
}

pub(super) fn now() -> Timestamp {
    "2026-03-03T12:00:00Z".parse().unwrap()
}

pub(super) fn permissions(level: Permission) -> Permissions {
    Permissions::try_from(BTreeMap::from([("*".to_owned(), level)])).unwrap()
}

impl Stage {
    pub(super) fn new() -> Self {
        Self::at(Shop::new())
    }

    pub(super) fn at(shop: Arc<Shop>) -> Self {
        let directory = TempDir::new().unwrap();
        let store = Arc::new(SledStore::open(directory.path()).unwrap());
        let intake = alone::intake(store, Platforms::of(vec![Arc::<Shop>::clone(&shop)]), permissions(Permission::Share));
        let actions = Actions {
            intake,
            us: Us { bot: UserId::new("@tradepost:a.example"), domain: "a.example".to_owned(), functional: BTreeSet::new() },
            permissions: permissions(Permission::Share),
            limits: Limits { accounts: 3, contacts: 3, categories: 3, contacts_per_day: 100, contacts_in_all: 100 },
            own_name: OwnNameRules::default(),
            encrypts: false,
            asks_consent: false,
            zone: TimeZone::UTC,
        };
        Self { actions, shop, _directory: directory }
    }

    pub(super) async fn commit(&self, commit: Commit) {
        self.actions.store().commit(commit).await.unwrap();
    }

    pub(super) async fn adds(&self, typed: &str, secret: Option<&str>) -> Result<(), Rejection> {
        let secret = secret.map(Secret::new);
        let new = NewAccount { platform: Some("shop"), typed, secret: secret.as_ref(), links: None };
        match self.actions.add_account(&joy(), &new, now()).await? {
            Adding::Added(added) => self.commit(added.commit).await,
            Adding::Asked { commit, .. } => self.commit(*commit).await,
        }
        Ok(())
    }

    pub(super) async fn sharer(&self) -> Sharer {
        self.actions.store().sharer(&joy()).await.unwrap().unwrap()
    }

    pub(super) async fn private(&self, name: &str) -> Option<Source> {
        self.actions.store().source(&source_id(&PlatformId::new("shop"), name, Some(&joy()))).await.unwrap()
    }

    pub(super) async fn pushes(&self, choice: PushChoice) -> Result<(), Rejection> {
        let (commit, _) = self.actions.set_push(&joy(), Number(1), choice, now()).await?;
        self.commit(commit).await;
        Ok(())
    }

    /// Sends something to the address that ends so; what became of it.
    pub(super) async fn sends(&self, token: &str, body: &'static str) -> Result<Taken, PushError> {
        self.actions.intake.take_push(token, &HeaderMap::new(), Bytes::from_static(body.as_bytes()), now()).await
    }

    /// Polls her source.
    pub(super) async fn polls(&self) {
        let source = self.private("tea").await.unwrap();
        self.actions.intake.poll(source, now(), 0).await.unwrap();
    }

    /// What people are to be told.
    pub(super) async fn told(&self) -> Vec<What> {
        let mut told = Vec::new();
        while let Some(leased) = self.actions.store().lease_deliveries(now(), 1, 1).await.unwrap().pop() {
            self.actions.store().settle(vec![Settlement::Withheld { id: leased.delivery.id }]).await.unwrap();
            told.push(leased.delivery.what);
        }
        told
    }

    /// The tokens of the addresses to which the shop sends.
    pub(super) fn tokens(&self) -> BTreeSet<String> {
        self.shop.hooks.lock().unwrap().iter().map(|hook| hook.rsplit('/').next().unwrap().to_owned()).collect()
    }

    /// Has her asked for a secret of her first account; answers the state.
    pub(super) async fn is_asked(&self) -> String {
        let (commit, notice) = self.actions.new_secret(&joy(), Number(1), None, now()).await.unwrap();
        self.commit(commit).await;
        let Notice::SecretAsked { consent: Some(page), .. } = notice else { panic!("{notice:?}") };
        Url::parse(&page).unwrap().query_pairs().find_map(|(name, value)| (name == "state").then(|| value.into_owned())).unwrap()
    }

    pub(super) async fn answers(&self, state: &str, code: Option<&str>) -> LinkEnd {
        let state = ("state".to_owned(), state.to_owned());
        let query = std::iter::once(state).chain(code.map(|code| ("code".to_owned(), code.to_owned()))).collect();
        self.actions.consented("shop", &query, &[], now()).await.unwrap()
    }
}
