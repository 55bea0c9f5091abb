//! The registrations, by which the homeserver knows tradepost: made from the configuration, written
//! for people to read, and compared with the configuration where the two may have grown apart. There
//! are two: tradepost's own, and another one for sharing in one's own name (`double_puppet`).

use crate::config::Config;
use crate::config::tokens::PLACEHOLDER;
use crate::values::Secret;
use regex::Regex;
use serde::Deserialize;
use std::fmt;

mod double_puppet;

/// A registration (specification: application service API, registration).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Registration {
    /// Its name on the homeserver.
    pub id: String,
    /// Where the homeserver reaches tradepost; none: never.
    pub url: Option<String>,
    /// With it tradepost shows who it is.
    pub as_token: Secret,
    /// With it the homeserver shows who it is.
    pub hs_token: Secret,
    /// A user that the homeserver makes for us. It is not the bot: it could not receive what is
    /// sent to devices.
    pub sender_localpart: String,
    /// Whether the homeserver slows our users down as it does others.
    #[serde(default = "limited_by_default")]
    pub rate_limited: bool,
    /// Which users are ours.
    pub namespaces: Namespaces,
    /// Whether our users can have devices without logging in.
    #[serde(default, rename = "io.element.msc4190")]
    pub devices: bool,
}

/// What of the homeserver belongs to the appservice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Namespaces {
    /// Users.
    #[serde(default)]
    pub users: Vec<Namespace>,
}

/// Some users.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Namespace {
    /// Whether nobody else can have them.
    pub exclusive: bool,
    /// Their ids; anchored at its start only, as the homeserver reads it.
    pub regex: String,
}

/// Why a registration cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RegistrationError {
    /// It is no YAML, or no registration.
    #[error("it is no registration: {0}")]
    Unreadable(String),
}

/// Something in which a registration does not fit the configuration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// A key has another value than it should have; secrets are not shown.
    #[error("{key} should be {expected}")]
    Differs {
        /// Which key.
        key: &'static str,
        /// What it should be.
        expected: String,
    },
    /// A user that must be ours is not.
    #[error("namespaces.users has no exclusive regex for {0}")]
    NotOurs(String),
    /// Somebody for whom tradepost is to act is left out.
    #[error("namespaces.users has no regex for {0}")]
    LeftOut(String),
    /// The homeserver's people are said to be ours alone.
    #[error("the regex {0} must not be exclusive: it would keep people from having accounts")]
    Exclusive(String),
}

const fn limited_by_default() -> bool {
    true
}

impl Registration {
    /// The registration that belongs to a configuration.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        let service = &config.appservice;
        let bot = &service.bot.username;
        let regex = format!(r"@{}(_.*)?:{}", regex::escape(bot), regex::escape(&config.homeserver.domain));
        Self {
            id: service.id.clone(),
            url: Some(service.address.as_str().trim_end_matches('/').to_owned()),
            as_token: service.as_token.clone(),
            hs_token: service.hs_token.clone(),
            sender_localpart: format!("_{bot}_as"),
            rate_limited: false,
            namespaces: Namespaces { users: vec![Namespace { exclusive: true, regex }] },
            devices: true,
        }
    }

    /// The example, with the placeholder for each token. Nothing where the example configuration cannot be read.
    #[must_use]
    pub fn example() -> Option<Self> {
        let mut config: Config = toml::from_str(&Config::example()).ok()?;
        config.appservice.as_token = Secret::new(PLACEHOLDER);
        config.appservice.hs_token = Secret::new(PLACEHOLDER);
        Some(Self::of(&config))
    }

    /// Reads a registration.
    pub fn parse(text: &str) -> Result<Self, RegistrationError> {
        serde_norway::from_str(text).map_err(|error| RegistrationError::Unreadable(error.to_string()))
    }

    /// The file, with its tokens.
    #[must_use]
    pub fn to_yaml(&self) -> String {
        self.written(&OWN)
    }

    fn written(&self, comments: &Comments) -> String {
        let users: Vec<String> = self.namespaces.users.iter().map(Namespace::to_yaml).collect();
        format!(
            "{about}\
             # Made by `{command}` from the configuration: change it there and make this file anew.\n\
             # Name this file in app_service_config_files of homeserver.yaml and restart the homeserver.\n\
             \n\
             id: {id}\n\
             \n\
             {about_url}\
             url: {url}\n\
             \n\
             {about_tokens}\
             as_token: {as_token}\n\
             hs_token: {hs_token}\n\
             \n\
             {about_sender}\
             sender_localpart: {sender}\n\
             rate_limited: {rate_limited}\n\
             \n\
             {about_users}\
             namespaces:\n\
             \x20 users:\n{users}\
             \x20 aliases: []\n\
             \x20 rooms: []\n\
             \n\
             # Typing, receipts and presence are not needed.\n\
             receive_ephemeral: false\n\
             \n\
             {about_devices}\
             io.element.msc4190: {devices}\n",
            about = comments.about,
            command = comments.command,
            id = Quoted(&self.id),
            about_url = comments.url,
            url = self.url.as_ref().map_or_else(|| "null".to_owned(), |url| Quoted(url).to_string()),
            about_tokens = comments.tokens,
            as_token = Quoted(self.as_token.expose()),
            hs_token = Quoted(self.hs_token.expose()),
            about_sender = comments.sender,
            sender = Quoted(&self.sender_localpart),
            rate_limited = self.rate_limited,
            about_users = comments.users,
            users = users.concat(),
            about_devices = comments.devices,
            devices = self.devices,
        )
    }

    /// In what it does not fit `config`.
    #[must_use]
    pub fn mismatches(&self, config: &Config) -> Vec<Mismatch> {
        let expected = Self::of(config);
        let url = |registration: &Self| registration.url.clone().map(|url| url.trim_end_matches('/').to_owned());
        let differing = [
            ("id", self.id != expected.id, expected.id.clone()),
            ("url", url(self) != url(&expected), expected.url.clone().unwrap_or_default()),
            ("as_token", self.as_token != expected.as_token, "the one of the configuration".to_owned()),
            ("hs_token", self.hs_token != expected.hs_token, "the one of the configuration".to_owned()),
            (
                "sender_localpart",
                self.sender_localpart == config.appservice.bot.username,
                format!("{}, not the bot", expected.sender_localpart),
            ),
            ("rate_limited", self.rate_limited, "false".to_owned()),
            ("io.element.msc4190", !self.devices, "true".to_owned()),
        ];
        let differing = differing.into_iter().filter(|(_, differs, _)| *differs);
        let mut mismatches: Vec<Mismatch> = differing.map(|(key, _, expected)| Mismatch::Differs { key, expected }).collect();
        let bot = config.us().bot.to_string();
        if !self.namespaces.users.iter().any(|namespace| namespace.exclusive && namespace.holds(&bot)) {
            mismatches.push(Mismatch::NotOurs(bot));
        }
        mismatches
    }
}

