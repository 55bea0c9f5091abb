//! Who may do what, as the operator says it: a level for everybody, for a server, for one user.

use crate::domain::ids::UserId;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What somebody may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Permission {
    /// Nothing; the bot declines invitations and says so.
    #[default]
    None,
    /// Share trades.
    Share,
}

/// Levels by whom they are for. Who is not named has none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "BTreeMap<String, Permission>")]
pub struct Permissions {
    everybody: Permission,
    servers: BTreeMap<String, Permission>,
    users: BTreeMap<UserId, Permission>,
}

/// A level is for something that is neither everybody nor a server nor a user.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is neither \"*\" nor a server (\"example.org\") nor a user (\"@joy:example.org\")")]
pub struct UnknownSubject(pub String);

impl Permissions {
    /// What `user` may do: the most specific level counts.
    #[must_use]
    pub fn of(&self, user: &UserId) -> Permission {
        let named = self.users.get(user).or_else(|| self.servers.get(user.server()));
        named.copied().unwrap_or(self.everybody)
    }

    /// Whether nobody may do anything.
    #[must_use]
    pub fn is_nobody(&self) -> bool {
        let mut levels = self.servers.values().chain(self.users.values());
        self.everybody == Permission::None && levels.all(|level| *level == Permission::None)
    }

    fn set(&mut self, subject: String, level: Permission) -> Result<(), UnknownSubject> {
        if subject == "*" {
            self.everybody = level;
            return Ok(());
        }
        let user = UserId::new(subject.as_str());
        let is_user = subject.starts_with('@') && !user.localpart().is_empty();
        let server = if is_user { user.server() } else { &subject };
        if !is_server_name(server) {
            return Err(UnknownSubject(subject));
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
    type Error = UnknownSubject;

    fn try_from(levels: BTreeMap<String, Permission>) -> Result<Self, UnknownSubject> {
        let mut permissions = Self::default();
        for (subject, level) in levels {
            permissions.set(subject, level)?;
        }
        Ok(permissions)
    }
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
    use super::Permission;
    use super::Permissions;
    use super::UnknownSubject;
    use crate::domain::ids::UserId;
    use std::collections::BTreeMap;

    fn permissions(levels: &[(&str, Permission)]) -> Result<Permissions, UnknownSubject> {
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
            assert_eq!(refused, UnknownSubject(subject.to_owned()));
        }
    }
}
