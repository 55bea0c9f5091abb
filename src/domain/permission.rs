//! Who may do what, as the operator says it: a level for everybody, for a server, for one user; and
//! who may share in her own name.

use crate::domain::ids::UserId;
use crate::domain::sharer::Sharer;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt;

/// What somebody may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Permission {
    /// Nothing; the bot declines invitations and says so.
    #[default]
    None,
    /// Share trades.
    Share,
    /// Nothing at all, and nothing is shared with her either. Not for everybody.
    Block,
}

/// Levels by whom they are for. Who is not named has none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "BTreeMap<String, Permission>")]
pub struct Permissions {
    everybody: Permission,
    servers: BTreeMap<String, Permission>,
    users: BTreeMap<UserId, Permission>,
}

/// Why levels cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongLevel {
    /// One is for something that is neither everybody nor a server nor a user.
    #[error("\"{0}\" is neither \"*\" nor a server (\"example.org\") nor a user (\"@joy:example.org\")")]
    UnknownSubject(String),
    /// Everybody is blocked.
    #[error("\"*\" cannot have \"block\"; \"none\" lets nobody share, and \"block\" is for a server or a user")]
    EverybodyBlocked,
}

impl Permissions {
    /// What `user` may do: the most specific level counts.
    #[must_use]
    pub fn of(&self, user: &UserId) -> Permission {
        let named = self.users.get(user).or_else(|| self.servers.get(user.server()));
        named.copied().unwrap_or(self.everybody)
    }

    /// Whether `sharer` may share now: the operator allows it and has not stopped her, and she is not gone.
    #[must_use]
    pub fn lets_share(&self, sharer: &Sharer) -> bool {
        self.of(&sharer.id) == Permission::Share && sharer.disabled_at.is_none() && sharer.gone_since_at.is_none()
    }

    /// Whether nothing may be shared with `user` either.
    #[must_use]
    pub fn blocks(&self, user: &UserId) -> bool {
        self.of(user) == Permission::Block
    }

    /// Whether nobody may do anything.
    #[must_use]
    pub fn is_nobody(&self) -> bool {
        let mut levels = self.servers.values().chain(self.users.values());
        self.everybody != Permission::Share && levels.all(|level| *level != Permission::Share)
    }

    fn set(&mut self, subject: String, level: Permission) -> Result<(), WrongLevel> {
        if subject == "*" && level == Permission::Block {
            return Err(WrongLevel::EverybodyBlocked);
        }
        if subject == "*" {
            self.everybody = level;
            return Ok(());
        }
        let user = UserId::new(subject.as_str());
        let is_user = subject.starts_with('@') && !user.localpart().is_empty();
        let server = if is_user { user.server() } else { &subject };
        if !is_server_name(server) {
            return Err(WrongLevel::UnknownSubject(subject));
        }
        if is_user {
            self.users.insert(user, level);
        } else {
            self.servers.insert(subject, level);
        }
        Ok(())
    }
}

impl TryFrom<BTreeMap<String, Permission>> for Permissions {
    type Error = WrongLevel;

    fn try_from(levels: BTreeMap<String, Permission>) -> Result<Self, WrongLevel> {
        let mut permissions = Self::default();
        for (subject, level) in levels {
            permissions.set(subject, level)?;
        }
        Ok(permissions)
    }
}

/// Users of the homeserver itself: some of them, or all. There is no word for everybody, since nobody
/// of another homeserver can be meant.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub struct LocalUsers(BTreeSet<String>);

/// Something in the list is neither a server nor a user.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is neither this homeserver (\"example.org\") nor a user of it (\"@joy:example.org\")")]
pub struct NoLocalUser(pub String);

