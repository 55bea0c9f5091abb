//! The pages that people see: plain HTML in their language, without scripts, pictures or anything else
//! from elsewhere.

use super::Desk;
use super::language;
use crate::actions::LinkAsk;
use crate::actions::LinkEnd;
use crate::actions::LinkPage;
use crate::domain::problem::Problem;
use crate::domain::sharer::Language;
use crate::platforms::SecretForm;
use crate::store::StoreError;
use crate::texts;
use crate::texts::OnPage;
use crate::values::Secret;
use askama::Template;
use axum::http::HeaderMap;
use axum::http::HeaderName;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::Html;
use axum::response::IntoResponse;
use axum::response::Response;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::Digest;
use sha2::Sha256;
use std::sync::LazyLock;
use std::time::Duration;

/// How all pages look.
const STYLE: &str = include_str!("../../../templates/pages/style.css");

/// What a page may do: show itself in this style, and send its form back to us.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let style = BASE64_STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!("default-src 'none'; style-src 'sha256-{style}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
    HeaderValue::from_str(&policy).unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"))
});

#[derive(Template)]
#[template(path = "pages/said.html")]
struct Said<'a> {
    language: &'static str,
    style: &'static str,
    heading: String,
    about: String,
    /// What was wrong; empty where nothing was.
    problem: &'a str,
}

#[derive(Template)]
#[template(path = "pages/secret.html")]
struct Form<'a> {
    language: &'static str,
    style: &'static str,
    heading: String,
    about: String,
    problem: &'a str,
    /// What the first of two fields is called; none where there is only one.
    name: Option<String>,
    secret: String,
    send: String,
    hint: String,
}

#[derive(Template)]
#[template(path = "pages/show.html")]
struct Show {
    language: &'static str,
    style: &'static str,
    heading: String,
    about: String,
    problem: &'static str,
    send: String,
    hint: String,
}

#[derive(Template)]
#[template(path = "pages/shown.html")]
struct Shown<'a> {
    language: &'static str,
    style: &'static str,
    heading: String,
    about: String,
    problem: &'static str,
    /// What is shown: what it is called, and what is to be copied.
    fields: [(String, &'a str); 2],
    hint: String,
}

impl Desk {
    /// In which language somebody is spoken to who may have chosen one.
    pub(super) fn language(&self, chosen: Option<Language>, headers: &HeaderMap) -> Language {
        chosen.or_else(|| language::accepted(headers)).unwrap_or(self.public.language)
    }
}

/// What became of a link.
pub(super) fn end(desk: &Desk, headers: &HeaderMap, end: Option<Result<LinkEnd, StoreError>>) -> Response {
    let speaks = |chosen| desk.language(chosen, headers);
    match end {
        // For whom, so that nobody agrees for somebody else without seeing it.
        Some(Ok(LinkEnd::Done { user, language })) => {
            let language = speaks(language);
            let heading = texts::on_page(language, OnPage::DoneHeading);
            let about = format!("{} {user}", texts::on_page(language, OnPage::DoneAbout));
            page(StatusCode::OK, &Said { language: code(language), style: STYLE, heading, about, problem: "" })
        }
        Some(Ok(LinkEnd::Shown { address, secret, account, language })) => shown(speaks(language), &address, &secret, &account),
        Some(Ok(LinkEnd::Gone)) => said(speaks(None), StatusCode::GONE, OnPage::GoneHeading, OnPage::GoneAbout, ""),
        Some(Ok(LinkEnd::Refused { problem, language })) => {
            let language = speaks(language);
            let problem = texts::problem(language, &problem);
            said(language, StatusCode::UNPROCESSABLE_ENTITY, OnPage::RefusedHeading, OnPage::RefusedAbout, &problem)
        }
        Some(Err(error)) => {
            tracing::error!(%error, "what came to a page could not be stored");
            later(desk, headers, StatusCode::SERVICE_UNAVAILABLE, Duration::from_secs(5))
        }
        None => later(desk, headers, StatusCode::SERVICE_UNAVAILABLE, Duration::from_secs(5)),
    }
}

/// Not now: a page for a browser, a line for anything else.
pub(super) fn later(desk: &Desk, headers: &HeaderMap, status: StatusCode, wait: Duration) -> Response {
    let accepts = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let answer = if accepts.contains("text/html") {
        said(desk.language(None, headers), status, OnPage::LaterHeading, OnPage::LaterAbout, "")
    } else {
        (status, "come again later\n").into_response()
    };
    ([retry_after(wait)], answer).into_response()
}

/// A page that says something.
pub(super) fn said(language: Language, status: StatusCode, heading: OnPage, about: OnPage, problem: &str) -> Response {
    let heading = texts::on_page(language, heading);
    let about = texts::on_page(language, about);
    page(status, &Said { language: code(language), style: STYLE, heading, about, problem })
}

/// The page with the form, and what was wrong with what was typed before.
pub(super) fn form(language: Language, ask: &LinkAsk, problem: Option<&Problem>) -> Response {
    let words = |words| texts::on_page_for(language, words, &ask.platform, &ask.account);
    let LinkPage::Type(looks) = ask.page else { return show(language, words) };
    let (name, secret) = match looks {
        SecretForm::Token => (None, OnPage::SecretToken),
        SecretForm::Keys => (Some(OnPage::SecretKey), OnPage::SecretOfKey),
        SecretForm::Login => (Some(OnPage::SecretUser), OnPage::SecretPassword),
    };
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let problem = problem.map(|problem| texts::problem(language, problem)).unwrap_or_default();
    let form = Form {
        language: code(language),
        style: STYLE,
        heading: words(OnPage::SecretHeading),
        about: words(OnPage::SecretAbout),
        problem: &problem,
        name: name.map(words),
        secret: words(secret),
        send: words(OnPage::SecretSend),
        hint: words(OnPage::SecretHint),
    };
    page(status, &form)
}

/// The page that shows a secret when its button is pressed.
fn show(language: Language, words: impl Fn(OnPage) -> String) -> Response {
    let show = Show {
        language: code(language),
        style: STYLE,
        heading: words(OnPage::ShowHeading),
        about: words(OnPage::ShowAbout),
        problem: "",
        send: words(OnPage::ShowSend),
        hint: words(OnPage::ShowHint),
    };
    page(StatusCode::OK, &show)
}

/// What she gives the platform by hand. It stands nowhere else, so she is told that she sees it once.
fn shown(language: Language, address: &str, secret: &Secret, account: &str) -> Response {
    let words = |words| texts::on_page_for(language, words, "", account);
    let shown = Shown {
        language: code(language),
        style: STYLE,
        heading: words(OnPage::ShownHeading),
        about: words(OnPage::ShownAbout),
        problem: "",
        fields: [(words(OnPage::ShownAddress), address), (words(OnPage::ShownSecret), secret.expose())],
        hint: words(OnPage::ShownHint),
    };
    page(StatusCode::OK, &shown)
}

fn page(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// When to come again, in whole seconds and never at once.
pub(super) fn retry_after(wait: Duration) -> (HeaderName, HeaderValue) {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    (header::RETRY_AFTER, HeaderValue::from(seconds.max(1)))
}

/// Puts the headers that keep a page to itself onto every answer.
pub(super) async fn secure(mut answer: Response) -> Response {
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY.clone());
    for (name, value) in [
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("x-robots-tag"), "noindex"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    answer
}

/// The language in the words of HTML.
const fn code(language: Language) -> &'static str {
    match language {
        Language::English => "en",
        Language::SimplifiedChinese => "zh-CN",
    }
}