/// What a registration's file says about its keys, in whole lines.
struct Comments {
    about: &'static str,
    command: &'static str,
    url: &'static str,
    tokens: &'static str,
    sender: &'static str,
    users: &'static str,
    devices: &'static str,
}

const OWN: Comments = Comments {
    about: "# The registration of tradepost: what the homeserver knows of it.\n",
    command: "tradepost registration",
    url: "# Where the homeserver reaches tradepost.\n",
    tokens: "# The secrets by which they know each other.\n",
    sender: "# A user that the homeserver makes. It is not the bot, which is one of the users below.\n",
    users: "# The bot, and what tradepost may need beside it. Nobody else can have these names.\n",
    devices: "# The bot has a device, so that a message sent twice appears once.\n",
};

impl Namespace {
    fn to_yaml(&self) -> String {
        format!("    - exclusive: {}\n      regex: {}\n", self.exclusive, Quoted(&self.regex))
    }

    fn holds(&self, user: &str) -> bool {
        Regex::new(&format!("^(?:{})", self.regex)).is_ok_and(|regex| regex.is_match(user))
    }
}

/// A YAML text in single quotes, in which nothing but the quote itself has a meaning. None of the
/// values can have a line break.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "'{}'", self.0.replace('\'', "''"))
    }
}

#[cfg(test)]
mod tests {
    use super::Mismatch;
    use super::Registration;
    use crate::config::Config;
    use crate::values::Secret;

    fn config() -> Config {
        let mut config: Config = toml::from_str(&Config::example()).unwrap();
        config.appservice.as_token = Secret::new("as'token: #");
        config.appservice.hs_token = Secret::new("hs_token");
        config
    }

    #[test]
    fn what_is_written_is_read_back() {
        let registration = Registration::of(&config());
        assert_eq!(Registration::parse(&registration.to_yaml()).unwrap(), registration);
    }

    #[test]
    fn the_namespace_holds_the_bot_and_names_with_its_prefix_and_nobody_else() {
        let mut config = config();
        config.appservice.bot.username = "trade.post".to_owned();
        let namespace = Registration::of(&config).namespaces.users.remove(0);
        for (user, expected) in [
            ("@trade.post:example.org", true),
            ("@trade.post_joy:example.org", true),
            ("@tradexpost:example.org", false),
            ("@trade.posts:example.org", false),
            ("@trade.post:exampleXorg", false),
            ("x@trade.post:example.org", false),
        ] {
            assert_eq!(namespace.holds(user), expected, "{user}");
        }
    }

    #[test]
    fn a_registration_fits_the_configuration_it_was_made_of() {
        let config = config();
        assert_eq!(Registration::of(&config).mismatches(&config), []);
    }

    #[test]
    fn every_mismatch_is_named_and_no_token_shown() {
        let config = config();
        let mut registration = Registration::of(&config);
        registration.id = "other".to_owned();
        registration.url = None;
        registration.as_token = Secret::new("another-secret");
        registration.sender_localpart = "tradepost".to_owned();
        registration.rate_limited = true;
        registration.namespaces.users[0].exclusive = false;
        let mismatches: Vec<String> = registration.mismatches(&config).iter().map(ToString::to_string).collect();
        assert_eq!(
            mismatches,
            [
                "id should be tradepost",
                "url should be http://127.0.0.1:29331",
                "as_token should be the one of the configuration",
                "sender_localpart should be _tradepost_as, not the bot",
                "rate_limited should be false",
                "namespaces.users has no exclusive regex for @tradepost:example.org",
            ]
        );
    }

    #[test]
    fn a_namespace_of_another_server_is_a_mismatch() {
        let mut config = config();
        let registration = Registration::of(&config);
        config.homeserver.domain = "example.com".to_owned();
        let bot = "@tradepost:example.com".to_owned();
        assert_eq!(registration.mismatches(&config), [Mismatch::NotOurs(bot)]);
    }

    #[test]
    fn what_is_no_registration_is_refused_without_its_content() {
        let said = Registration::parse("as_token: [hush]\nid: x\n").unwrap_err().to_string();
        assert!(said.starts_with("it is no registration: ") && !said.contains("hush"), "{said}");
    }
}