impl LocalUsers {
    /// Whether `user` is one of them.
    #[must_use]
    pub fn allows(&self, user: &UserId) -> bool {
        self.0.contains(user.as_str()) || self.0.contains(user.server())
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_nobody(&self) -> bool {
        self.0.is_empty()
    }

    /// What is named: users, and servers.
    pub fn named(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// The first that does not belong to the homeserver `domain`.
    #[must_use]
    pub fn not_of(&self, domain: &str) -> Option<&str> {
        let server = |named: &str| UserId::new(named).server().to_owned();
        let belongs = |named: &str| named == domain || (named.starts_with('@') && server(named) == domain);
        self.named().find(|named| !belongs(named))
    }
}

impl TryFrom<Vec<String>> for LocalUsers {
    type Error = NoLocalUser;

    fn try_from(named: Vec<String>) -> Result<Self, NoLocalUser> {
        let is_user = |text: &str| text.starts_with('@') && is_user_id(&UserId::new(text));
        match named.iter().find(|text| !is_user(text) && !is_server_name(text)) {
            Some(other) => Err(NoLocalUser(other.clone())),
            None => Ok(Self(named.into_iter().collect())),
        }
    }
}

/// As it stands in the file, for the example.
impl fmt::Debug for LocalUsers {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_list().entries(&self.0).finish()
    }
}

/// Whether a user id has both of its parts.
fn is_user_id(user: &UserId) -> bool {
    !user.localpart().is_empty() && is_server_name(user.server())
}

/// Whether `text` can be the name of a homeserver: a host name or an address, with or without a
/// port (specification: server name).
#[must_use]
pub fn is_server_name(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[') && text.chars().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::LocalUsers;
    use super::NoLocalUser;
    use super::Permission;
    use super::Permissions;
    use super::WrongLevel;
    use crate::domain::ids::UserId;
    use crate::domain::sharer::Sharer;
    use std::collections::BTreeMap;

    fn permissions(levels: &[(&str, Permission)]) -> Result<Permissions, WrongLevel> {
        let levels: BTreeMap<String, Permission> = levels.iter().map(|(who, level)| ((*who).to_owned(), *level)).collect();
        levels.try_into()
    }

    #[test]
    fn the_most_specific_level_counts() {
        let permissions = permissions(&[
            ("*", Permission::None),
            ("example.org", Permission::Share),
            ("@eve:example.org", Permission::None),
            ("@bob:example.com:8448", Permission::Share),
        ])
        .unwrap();
        for (user, expected) in [
            ("@joy:example.org", Permission::Share),
            ("@eve:example.org", Permission::None),
            ("@eve:example.com", Permission::None),
            ("@bob:example.com:8448", Permission::Share),
            ("@bob:example.com", Permission::None),
            ("@joy:sub.example.org", Permission::None),
        ] {
            assert_eq!(permissions.of(&UserId::new(user)), expected, "{user}");
        }
    }

    #[test]
    fn everybody_gives_way_to_a_server_and_a_server_to_a_user_in_both_directions() {
        let permissions =
            permissions(&[("*", Permission::Share), ("example.org", Permission::None), ("@joy:example.org", Permission::Share)]).unwrap();
        assert_eq!(permissions.of(&UserId::new("@mary:example.com")), Permission::Share);
        assert_eq!(permissions.of(&UserId::new("@mary:example.org")), Permission::None);
        assert_eq!(permissions.of(&UserId::new("@joy:example.org")), Permission::Share);
    }

    #[test]
    fn without_levels_nobody_may_do_anything() {
        let permissions = Permissions::default();
        assert!(permissions.is_nobody());
        assert_eq!(permissions.of(&UserId::new("@joy:example.org")), Permission::None);
    }

    #[test]
    fn a_subject_that_is_neither_a_server_nor_a_user_is_refused() {
        for subject in ["", "@", "@joy", "@:example.org", "@joy:", "joy:example.org/x", "https://example.org", "*.example.org"] {
            let refused = permissions(&[(subject, Permission::Share)]).unwrap_err();
            assert_eq!(refused, WrongLevel::UnknownSubject(subject.to_owned()));
        }
    }

    #[test]
    fn a_server_or_a_user_is_blocked_and_never_everybody() {
        let refused = permissions(&[("*", Permission::Block)]).unwrap_err();
        assert_eq!(refused, WrongLevel::EverybodyBlocked);
        let some = permissions(&[
            ("*", Permission::Share),
            ("spam.example", Permission::Block),
            ("@good:spam.example", Permission::None),
            ("@eve:example.org", Permission::Block),
        ]);
        let some = some.unwrap();
        for (user, blocked) in
            [("@any:spam.example", true), ("@good:spam.example", false), ("@eve:example.org", true), ("@joy:example.org", false)]
        {
            assert_eq!(some.blocks(&UserId::new(user)), blocked, "{user}");
            assert!(!blocked || !some.lets_share(&Sharer::new(UserId::new(user))), "{user}");
        }
        assert!(permissions(&[("@eve:example.org", Permission::Block)]).unwrap().is_nobody());
    }

    #[test]
    fn whoever_was_disabled_may_not_share_whatever_is_configured() {
        let permissions = permissions(&[("*", Permission::Share)]).unwrap();
        let mut joy = Sharer::new(UserId::new("@joy:example.org"));
        assert!(permissions.lets_share(&joy));
        joy.disabled_at = Some(jiff::Timestamp::UNIX_EPOCH);
        assert!(!permissions.lets_share(&joy));
    }

    fn local_users(named: &[&str]) -> Result<LocalUsers, NoLocalUser> {
        named.iter().map(|text| (*text).to_owned()).collect::<Vec<String>>().try_into()
    }

    #[test]
    fn local_users_are_those_named_and_those_of_a_server_named() {
        let (joy, mary, bob) = ("@joy:example.org", "@mary:example.org", "@bob:example.com");
        for (named, expected) in [
            (&[][..], [false, false, false]),
            (&[joy], [true, false, false]),
            (&["example.org"], [true, true, false]),
            (&["example.org:8448"], [false, false, false]),
        ] {
            let users = local_users(named).unwrap();
            assert_eq!([joy, mary, bob].map(|user| users.allows(&UserId::new(user))), expected, "{named:?}");
            assert_eq!(users.is_nobody(), named.is_empty());
        }
    }

    #[test]
    fn who_is_of_another_server_is_named() {
        let users = local_users(&["example.org", "@joy:example.org", "@bob:example.com"]).unwrap();
        assert_eq!(users.not_of("example.org"), Some("@bob:example.com"));
        assert_eq!(users.not_of("example.com"), Some("@joy:example.org"));
        assert_eq!(local_users(&["example.org", "@joy:example.org"]).unwrap().not_of("example.org"), None);
    }

    #[test]
    fn everybody_and_what_is_no_user_cannot_be_local_users() {
        for named in ["*", "", "@joy", "@:example.org", "@joy:", "*.example.org"] {
            assert_eq!(local_users(&["example.org", named]).unwrap_err(), NoLocalUser(named.to_owned()));
        }
    }
}
