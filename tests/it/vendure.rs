//! The adapter for Vendure, against a real one. What reaches contacts is tested elsewhere.

use super::support::vendure::CANARY;
use super::support::vendure::Product;
use super::support::vendure::Shop;
use super::support::vendure::checkout::Payment;
use iso_currency::Currency;
use std::time::Duration;
use tradepost::clock::Clock;
use tradepost::clock::SystemClock;
use tradepost::domain::ids::UserId;
use tradepost::domain::money::Price;
use tradepost::domain::problem::Problem;
use tradepost::domain::source::Fetched;
use tradepost::domain::trade::Kind;
use tradepost::domain::trade::Trade;
use tradepost::net::Net;
use tradepost::net::NetLimits;
use tradepost::platforms::Application;
use tradepost::platforms::Context;
use tradepost::platforms::Credentials;
use tradepost::platforms::LinkTemplate;
use tradepost::platforms::Login;
use tradepost::platforms::Platform;
use tradepost::platforms::vendure::Vendure;
use tradepost::platforms::vendure::VendureSettings;
use tradepost::values::Secret;

/// An account at a shop, and what is known of it.
struct Account {
    adapter: Vendure,
    net: Net,
    user: UserId,
    credentials: Option<Credentials>,
    links: Option<LinkTemplate>,
    name: String,
    cursor: Option<String>,
    complete: bool,
}

impl Account {
    fn new(shop: &Shop, secret: Option<String>) -> Self {
        let limits = NetLimits {
            allowed: vec!["127.0.0.1/32".parse().unwrap()],
            body_bytes: 10_000_000,
            total: Duration::from_secs(30),
            redirects: 3,
            per_host_per_second: 1_000,
        };
        Self {
            adapter: Vendure::new(&VendureSettings::default(), true),
            net: Net::new(limits).unwrap(),
            user: UserId::new("@joy:a.example"),
            credentials: secret.map(|secret| Credentials::new(Secret::new(secret))),
            links: LinkTemplate::parse("https://tea.example/p/{slug}?sku={sku}"),
            name: shop.address(),
            cursor: None,
            complete: false,
        }
    }

    /// Adds the account; gives what stands there.
    async fn is_added(&mut self) -> Result<Vec<Trade>, Problem> {
        let context = Context { net: &self.net, now: SystemClock.now() };
        let links = self.links.as_ref();
        let application = Application { typed: &self.name, user: &self.user, credentials: self.credentials.as_ref(), links };
        let verified = self.adapter.verify(&context, &application).await.map_err(|error| error.problem)?;
        self.name = verified.name;
        Ok(self.takes(verified.fetched))
    }

    /// Polls the account; gives what stands there.
    async fn is_polled(&mut self) -> Vec<Trade> {
        let context = Context { net: &self.net, now: SystemClock.now() };
        let (user, links) = (Some(&self.user), self.links.as_ref());
        let login = Login { name: &self.name, user, credentials: self.credentials.as_ref(), links };
        let fetched = self.adapter.fetch(&context, &login, self.cursor.as_deref()).await.unwrap();
        self.takes(fetched)
    }

    fn takes(&mut self, fetched: Fetched) -> Vec<Trade> {
        let seen = format!("{fetched:?}").to_lowercase();
        assert!(!seen.contains(&CANARY.to_lowercase()), "{seen}");
        let Fetched::Changed { cursor, trades, complete, more, .. } = fetched else { panic!("{fetched:?}") };
        assert!(!more);
        self.cursor = cursor;
        self.complete = complete;
        trades
    }
}

fn of(kind: Kind, trades: &[Trade]) -> Vec<&Trade> {
    trades.iter().filter(|trade| trade.kind == kind).collect()
}

fn listing<'a>(trades: &'a [Trade], product: &Product) -> Option<&'a Trade> {
    trades.iter().find(|trade| trade.kind == Kind::Listing && trade.external_id.as_str() == product.id)
}

fn euro(amount: &str) -> Price {
    Price::new(amount.parse().unwrap(), Currency::EUR)
}

#[tokio::test]
async fn what_a_real_shop_offers_is_read_without_a_secret() {
    let shop = Shop::start().await;
    let teapot = shop.offers("Teapot", "35.00", &["Home & Kitchen"]).await;
    let mut account = Account::new(&shop, None);
    account.name = format!("{}/shop-api", shop.address());
    let context = Context { net: &account.net, now: SystemClock.now() };
    assert!(account.adapter.stands_at(&context, &account.name).await);

    let trades = account.is_added().await.unwrap();
    assert_eq!(account.name, format!("{}/", shop.address()));
    assert!(account.complete);
    let offered = listing(&trades, &teapot).unwrap();
    assert_eq!((offered.title.as_str(), &offered.price, offered.available), ("Teapot", &Some(euro("35.00")), Some(true)));
    assert!(offered.link.as_ref().unwrap().as_str().starts_with("https://tea.example/p/teapot?sku=SKU-"));
    assert_eq!(offered.categories[0].text.as_str(), "Category > Home & Kitchen");

    // What is new, dearer and sold out.
    let kettle = shop.offers("Kettle", "80.50", &[]).await;
    shop.adds_variant(&kettle.id, "Kettle, large", "99.00").await;
    shop.reprices(&teapot, "40.00").await;
    let cup = shop.offers("Cup", "5.00", &[]).await;
    shop.runs_out_of(&cup).await;
    let trades = account.is_polled().await;
    assert_eq!(listing(&trades, &teapot).unwrap().price, Some(euro("40.00")));
    let range = Price { up_to: Some("99.00".parse().unwrap()), ..euro("80.50") };
    assert_eq!(listing(&trades, &kettle).unwrap().price, Some(range));
    assert_eq!(listing(&trades, &cup).unwrap().available, Some(false));

    // What is gone is missing from a list that says it is whole.
    shop.disables(&teapot).await;
    shop.deletes(&cup).await;
    let trades = account.is_polled().await;
    assert!(account.complete);
    let left: Vec<&str> = trades.iter().map(|trade| trade.title.as_str()).collect();
    assert_eq!(left, ["Kettle"]);
}

