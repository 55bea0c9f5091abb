//! The second registration, for sharing in one's own name. It lets tradepost act as a user of the
//! homeserver; nothing is ever pushed by it.

use super::Comments;
use super::Mismatch;
use super::Namespace;
use super::Namespaces;
use super::Registration;
use crate::config::Config;
use crate::config::tokens::DOUBLE_PUPPET_PLACEHOLDER;
use crate::values::Secret;
use sha2::Digest;
use sha2::Sha256;
use std::fmt::Write;

impl Registration {
    /// The second registration that belongs to a configuration.
    #[must_use]
    pub fn double_puppet(config: &Config) -> Self {
        let as_token = config.double_puppet.as_token.clone();
        let regex = format!("@.*:{}", regex::escape(&config.homeserver.domain));
        Self {
            id: config.double_puppet.id.clone(),
            url: None,
            hs_token: unused_token(&as_token),
            as_token,
            sender_localpart: format!("_{}_double_puppet", config.appservice.bot.username),
            rate_limited: false,
            namespaces: Namespaces { users: vec![Namespace { exclusive: false, regex }] },
            devices: true,
        }
    }

    /// The example of it. Nothing where the example configuration cannot be read.
    #[must_use]
    pub fn double_puppet_example() -> Option<Self> {
        let mut config: Config = toml::from_str(&Config::example()).ok()?;
        config.double_puppet.as_token = Secret::new(DOUBLE_PUPPET_PLACEHOLDER);
        Some(Self::double_puppet(&config))
    }

    /// The file of it, with its tokens.
    #[must_use]
    pub fn to_double_puppet_yaml(&self) -> String {
        self.written(&DOUBLE_PUPPET)
    }

    /// In what it does not fit `config`, if it is the second one. Its namespace may be narrower than
    /// the one that is written, as long as everybody is in it who may share in her own name.
    #[must_use]
    pub fn double_puppet_mismatches(&self, config: &Config) -> Vec<Mismatch> {
        let expected = Self::double_puppet(config);
        let no_url = "null: otherwise everything that anybody on the homeserver writes is sent there".to_owned();
        let differing = [
            ("id", self.id != expected.id, expected.id),
            ("url", self.url.is_some(), no_url),
            ("as_token", self.as_token != expected.as_token, "the one of the configuration".to_owned()),
            ("rate_limited", self.rate_limited, "false".to_owned()),
            ("io.element.msc4190", !self.devices, "true".to_owned()),
        ];
        let differing = differing.into_iter().filter(|(_, differs, _)| *differs);
        let mut mismatches: Vec<Mismatch> = differing.map(|(key, _, expected)| Mismatch::Differs { key, expected }).collect();
        let users = &self.namespaces.users;
        mismatches.extend(users.iter().filter(|users| users.exclusive).map(|users| Mismatch::Exclusive(users.regex.clone())));
        let somebody = |named: &str| if named.starts_with('@') { named.to_owned() } else { format!("@somebody:{named}") };
        let left_out = |named: &&str| !users.iter().any(|users| users.holds(&somebody(named)));
        mismatches.extend(config.double_puppet.allow.named().filter(left_out).map(|named| Mismatch::LeftOut(named.to_owned())));
        mismatches
    }
}

const DOUBLE_PUPPET: Comments = Comments {
    about: "# The second registration of tradepost, for people who share in their own name.\n\
            # Whoever has the as_token can act as any user of the homeserver: read and write as they do, and make\n\
            # devices for them. So nobody but the homeserver and tradepost may read this file. tradepost acts only\n\
            # as people whom double_puppet.allow names, who have agreed in words, and until they take it back.\n",
    command: "tradepost registration --double-puppet",
    url: "# Never an address here: everything that anybody on the homeserver writes would be sent there.\n",
    tokens: "# The secret by which tradepost shows who it is. The other one is never used, since nothing is sent.\n",
    sender: "# A user that the homeserver makes and nobody uses.\n",
    users: "# For whom tradepost can act. They are not its own, so it is not exclusive. Name fewer people if you like,\n\
            # '@joy:example\\.org' for example, but all whom double_puppet.allow names.\n",
    devices: "# For a device of their own that they can verify: without it contacts see warnings in encrypted rooms.\n",
};

