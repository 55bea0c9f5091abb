//! What shops answer. The first line says which shop, the parts behind it are the answers, in the order
//! in which they are given; the last one is given again and again. An answer may begin with lines of
//! its own: `@@404` is its status, `@@content-type: text/html` a header.

use super::checks;
use super::parts;
use bytes::Bytes;
use http::HeaderName;
use http::HeaderValue;
use http::Response;
use http::StatusCode;
use jiff::Timestamp;
use std::sync::LazyLock;
use std::sync::Mutex;
use std::time::Duration;
use tokio::runtime::Runtime;
use tradepost::domain::ids::PlatformId;
use tradepost::domain::ids::UserId;
use tradepost::domain::source::Fetched;
use tradepost::net::Net;
use tradepost::net::NetLimits;
use tradepost::platforms::Application;
use tradepost::platforms::Context;
use tradepost::platforms::Credentials;
use tradepost::platforms::LinkTemplate;
use tradepost::platforms::Login;
use tradepost::platforms::Platform;
use tradepost::platforms::PlatformSettings;
use tradepost::platforms::Platforms;
use tradepost::values::Secret;

/// All platforms set up, as far as they must be.
const SETTINGS: &str = r#"
    [shopify]
    app_key = "0123456789abcdef0123456789abcdef"
    app_secret = "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"
    [ebay]
    app_key = "JoyApp-tradepost-PRD-1"
    app_secret = "PRD-0123456789"
    ru_name = "Joy-JoyApp-tradep-abcdef"
    category_ids = "1"
    [etsy]
    app_key = "keystring0123456789"
    app_secret = "shared7890"
    [taobao]
    app_key = "12345678"
    app_secret = "taobao-app-secret"
    [jd]
    app_key = "yourappkey"
    app_secret = "yourappSecret"
    [pinduoduo]
    app_key = "client-1"
    app_secret = "pinduoduo-app-secret"
    [dangdang]
    app_key = "1111111111"
    app_secret = "SECRET"
    [paipai]
    app_key = "700000001"
    app_secret = "appkey"
    [oscar]
    address = "http://shop.example/"
    username = "tradepost"
    password = "pass word"
    operator = "@shopkeeper:a.example"
    [partners.bazaar]
    registration_url = "https://bazaar.example/register"
    key = "whsec_YmF6YWFyJ3Mga2V5LCBhZ3JlZWQgd2l0aCB0aGUgb3BlcmF0b3I="
"#;

/// An account at a shop: what stands in the first line, its platform, its name, and what lets us in.
struct Visit {
    called: &'static str,
    platform: &'static str,
    account: &'static str,
    secret: Option<&'static str>,
}

const fn visit(called: &'static str, platform: &'static str, account: &'static str, secret: Option<&'static str>) -> Visit {
    Visit { called, platform, account, secret }
}

const VISITS: [Visit; 19] = [
    visit("woocommerce", "woocommerce", "https://shop.example/", None),
    visit("woocommerce-keyed", "woocommerce", "https://shop.example/", Some("ck_f00dcafe cs_0ff1ce")),
    visit("shopify", "shopify", "https://shop.example", None),
    visit("shopify-admin", "shopify", "joy.myshopify.com", Some("shpat_1234567890abcdef1234567890abcdef")),
    visit("ebay", "ebay", "ebay.com/usr/joy.pots", None),
    visit("ebay-seller", "ebay", "ebay.com/usr/joy.pots", Some("v^1.1#user")),
    visit("etsy", "etsy", "JoyTeapots", None),
    visit("etsy-seller", "etsy", "JoyTeapots", Some("12345678.abcdef")),
    visit("discogs", "discogs", "Vinyl_Joy", None),
    visit("discogs-seller", "discogs", "Vinyl_Joy", Some("abcdefghijklmnopqrstuvwxyz0123456789ABCD")),
    visit("taobao", "taobao", "茶壶小店", Some("6100e23ecb5d4c8d")),
    visit("jd", "jd", "163184", Some("merchant-token-1")),
    visit("pinduoduo", "pinduoduo", "700001", Some("asd78172s8ds9a921j9qqwda12312w1w21211")),
    visit("dangdang", "dangdang", "茶壶专营店", Some("SESS")),
    visit("paipai", "paipai", "855000188", Some("tok")),
    visit("vendure", "vendure", "https://shop.example/shop-api", None),
    visit("vendure-admin", "vendure", "https://shop.example/shop-api", Some("keeper the keeper's password")),
    visit("oscar", "oscar", "shopkeeper", None),
    visit("feed", "feed", "https://shop.example/feed", None),
];

