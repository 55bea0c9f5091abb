//! What the operator says of the platforms with which she has agreed.

use super::signature::Key;
use crate::domain::link::PublicLink;
use crate::platforms::BY_HAND;
use crate::platforms::PlatformSettings;
use crate::platforms::settings;
use crate::values::Secret;
use crate::values::secret_or_file;
use serde::Deserialize;
use serde::Deserializer;
use serde::de::Error;
use std::collections::BTreeMap;
use toml_example::TomlExample;
use url::Url;

/// The longest name of a platform, in bytes.
const NAME_BYTES: usize = 32;

/// The platforms by what is typed for them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Partners(pub BTreeMap<String, PartnerSettings>);

/// A platform with which the operator has agreed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartnerSettings {
    /// What people read; empty: what is typed for it.
    #[serde(default)]
    pub name: String,
    /// Where accounts are registered.
    #[serde(deserialize_with = "plain_address")]
    pub registration_url: Url,
    /// What tradepost signs with there; while it is empty, nothing is asked.
    #[serde(default, deserialize_with = "key")]
    pub key: Secret,
}

/// Documented by hand, since its keys are not fixed.
impl TomlExample for Partners {
    fn toml_example() -> String {
        Self::toml_example_with_prefix("", ("", ""), "")
    }

    fn toml_example_with_prefix(label: &str, label_format: (&str, &str), _prefix: &str) -> String {
        let header = format!("{}{label}{}", label_format.0, label_format.1);
        format!(
            "# Platforms that send trades by tradepost's own interface, see docs/PUSH.md. Each has a section of\n\
             # its own below this one, with registration_url, key and, if you like, the name that people read.\n\
             # This makes one, with its key: tradepost platform new bazaar --url https://bazaar.example/tradepost\n\
             {header}\n"
        )
    }
}

/// What cannot be, with its key: a name that no platform can have, or an address without TLS.
#[must_use]
pub fn problems(settings: &PlatformSettings, allow_http: bool) -> Vec<(String, &'static str)> {
    let others = settings::adapters(settings, allow_http);
    let mut problems = Vec::new();
    for (name, partner) in &settings.partners.0 {
        let key = format!("platforms.partners.{name}");
        if !is_name(name) {
            problems.push((key.clone(), "the name of a platform has 1 to 32 of a-z, 0-9 and -, the first one a letter"));
        }
        if name == BY_HAND || others.iter().any(|other| other.descriptor().id.as_str() == name) {
            problems.push((key.clone(), "tradepost has a platform of that name by itself; take another one"));
        }
        if PublicLink::new(partner.registration_url.clone(), allow_http).is_none() {
            problems.push((format!("{key}.registration_url"), "must begin with https: (http: only where network.http_links is on)"));
        }
    }
    problems
}

fn is_name(name: &str) -> bool {
    let fits = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    name.len() <= NAME_BYTES && name.starts_with(|c: char| c.is_ascii_lowercase()) && name.bytes().all(fits)
}

/// An http or https address without user, query and fragment.
fn plain_address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Url, D::Error> {
    let text = String::deserialize(deserializer)?;
    let is_plain = |url: &Url| {
        let extra = url.query().or(url.fragment()).is_some() || !url.username().is_empty() || url.password().is_some();
        matches!(url.scheme(), "http" | "https") && !extra
    };
    let url = Url::parse(&text).ok().filter(is_plain);
    url.ok_or_else(|| D::Error::custom("must be an address like \"https://bazaar.example/tradepost\""))
}

fn key<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
    let key = secret_or_file(deserializer)?;
    if key.is_made() && Key::parse(&key).is_none() {
        return Err(D::Error::custom("must be \"whsec_\" and the base64 of 24 to 64 bytes, as `tradepost platform new` makes it"));
    }
    Ok(key)
}