/// A registration must have this token, but nothing is ever pushed by this one. It is made of the
/// other one, from which nothing can be learnt back, so that it is always the same.
fn unused_token(as_token: &Secret) -> Secret {
    let hash = Sha256::new().chain_update("tradepost hs_token that nobody uses: ").chain_update(as_token.expose()).finalize();
    let mut text = String::new();
    for byte in hash {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    Secret::new(text)
}

#[cfg(test)]
mod tests {
    use super::Registration;
    use crate::config::Config;
    use crate::domain::permission::LocalUsers;
    use crate::values::Secret;

    fn config() -> Config {
        let mut config: Config = toml::from_str(&Config::example()).unwrap();
        config.double_puppet.as_token = Secret::new("double-puppet-token");
        config.double_puppet.allow = allow(&["example.org", "@joy:example.org"]);
        config
    }

    fn allow(named: &[&str]) -> LocalUsers {
        named.iter().map(|text| (*text).to_owned()).collect::<Vec<String>>().try_into().unwrap()
    }

    fn mismatches(registration: &Registration, config: &Config) -> Vec<String> {
        registration.double_puppet_mismatches(config).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_written_is_read_back_and_fits() {
        let config = config();
        let registration = Registration::double_puppet(&config);
        let yaml = registration.to_double_puppet_yaml();
        assert_eq!(Registration::parse(&yaml).unwrap(), registration);
        assert_eq!(mismatches(&registration, &config), [""; 0]);
        assert!(yaml.contains("\nurl: null\n") && yaml.contains("exclusive: false\n      regex: '@.*:example\\.org'\n"), "{yaml}");
        assert!(yaml.lines().all(|line| line.chars().count() < 120), "{yaml}");
    }

    #[test]
    fn the_unused_token_is_always_the_same_and_neither_the_other_nor_another_sites() {
        let mut config = config();
        let first = Registration::double_puppet(&config);
        assert_eq!(first.hs_token, Registration::double_puppet(&config).hs_token);
        assert_eq!(first.hs_token.expose().len(), 64);
        config.double_puppet.as_token = Secret::new("double-puppet-token-2");
        assert_ne!(first.hs_token, Registration::double_puppet(&config).hs_token);
    }

    #[test]
    fn every_mismatch_is_named_and_no_token_shown() {
        let config = config();
        let mut registration = Registration::double_puppet(&config);
        registration.id = "other".to_owned();
        registration.url = Some("http://127.0.0.1:29331".to_owned());
        registration.as_token = Secret::new("another-secret");
        registration.rate_limited = true;
        registration.devices = false;
        registration.namespaces.users[0].exclusive = true;
        assert_eq!(
            mismatches(&registration, &config),
            [
                "id should be tradepost-double-puppet",
                "url should be null: otherwise everything that anybody on the homeserver writes is sent there",
                "as_token should be the one of the configuration",
                "rate_limited should be false",
                "io.element.msc4190 should be true",
                "the regex @.*:example\\.org must not be exclusive: it would keep people from having accounts",
            ]
        );
    }

    #[test]
    fn a_narrower_namespace_fits_as_long_as_nobody_is_left_out() {
        let mut config = config();
        let mut registration = Registration::double_puppet(&config);
        registration.namespaces.users[0].regex = "@joy:example\\.org".to_owned();
        assert_eq!(mismatches(&registration, &config), ["namespaces.users has no regex for example.org"]);
        config.double_puppet.allow = allow(&["@joy:example.org"]);
        assert_eq!(mismatches(&registration, &config), [""; 0]);
        config.double_puppet.allow = allow(&["@joy:example.org", "@mary:example.org"]);
        assert_eq!(mismatches(&registration, &config), ["namespaces.users has no regex for @mary:example.org"]);
    }
}
