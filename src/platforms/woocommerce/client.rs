//! Requests to a shop's interfaces, with keys or without, page by page, and what its refusals mean.

use super::oauth;
use super::shop::Shop;
use super::shop::not_such_a_shop;
use crate::clock::Randomness;
use crate::clock::SystemRandomness;
use crate::domain::problem::Problem;
use crate::net::Answer;
use crate::net::Net;
use crate::net::Request;
use crate::platforms::Context;
use crate::platforms::Credentials;
use crate::platforms::FetchError;
use crate::values::Secret;
use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::HashSet;
use url::Url;

/// How many pages of one list are read in one poll.
pub(super) const PAGES: usize = 10;

/// How many items are on a page: the most that there may be.
pub(super) const PAGE_SIZE: usize = 100;

/// The longest entity tag that is kept, in bytes.
const ETAG_BYTES: usize = 500;

/// Parameters of a request.
pub(super) type Query<'a> = [(&'a str, &'a str)];

/// What lets tradepost in: a consumer key and its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Keys {
    pub(super) key: String,
    pub(super) secret: Secret,
}

impl Keys {
    /// Both begin in a way of their own (`ck_…`, `cs_…`), so that what is typed wrong is seen.
    pub(super) fn of(credentials: &Credentials) -> Result<Self, Problem> {
        let (key, secret) = credentials.pair().ok_or(Problem::SecretMalformed)?;
        let is_word = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if key.starts_with("ck_") && secret.expose().starts_with("cs_") && is_word(key) && is_word(secret.expose()) {
            Ok(Self { key: key.to_owned(), secret })
        } else {
            Err(Problem::SecretMalformed)
        }
    }
}

/// Something of which each has a number.
pub(super) trait Numbered {
    /// The number.
    fn number(&self) -> u64;
}

/// What asks a shop.
#[derive(Clone, Copy)]
pub(super) struct Client<'a> {
    net: &'a Net,
    now: Timestamp,
    pub(super) shop: &'a Shop,
    keys: Option<&'a Keys>,
}

/// What several pages of a list held.
pub(super) struct Read<T> {
    /// Each number once.
    pub(super) items: Vec<T>,
    /// The page after them, where there is one.
    pub(super) next: Option<u32>,
    /// Whether the list had the same length all the time.
    pub(super) is_steady: bool,
    /// What time it was in the shop when it began.
    pub(super) began_at: Timestamp,
    /// What to ask with the next time, where all was on one page.
    pub(super) etag: Option<String>,
    /// Whether the shop says that nothing changed: then there are no items.
    pub(super) is_unchanged: bool,
}

struct PageOf<T> {
    items: Vec<T>,
    has_next: bool,
    total: Option<u64>,
    answered_at: Timestamp,
    etag: Option<String>,
    is_unchanged: bool,
}

impl<'a> Client<'a> {
    /// Without keys, only what anybody may read is answered.
    pub(super) const fn new(context: &Context<'a>, shop: &'a Shop, keys: Option<&'a Keys>) -> Self {
        Self { net: context.net, now: context.now, shop, keys }
    }

    /// The same without keys.
    pub(super) const fn without_keys(self) -> Self {
        Self { keys: None, ..self }
    }

    /// GET.
    pub(super) async fn get(&self, path: &str, query: &Query<'_>) -> Result<Answer, FetchError> {
        self.send(self.request("GET", self.shop.below(path, query), Request::get)).await
    }

    /// POST.
    pub(super) async fn post(&self, path: &str, body: &(impl Serialize + Sync)) -> Result<Answer, FetchError> {
        self.send(self.request("POST", self.shop.below(path, &[]), |url| Request::post_json(url, body))).await
    }

    /// DELETE.
    pub(super) async fn delete(&self, path: &str, query: &Query<'_>) -> Result<Answer, FetchError> {
        self.send(self.request("DELETE", self.shop.below(path, query), Request::delete)).await
    }

    /// Reads `pages` of a list, as far as it goes.
    pub(super) async fn read<T>(&self, path: &str, query: &Query<'_>, pages: Vec<u32>, etag: Option<&str>) -> Result<Read<T>, FetchError>
    where
        T: DeserializeOwned + Numbered + Send,
    {
        let mut read = Read { items: Vec::new(), next: None, is_steady: true, began_at: self.now, etag: None, is_unchanged: false };
        let mut seen = HashSet::new();
        let mut total = None;
        for (at, number) in pages.iter().enumerate() {
            let etag = etag.filter(|_| at == 0);
            let page: PageOf<T> = self.page(path, query, *number, etag).await?;
            if at == 0 {
                read.began_at = page.answered_at;
                total = page.total;
                read.etag = page.etag.filter(|_| !page.has_next);
                read.is_unchanged = page.is_unchanged;
            }
            read.is_steady &= page.total == total;
            read.items.extend(page.items.into_iter().filter(|item| seen.insert(item.number())));
            read.next = page.has_next.then_some(number + 1);
            if !page.has_next {
                break;
            }
        }
        Ok(read)
    }

    async fn page<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &Query<'_>,
        number: u32,
        etag: Option<&str>,
    ) -> Result<PageOf<T>, FetchError> {
        let (number_text, size) = (number.to_string(), PAGE_SIZE.to_string());
        let query = [query, &[("per_page", size.as_str()), ("page", number_text.as_str())]].concat();
        let mut request = self.request("GET", self.shop.below(path, &query), Request::get);
        if let Some(etag) = etag {
            request = request.with("if-none-match", etag);
        }
        let answer = self.send(request).await?;
        let is_unchanged = answer.status == StatusCode::NOT_MODIFIED;
        let items: Vec<T> = if is_unchanged { Vec::new() } else { answer.json()? };
        Ok(PageOf {
            has_next: has_next(&answer, number, items.len()),
            items,
            total: answer.header("x-wp-total").and_then(|total| total.parse().ok()),
            answered_at: time_of(&answer).unwrap_or(self.now),
            etag: answer.header("etag").filter(|etag| etag.len() <= ETAG_BYTES).map(str::to_owned),
            is_unchanged,
        })
    }

