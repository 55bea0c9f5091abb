//! Joy, who has accounts at shops and shares with Mary: the real intake, actions, store and outbox, with
//! a homeserver that is played. Nothing is polled before a test says so.

use super::polling;
use super::sending::DESK;
use super::sending::Sending;
use crate::store::values::room;
use crate::store::values::room_id;
use crate::store::values::user;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use strum::IntoEnumIterator;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tradepost::actions::Actions;
use tradepost::actions::Adding;
use tradepost::actions::Limits;
use tradepost::actions::NewAccount;
use tradepost::actions::PushChoice;
use tradepost::classify::BuiltIn;
use tradepost::clock::Clock;
use tradepost::domain::delivery::Lane;
use tradepost::domain::delivery::What;
use tradepost::domain::ids::Number;
use tradepost::domain::notice::Notice;
use tradepost::domain::sharer::Account;
use tradepost::domain::sharer::Language;
use tradepost::domain::sharer::Sharer;
use tradepost::domain::source::Item;
use tradepost::domain::source::Source;
use tradepost::domain::trade::Kind;
use tradepost::http::public;
use tradepost::http::public::Public;
use tradepost::intake::Intake;
use tradepost::intake::Web;
use tradepost::lifecycle::Lifecycle;
use tradepost::platforms::Credentials;
use tradepost::platforms::PlatformSettings;
use tradepost::platforms::Platforms;
use tradepost::store::Commit;
use tradepost::store::Store;
use url::Url;

/// When it begins: a time by which the fakes of shops live.
pub const NOON: &str = "2026-03-03T12:00:00Z";

/// How often an account is polled whose platform sends by itself.
pub const RECONCILED: u32 = 21_600;

/// Joy, Mary, and what stands between them.
pub struct Trading {
    /// The store, the clock, the outbox and the homeserver.
    pub sending: Sending,
    /// What people may change, and the intake.
    pub actions: Actions,
}

/// The public address on 127.0.0.1.
pub struct Open {
    address: SocketAddr,
    server: JoinHandle<()>,
}

impl Trading {
    /// With these settings of platforms; Joy shares with Mary, and has no account yet.
    pub async fn at(settings: &PlatformSettings) -> Self {
        let mut sending = Sending::empty_at(NOON.parse().unwrap()).await;
        sending.settings.digest_above = 1_000;
        sending.settings.cards_per_day = 100_000;
        let intake = Intake {
            platforms: Platforms::all(settings, true),
            web: Web { public_url: Some(Url::parse("https://tradepost.example/").unwrap()), reconcile_seconds: RECONCILED },
            hold_seconds: 0,
            ..polling::intake(&sending.store, BuiltIn::standard())
        };
        let limits = Limits { accounts: 100, contacts: 10, categories: 10, contacts_per_day: 100, contacts_in_all: 100 };
        let trading = Self { sending, actions: Actions { limits, ..polling::actions(intake) } };
        let direct = room("mary", &["joy", "mary", "tradepost"]);
        trading.commit(Commit { rooms: vec![direct.clone(), room(DESK, &["joy", "tradepost"])], ..Commit::default() }).await;
        let (commit, _, _) = trading.actions.share_with(&user("joy"), &user("mary"), &direct, trading.now()).await.unwrap();
        trading.commit(commit).await;
        trading.sending.contact_changes("mary", |contact| contact.settings.kinds = Some(Kind::iter().collect())).await;
        trading
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        self.sending.clock.now()
    }

    /// Where everything is kept.
    pub fn store(&self) -> &dyn Store {
        self.sending.store.as_ref()
    }

    /// Who fetches.
    pub fn intake(&self) -> &Intake {
        &self.actions.intake
    }

    /// Applies a change.
    pub async fn commit(&self, commit: Commit) {
        self.sending.commit(commit).await;
    }

    /// Joy as she is stored.
    pub async fn joy(&self) -> Sharer {
        self.store().sharer(&user("joy")).await.unwrap().unwrap()
    }

    /// Joy adds an account, of which she shares everything from then on.
    pub async fn adds(&self, platform: &str, typed: &str, credentials: Option<&Credentials>) -> Account {
        let new = NewAccount { platform: Some(platform), typed, secret: credentials.map(|credentials| &credentials.secret), links: None };
        match self.actions.add_account(&user("joy"), &new, self.now()).await.unwrap() {
            Adding::Added(added) => {
                let number = added.account.number;
                self.commit(added.commit).await;
                let kinds: BTreeSet<Kind> = Kind::iter().collect();
                let (commit, account) = self.actions.set_account_kinds(&user("joy"), number, &kinds).await.unwrap();
                self.commit(commit).await;
                account
            }
            Adding::Asked { notice, .. } => panic!("{notice:?}"),
        }
    }

    /// Has the platform of an account send by itself, or not.
    pub async fn push(&self, number: Number, choice: PushChoice) -> Notice {
        let (commit, notice) = self.actions.set_push(&user("joy"), number, choice, self.now()).await.unwrap();
        self.commit(commit).await;
        notice
    }

    /// The source of an account.
    pub async fn source(&self, account: &Account) -> Source {
        self.store().source(&account.source).await.unwrap().expect("the source of an account")
    }

    /// Polls an account now, whether or not it is due.
    pub async fn polls(&self, account: &Account) -> Source {
        let source = self.source(account).await;
        self.intake().poll(source, self.now(), 7).await.unwrap();
        self.source(account).await
    }

    /// What is known of an account's items, by external id.
    pub async fn items(&self, account: &Account) -> Vec<Item> {
        let mut items = self.store().items_of(&account.source).await.unwrap();
        items.sort_by(|one, other| one.external_id.cmp(&other.external_id));
        items
    }

    /// What waits for Mary: each trade's kind and title, in order.
    pub async fn cards(&self) -> Vec<(Kind, String)> {
        let mut cards = Vec::new();
        for delivery in self.store().waiting(&room_id("mary"), Lane::Cards, 10_000).await.unwrap() {
            if let What::Card { trade, .. } = &delivery.what {
                let trade = self.store().trade(trade).await.unwrap().unwrap();
                cards.push((trade.kind, trade.title.to_string()));
            }
        }
        cards
    }

    /// Has everything delivered that waits, and answers what Joy has been told in all.
    pub async fn told(&mut self) -> Vec<String> {
        self.sending.start();
        self.sending.nothing_waits().await;
        self.sending.stop().await;
        self.sending.said_to(DESK)
    }

    /// Opens the public address to the outside.
    pub async fn opens(&self) -> Open {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let public = Public {
            behind: Arc::new(self.actions.clone()),
            clock: Arc::<super::clock::TestClock>::clone(&self.sending.clock),
            url: Url::parse("https://tradepost.example/").unwrap(),
            limits: public::Limits::default(),
            trusted_proxies: vec!["127.0.0.1/32".parse().unwrap()],
            language: Language::English,
            nonce: String::new(),
        };
        Open { address, server: tokio::spawn(public::serve(listener, public, Lifecycle::default())) }
    }
}

impl Open {
    /// Where a hook that is said to be somewhere is to be reached.
    pub fn at(&self, hook: &str) -> String {
        let path = Url::parse(hook).unwrap().path().to_owned();
        format!("http://{}{path}", self.address)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.server.abort();
    }
}
