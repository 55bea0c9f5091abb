//! The page on which a secret is typed, or shown when she asks for it, by a link that is good once. Looking
//! at it uses nothing up, since chat clients look at links that are said in a room.

use super::Desk;
use super::body;
use super::pages;
use super::to_its_end;
use crate::actions::LinkEnd;
use crate::actions::LinkPage;
use crate::domain::problem::Problem;
use crate::platforms::SecretForm;
use crate::values::Secret;
use axum::body::Body;
use axum::extract::Path;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::response::Response;
use std::sync::Arc;
use url::form_urlencoded;
use zeroize::Zeroizing;

/// The largest form that is taken.
const LARGEST: usize = 64 << 10;

/// Shows the form.
pub(super) async fn ask(State(desk): State<Arc<Desk>>, Path(token): Path<String>, headers: HeaderMap) -> Response {
    if let Err(wait) = desk.door.link(&token) {
        return pages::later(&desk, &headers, StatusCode::TOO_MANY_REQUESTS, wait);
    }
    form(&desk, &token, &headers, None).await
}

/// Takes what was typed, or that she wants to see it. What is not accepted is said above the form.
pub(super) async fn give(State(desk): State<Arc<Desk>>, Path(token): Path<String>, headers: HeaderMap, body: Body) -> Response {
    if let Err(wait) = desk.door.link(&token) {
        return pages::later(&desk, &headers, StatusCode::TOO_MANY_REQUESTS, wait);
    }
    if !body::is_of_type(&headers, "application/x-www-form-urlencoded") {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE.into_response();
    }
    let body = match body::read(body, LARGEST).await {
        Ok(body) => body,
        Err(status) => return status.into_response(),
    };
    let ask = match desk.public.behind.link_ask(&token, desk.now()).await {
        Ok(Some(ask)) => ask,
        Ok(None) => return pages::end(&desk, &headers, Some(Ok(LinkEnd::Gone))),
        Err(error) => return pages::end(&desk, &headers, Some(Err(error))),
    };
    let (at_desk, of_link) = (Arc::clone(&desk), token.clone());
    let LinkPage::Type(looks) = ask.page else {
        let end = to_its_end(async move { at_desk.public.behind.show_secret(&of_link, at_desk.now()).await }).await;
        return pages::end(&desk, &headers, end);
    };
    let Some(secret) = typed(looks, &body) else {
        return form(&desk, &token, &headers, Some(Problem::SecretMalformed)).await;
    };
    let end = to_its_end(async move { at_desk.public.behind.give_secret(&of_link, secret, at_desk.now()).await }).await;
    match end {
        Some(Ok(LinkEnd::Refused { problem, .. })) => form(&desk, &token, &headers, Some(problem)).await,
        end => pages::end(&desk, &headers, end),
    }
}

async fn form(desk: &Desk, token: &str, headers: &HeaderMap, problem: Option<Problem>) -> Response {
    match desk.public.behind.link_ask(token, desk.now()).await {
        Ok(Some(ask)) => pages::form(desk.language(ask.language, headers), &ask, problem.as_ref()),
        Ok(None) => pages::end(desk, headers, Some(Ok(LinkEnd::Gone))),
        Err(error) => pages::end(desk, headers, Some(Err(error))),
    }
}

/// The secret that was typed: one word, or two that belong together; none where something is missing or
/// the first of two has a space in it.
fn typed(looks: SecretForm, form: &[u8]) -> Option<Secret> {
    let field = |name: &str| {
        let mut pairs = form_urlencoded::parse(form);
        let value = pairs.find_map(|(key, value)| (key == name).then(|| Zeroizing::new(value.trim().to_owned())))?;
        (!value.is_empty()).then_some(value)
    };
    let second = field("secret")?;
    match looks {
        SecretForm::Token => Some(Secret::new(second.as_str())),
        SecretForm::Keys | SecretForm::Login => {
            let first = field("name").filter(|first| !first.contains(char::is_whitespace))?;
            Some(Secret::new(format!("{} {}", first.as_str(), second.as_str())))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::typed;
    use crate::platforms::SecretForm;

    fn secret(form: SecretForm, body: &str) -> Option<String> {
        typed(form, body.as_bytes()).map(|secret| secret.expose().to_owned())
    }

    #[test]
    fn a_token_is_one_word() {
        assert_eq!(secret(SecretForm::Token, "secret=+a%26b%2B%0d%0a"), Some("a&b+".to_owned()));
        assert_eq!(secret(SecretForm::Token, "secret=++"), None);
        assert_eq!(secret(SecretForm::Token, "name=a"), None);
    }

    #[test]
    fn a_pair_is_two_words_of_which_the_second_may_have_spaces() {
        assert_eq!(secret(SecretForm::Keys, "name=key+&secret=b+c"), Some("key b c".to_owned()));
        assert_eq!(secret(SecretForm::Login, "secret=b&name=joy%40a.example"), Some("joy@a.example b".to_owned()));
        for body in ["name=a+b&secret=c", "name=&secret=c", "name=a&secret=", "secret=c", ""] {
            assert_eq!(secret(SecretForm::Login, body), None, "{body}");
        }
    }
}
