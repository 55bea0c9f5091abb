//! In which language a browser wants to be spoken to.

use crate::domain::sharer::Language;
use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;

/// The language that is liked best of those there are (RFC 9110, Accept-Language); none where none of
/// them is named.
pub(super) fn accepted(headers: &HeaderMap) -> Option<Language> {
    let named = headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?;
    let mut best: Option<(u32, Language)> = None;
    for range in named.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let Some(language) = parts.next().and_then(language) else { continue };
        let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(1_000, thousandths);
        if weight > best.map_or(0, |(weight, _)| weight) {
            best = Some((weight, language));
        }
    }
    best.map(|(_, language)| language)
}

fn language(tag: &str) -> Option<Language> {
    match tag.split(['-', '_']).next()?.to_ascii_lowercase().as_str() {
        "en" => Some(Language::English),
        "zh" => Some(Language::SimplifiedChinese),
        _ => None,
    }
}

/// `0.8` as 800; what is none as nothing.
fn thousandths(weight: &str) -> u32 {
    let (whole, part) = weight.split_once('.').unwrap_or((weight, ""));
    let digits = format!("{part:0<3}");
    let part: u32 = digits.get(..3).and_then(|digits| digits.parse().ok()).unwrap_or_default();
    if whole == "0" { part } else { u32::from(whole == "1") * 1_000 }
}

#[cfg(test)]
mod tests {
    use super::accepted;
    use crate::domain::sharer::Language;
    use axum::http::HeaderMap;
    use axum::http::header::ACCEPT_LANGUAGE;

    #[test]
    fn the_language_that_is_liked_best_is_taken() {
        for (named, expected) in [
            ("zh-CN,zh;q=0.9,en;q=0.8", Some(Language::SimplifiedChinese)),
            ("de-DE, en;q=0.5, zh;q=0.4", Some(Language::English)),
            ("en;q=0.3,zh-TW;q=0.35", Some(Language::SimplifiedChinese)),
            ("ZH", Some(Language::SimplifiedChinese)),
            ("en, zh", Some(Language::English)),
            ("zh;q=0, en;q=0.001", Some(Language::English)),
            ("zh;q=0", None),
            ("de, *", None),
            ("", None),
            (";;,=;q=x", None),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT_LANGUAGE, named.parse().unwrap())]);
            assert_eq!(accepted(&headers), expected, "{named}");
        }
        assert_eq!(accepted(&HeaderMap::new()), None);
    }
}
