//! What the configuration says of the operator's socket.

use crate::config::Config;
use serde::Deserialize;
use std::path::Path;
use std::path::PathBuf;
use toml_example::TomlExample;

/// What the operator asks of the running service: `tradepost admin`, `export` and `backup`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, TomlExample)]
#[serde(default)]
pub struct Admin {
    /// The socket through which they reach it, a file that only its owner can use. Without this line it
    /// stands beside the database's directory; empty: there is none, and they work while tradepost is stopped.
    #[toml_example(default = "tradepost.sock")]
    pub socket: Option<PathBuf>,
}

/// The name of the socket, where none is given.
const SOCKET: &str = "tradepost.sock";

impl Config {
    /// The operator's socket; none where there is to be none.
    #[must_use]
    pub fn socket(&self) -> Option<PathBuf> {
        match &self.admin.socket {
            Some(path) if path.as_os_str().is_empty() => None,
            Some(path) => Some(path.clone()),
            None => Some(self.database.path.parent().unwrap_or_else(|| Path::new("")).join(SOCKET)),
        }
    }
}