#[tokio::test]
async fn what_is_bought_at_a_real_shop_is_a_sale_and_a_purchase() {
    let shop = Shop::start().await;
    let teapot = shop.offers("Teapot", "35.00", &["Kitchen"]).await;
    let cup = shop.offers("Cup", "5.00", &[]).await;
    let mary = shop.registers("mary").await;
    let mut keeper = Account::new(&shop, Some(Shop::secret()));
    let mut customer = Account::new(&shop, Some(mary.secret()));
    let baseline = keeper.is_added().await.unwrap();
    assert_eq!((of(Kind::Listing, &baseline).len(), baseline.len(), keeper.complete), (2, 2, true));
    assert!(customer.is_added().await.unwrap().is_empty());
    assert!(!customer.complete);

    // A guest's order is a sale, and hers is a purchase too; what only lies in a cart is neither.
    shop.sells(&cup, 1).await;
    mary.buys(&teapot, 2).await;
    shop.registers("ann").await.fills_cart(&cup, 1).await;
    let trades = keeper.is_polled().await;
    let sales = of(Kind::Sale, &trades);
    let sold: Vec<&str> = sales.iter().map(|sale| sale.title.as_str()).collect();
    assert_eq!(sold, ["Cup", "Teapot"]);
    let purchases = customer.is_polled().await;
    let [purchase] = purchases.as_slice() else { panic!("{purchases:?}") };
    for trade in [purchase, sales[1]] {
        assert_eq!((&trade.price, trade.quantity), (&Some(euro("35.00")), Some(2)));
        assert!(trade.link.as_ref().unwrap().as_str().contains("/p/teapot"));
        assert_eq!(trade.categories[0].text.as_str(), "Category > Kitchen");
        assert!(trade.occurred_at.is_some());
    }
    assert_eq!((purchase.kind, customer.cursor.as_deref().unwrap().contains("customer")), (Kind::Purchase, true));

    // Nobody hears of an order before it is paid, nor of one that is cancelled; products that are gone
    // meanwhile do not matter.
    let paid = mary.buys_and_pays(&teapot, 1, Payment::Later).await;
    let cancelled = mary.buys_and_pays(&cup, 1, Payment::Later).await;
    let known: Vec<_> = keeper.is_polled().await.into_iter().chain(customer.is_polled().await).map(|trade| trade.external_id).collect();
    shop.settles(&paid).await;
    shop.cancels(&cancelled).await;
    shop.deletes(&teapot).await;
    for (account, kind) in [(&mut keeper, Kind::Sale), (&mut customer, Kind::Purchase)] {
        let trades = account.is_polled().await;
        let news: Vec<&Trade> = trades.iter().filter(|trade| !known.contains(&trade.external_id)).collect();
        let [new] = news.as_slice() else { panic!("{news:?}") };
        assert_eq!((new.kind, new.title.as_str(), new.quantity), (kind, "Teapot", None));
    }
}

#[tokio::test]
async fn a_real_shop_lets_in_only_who_has_the_right_password() {
    let mut shop = Shop::start().await;
    shop.offers("Teapot", "35.00", &[]).await;
    for secret in ["superadmin wrong", "nobody@shop.example wrong"] {
        assert_eq!(Account::new(&shop, Some(secret.to_owned())).is_added().await, Err(Problem::SecretRefused), "{secret}");
    }
    assert_eq!(Account::new(&shop, Some("alone".to_owned())).is_added().await, Err(Problem::SecretMalformed));

    // Where her sessions are ended from elsewhere, a new one is begun.
    let mut keeper = Account::new(&shop, Some(Shop::secret()));
    keeper.is_added().await.unwrap();
    shop.ends_sessions().await;
    assert_eq!(keeper.is_polled().await.len(), 1);
}

#[tokio::test]
async fn a_real_shop_that_gives_only_cookies_lets_in_too() {
    let shop = Shop::with_cookies().await;
    let teapot = shop.offers("Teapot", "35.00", &[]).await;
    let mary = shop.registers("mary").await;
    let mut keeper = Account::new(&shop, Some(Shop::secret()));
    let mut customer = Account::new(&shop, Some(mary.secret()));
    keeper.is_added().await.unwrap();
    customer.is_added().await.unwrap();
    mary.buys(&teapot, 1).await;
    assert_eq!(of(Kind::Sale, &keeper.is_polled().await).len(), 1);
    assert_eq!(of(Kind::Purchase, &customer.is_polled().await).len(), 1);
}
