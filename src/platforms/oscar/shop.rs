//! Asking the shop: as the operator's account where only staff may ask, as nobody where everybody may.

use super::answers::Page;
use super::answers::User;
use super::answers::number;
use super::settings::OscarSettings;
use crate::domain::link::PublicLink;
use crate::domain::problem::Problem;
use crate::domain::text::Line;
use crate::net::Net;
use crate::net::Request;
use crate::platforms::FetchError;
use crate::values::Secret;
use http::StatusCode;
use serde::de::DeserializeOwned;
use url::Url;

/// For shops that let themselves be asked how long a page is, in the words in which Django shops are.
const FIRST_PAGE: &str = "limit=100&page_size=100";
/// So many pages of users are looked through for one.
const USER_PAGES: usize = 200;

/// The shop, ready to be asked.
#[derive(Clone, Copy)]
pub(super) struct Shop<'a> {
    net: &'a Net,
    address: &'a Url,
    username: &'a str,
    password: &'a Secret,
    allow_http_links: bool,
}

impl<'a> Shop<'a> {
    /// None where the operator has not set it up.
    pub(super) fn new(settings: &'a OscarSettings, net: &'a Net, allow_http_links: bool) -> Option<Self> {
        if !settings.is_set_up() {
            return None;
        }
        let (address, username) = (settings.address.as_ref()?, settings.username.as_deref()?);
        Some(Self { net, address, username, password: &settings.password, allow_http_links })
    }

    /// What a person calls it.
    pub(super) fn label(&self) -> Line {
        Line::title(self.address.host_str().unwrap_or_default())
    }

    /// A page of the shop, for people.
    pub(super) fn link(&self, path: &str) -> Option<PublicLink> {
        self.public_link(self.address.join(path).ok()?)
    }

    /// An address that the shop gave, fit to be posted.
    pub(super) fn public_link(&self, url: Url) -> Option<PublicLink> {
        PublicLink::new(url, self.allow_http_links)
    }

    /// One thing that only staff may see; none where it is not there.
    pub(super) async fn thing<T: DeserializeOwned>(&self, path: &str) -> Result<Option<T>, FetchError> {
        self.ask(Request::get(self.at(path, None)?).as_user(self.username, self.password)).await
    }

    /// One thing as everybody sees it; none where it is not there.
    pub(super) async fn public<T: DeserializeOwned>(&self, path: &str) -> Result<Option<T>, FetchError> {
        self.ask(Request::get(self.at(path, None)?)).await
    }

    /// The page of a list that only staff may see, by what [`next`] said, or the first one. A page that
    /// is not there any more is an empty one; a list that is not there has not been opened to us.
    pub(super) async fn page<Row: DeserializeOwned>(&self, path: &str, query: Option<&str>) -> Result<Page<Row>, FetchError> {
        let url = self.at(path, Some(query.unwrap_or(FIRST_PAGE)))?;
        let page = self.ask(Request::get(url).as_user(self.username, self.password)).await?;
        match (page, query) {
            (Some(page), _) => Ok(page),
            (None, Some(_)) => Ok(Page { rows: Vec::new(), next: None }),
            (None, None) => Err(Problem::AppRefused.into()),
        }
    }

    /// The number of the user of exactly this name.
    pub(super) async fn number_of_user(&self, name: &str) -> Result<Option<u64>, FetchError> {
        let mut query = None;
        for _ in 0..USER_PAGES {
            let page: Page<User> = self.page("admin/users/", query.as_deref()).await?;
            if let Some(user) = page.rows.iter().find(|user| user.username == name) {
                return Ok(Some(number(&user.url).ok_or(Problem::MalformedAnswer)?));
            }
            query = next(&page);
            if query.is_none() {
                return Ok(None);
            }
        }
        Err(Problem::refused("too-many-users").into())
    }

    /// Whether the user of this number still has this name.
    pub(super) async fn is_user(&self, number: u64, name: &str) -> Result<bool, FetchError> {
        let user: Option<User> = self.thing(&format!("admin/users/{number}/")).await?;
        Ok(user.is_some_and(|user| user.username == name))
    }

    /// Addresses in answers are not followed but made anew: the shop may know itself by another name,
    /// and the password goes to nobody else.
    fn at(&self, path: &str, query: Option<&str>) -> Result<Url, Problem> {
        let mut url = self.address.join("api/").and_then(|api| api.join(path)).map_err(|_| Problem::AppRefused)?;
        url.set_query(query);
        Ok(url)
    }

    async fn ask<T: DeserializeOwned>(&self, request: Request) -> Result<Option<T>, FetchError> {
        let answer = self.net.send(request).await?;
        match answer.status {
            StatusCode::NOT_FOUND | StatusCode::GONE => Ok(None),
            // A wrong password is 403 too, unless the shop asks for it by 401.
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(Problem::AppRefused.into()),
            _ => Ok(Some(answer.ok()?.json()?)),
        }
    }
}

/// How the page after this one is asked for.
pub(super) fn next<Row>(page: &Page<Row>) -> Option<String> {
    let (_, query) = page.next.as_deref()?.split_once('?')?;
    Some(query.to_owned()).filter(|query| !query.is_empty())
}