    fn request(&self, method: &str, url: Url, make: impl FnOnce(Url) -> Request) -> Request {
        match self.keys {
            None => make(url),
            Some(keys) if url.scheme() == "https" => make(url).as_user(&keys.key, &keys.secret),
            Some(keys) => {
                let nonce = format!("{:016x}{:016x}", SystemRandomness.next(), SystemRandomness.next());
                make(oauth::signed(method, url, keys, self.now, &nonce))
            }
        }
    }

    async fn send(&self, request: Request) -> Result<Answer, FetchError> {
        let answer = self.net.send(request).await?;
        if answer.status.is_success() || answer.status == StatusCode::NOT_MODIFIED {
            return Ok(answer);
        }
        let code = code_of(&answer);
        Err(match (answer.status, code.as_str()) {
            (StatusCode::UNAUTHORIZED, code) if self.keys.is_some() && !code.is_empty() => Problem::SecretRefused.into(),
            (StatusCode::FORBIDDEN, code) if self.keys.is_some() && !code.is_empty() => {
                Problem::NotAllowed { missing: String::new() }.into()
            }
            (StatusCode::NOT_FOUND, "rest_no_route") => not_such_a_shop(),
            // There is nothing of that number: some of its interfaces say so with 400.
            (StatusCode::BAD_REQUEST, code) if code.ends_with("_invalid_id") => Problem::NotFound.into(),
            (StatusCode::BAD_REQUEST, code) if !code.is_empty() => Problem::refused(code).into(),
            _ => answer.ok().err().map_or_else(|| Problem::MalformedAnswer.into(), FetchError::from),
        })
    }
}

/// The code of an error; empty where something else than the shop's interface answered.
fn code_of(answer: &Answer) -> String {
    #[derive(Deserialize)]
    struct Refused {
        code: String,
    }
    answer.json::<Refused>().map(|refused| refused.code).unwrap_or_default()
}

/// Whether another page follows: by the number of pages, else by the link to the next, else by how full this one is.
fn has_next(answer: &Answer, number: u32, items: usize) -> bool {
    if let Some(pages) = answer.header("x-wp-totalpages").and_then(|pages| pages.parse::<u32>().ok()) {
        return number < pages;
    }
    let link = answer.header("link").unwrap_or_default();
    link.contains("rel=\"next\"") || (link.is_empty() && items >= PAGE_SIZE)
}

/// What time it is in the shop, whose times of modification come from the same clock.
fn time_of(answer: &Answer) -> Option<Timestamp> {
    Timestamp::try_from(httpdate::parse_http_date(answer.header("date")?).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::Client;
    use super::Keys;
    use crate::domain::problem::Problem;
    use crate::net::Net;
    use crate::net::NetLimits;
    use crate::net::Request;
    use crate::platforms::Context;
    use crate::platforms::Credentials;
    use crate::platforms::woocommerce::shop::Shop;
    use crate::values::Secret;
    use std::time::Duration;

    fn keys(secret: &str) -> Result<Keys, Problem> {
        Keys::of(&Credentials::new(Secret::new(secret)))
    }

    /// A request as it would be sent; secrets are not printed.
    fn request(shop: &str) -> String {
        let total = Duration::from_secs(1);
        let limits = NetLimits { allowed: Vec::new(), body_bytes: 1, total, redirects: 0, per_host_per_second: 1 };
        let context = Context { net: &Net::new(limits).unwrap(), now: "2026-03-03T12:00:00Z".parse().unwrap() };
        let (shop, keys) = (Shop::of_name(shop).unwrap(), keys("ck_abc cs_def").unwrap());
        let client = Client::new(&context, &shop, Some(&keys));
        let request = client.request("GET", shop.below("wp-json/wc/v3/orders", &[]), Request::get);
        let basic = request.clone().as_user("ck_abc", &Secret::new("cs_def"));
        let is_basic = format!("{basic:?}") == format!("{request:?}");
        format!("{is_basic} {request:?}")
    }

    #[test]
    fn keys_go_as_user_and_password_where_tls_protects_them() {
        let request = request("https://shop.example/");
        assert!(request.starts_with("true ") && request.contains("\"authorization\": Sensitive"), "{request}");
        assert!(!request.contains("oauth_") && !request.contains("cs_def") && !request.contains("ck_abc"), "{request}");
    }

    #[test]
    fn a_signature_goes_where_anybody_may_listen() {
        let request = request("http://shop.example/");
        assert!(request.starts_with("false ") && !request.contains("authorization"), "{request}");
        assert!(request.contains("oauth_signature=") && !request.contains("cs_def"), "{request}");
    }

    #[test]
    fn keys_are_told_by_their_beginnings() {
        assert_eq!(keys(" ck_abc\n cs_def ").unwrap(), Keys { key: "ck_abc".to_owned(), secret: Secret::new("cs_def") });
        for secret in ["", "ck_abc", "cs_def ck_abc", "joy password", "ck_a:b cs_def", "ck_abc cs_def extra"] {
            assert_eq!(keys(secret), Err(Problem::SecretMalformed), "{secret}");
        }
    }
}