/// How many answers one visit gets before the shop is down.
const ANSWERS: usize = 40;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap());

/// A shop answers when its account is added, and then again when it is polled, twice.
pub(super) fn shops(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let Some((head, answers)) = text.split_once('\n') else { return };
    let Some(visit) = VISITS.iter().find(|visit| visit.called == head) else { return };
    let platforms = platforms();
    let platform = platforms.get(&PlatformId::new(visit.platform)).unwrap();
    assert!(platform.descriptor().is_set_up, "{head}");
    let fetched = RUNTIME.block_on(visit.all(platform.as_ref(), answers));
    fetched.iter().for_each(checks::fetched);
}

/// All adapters, new.
pub(super) fn platforms() -> Platforms {
    static SET_UP: LazyLock<PlatformSettings> = LazyLock::new(|| toml::from_str(SETTINGS).unwrap());
    Platforms::all(&SET_UP, true)
}

pub(super) fn now() -> Timestamp {
    Timestamp::constant(1_772_539_200, 0)
}

impl Visit {
    /// What was brought. Each step begins with the first answer again.
    async fn all(&self, platform: &dyn Platform, answers: &str) -> Vec<Fetched> {
        let user = UserId::new("@shopkeeper:a.example");
        let credentials = self.secret.map(|secret| Credentials::new(Secret::new(secret)));
        let links = LinkTemplate::parse("https://shop.example/p/{slug}/{id}");
        let (credentials, links) = (credentials.as_ref(), links.as_ref());
        let mut brought = Vec::new();
        let net = net(answers);
        let context = Context { net: &net, now: now() };
        let application = Application { typed: self.account, user: &user, credentials, links };
        if let Ok(verified) = platform.verify(&context, &application).await {
            assert!(!verified.name.is_empty());
            checks::line(&verified.label);
            brought.push(verified.fetched);
        }
        let login = Login { name: self.account, user: Some(&user), credentials, links };
        for later in [60, 3_600] {
            let net = self::net(answers);
            let context = Context { net: &net, now: now() + Duration::from_secs(later) };
            let cursor =
                brought.last().and_then(|fetched| if let Fetched::Changed { cursor, .. } = fetched { cursor.clone() } else { None });
            brought.extend(platform.fetch(&context, &login, cursor.as_deref()).await.ok());
        }
        // A cursor of another version, or of nobody.
        let net = self::net(answers);
        let cursor = parts(answers).next();
        brought.extend(platform.fetch(&Context { net: &net, now: now() }, &login, cursor).await.ok());
        brought
    }
}

/// A client to which these answers are given.
pub(super) fn net(answers: &str) -> Net {
    let limits = NetLimits {
        allowed: vec!["127.0.0.0/8".parse().unwrap()],
        body_bytes: 1 << 20,
        total: Duration::from_secs(30),
        redirects: 3,
        per_host_per_second: 1_000_000,
    };
    let answers: Vec<String> = parts(answers).map(str::to_owned).collect();
    let given = Mutex::new(0);
    Net::canned(limits, move |_| {
        let mut given = given.lock().unwrap();
        *given += 1;
        if *given > ANSWERS {
            return status(StatusCode::BAD_GATEWAY);
        }
        answers.get((*given - 1).min(answers.len() - 1)).map_or_else(|| status(StatusCode::NOT_FOUND), |answer| response(answer))
    })
}

fn status(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}

fn response(answer: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    let mut rest = answer;
    while let Some((line, behind)) = rest.strip_prefix("@@").map(|rest| rest.split_once('\n').unwrap_or((rest, ""))) {
        rest = behind;
        match line.split_once(": ") {
            Some((name, value)) => {
                if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_str(value)) {
                    response.headers_mut().insert(name, value);
                }
            }
            None => *response.status_mut() = line.parse().ok().and_then(|code| StatusCode::from_u16(code).ok()).unwrap_or_default(),
        }
    }
    *response.body_mut() = Bytes::copy_from_slice(rest.as_bytes());
    response
}
