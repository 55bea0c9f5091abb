//! Asking: the running service through its socket, and where it does not run, its files themselves.

use crate::admin::AdminError;
use crate::admin::Answer;
use crate::admin::CopyDatabase;
use crate::admin::Kind;
use crate::admin::Request;
use crate::app;
use crate::app::Made;
use crate::cli::environment;
use crate::cli::exit::ExitStatus;
use crate::cli::exit::Failure;
use crate::cli::registration::config_failure;
use crate::cli::run::database_hint;
use crate::cli::run::failure as app_failure;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::http::admin::QUESTIONS;
use crate::store::Store;
use crate::store::StoreError;
use crate::store::sled::SledStore;
use std::io;
use std::io::ErrorKind;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

/// Asks, and answers what was said.
pub(super) async fn ask(config_file: &Path, copy: CopyDatabase, request: Request) -> Result<Answer, Failure> {
    let config = Config::load(config_file, &environment).map_err(config_failure)?;
    if let Some(socket) = config.socket()
        && is_listened_to(&socket)?
    {
        return ask_service(&socket, &request).await;
    }
    let (store, actions) = if matches!(request, Request::Disable { .. } | Request::Enable { .. }) {
        let made = make(&config).await?;
        (made.store, Some(made.actions))
    } else {
        (open(&config)?, None)
    };
    let admin = app::admin(&config, Arc::clone(&store), actions, Arc::new(SystemClock), copy, None);
    let answer = admin.answer(request).await;
    store.close().await.map_err(database_failure)?;
    answer.map_err(told)
}

/// Opens the store of a service that does not run.
fn open(config: &Config) -> Result<Arc<dyn Store>, Failure> {
    require_database(config)?;
    match SledStore::open(&config.database.path) {
        Ok(store) => Ok(Arc::new(store)),
        Err(StoreError::InUse { .. }) => {
            let text = format!("{} is in use, and its tradepost does not answer at the operator's socket", config.database.path.display());
            Err(Failure::said(ExitStatus::Database, text, "see admin.socket, and the log of the service; or stop it first"))
        }
        Err(error) => Err(database_failure(error)),
    }
}

/// Opens all that a service which does not run works on.
pub(super) async fn make(config: &Config) -> Result<Made, Failure> {
    require_database(config)?;
    app::make(config).await.map_err(app_failure)
}

/// Refuses to make a database where none is.
fn require_database(config: &Config) -> Result<(), Failure> {
    let path = &config.database.path;
    if path.is_dir() {
        return Ok(());
    }
    let text = format!("there is no database at {}", path.display());
    Err(Failure::said(ExitStatus::Database, text, "relative paths begin where tradepost is started: go there, or see database.path"))
}

/// A failure of the database.
fn database_failure(error: StoreError) -> Failure {
    let hint = database_hint(&error);
    Failure::new(ExitStatus::Database, error, hint)
}

/// Whether somebody listens at a socket.
fn is_listened_to(socket: &Path) -> Result<bool, Failure> {
    match UnixStream::connect(socket) {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused) => Ok(false),
        Err(error) => {
            let text = format!("the socket {} cannot be used: {error}", socket.display());
            Err(Failure::said(ExitStatus::Other, text, "be the user who runs tradepost, or root"))
        }
    }
}

async fn ask_service(socket: &Path, request: &Request) -> Result<Answer, Failure> {
    let broken = |error: &dyn std::fmt::Display| {
        Failure::said(ExitStatus::Other, format!("the running service does not answer: {error}"), "see its log")
    };
    // Installed by somebody else already: just as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().unix_socket(socket).no_proxy().build().map_err(|error| broken(&error))?;
    let body = serde_json::to_vec(request).map_err(|error| broken(&error))?;
    let answer = client.post(format!("http://localhost{QUESTIONS}")).body(body).send().await.map_err(|error| broken(&error))?;
    let is_success = answer.status().is_success();
    let body = answer.bytes().await.map_err(|error| broken(&error))?;
    if is_success {
        return serde_json::from_slice(&body).map_err(|error| broken(&error));
    }
    Err(told(serde_json::from_slice(&body).map_err(|error| broken(&error))?))
}

/// A failure that was answered.
pub(super) fn told(error: AdminError) -> Failure {
    let status = match error.kind {
        Kind::Request => ExitStatus::Other,
        Kind::NotThere => ExitStatus::NotThere,
        Kind::Files => ExitStatus::Files,
        Kind::Store => ExitStatus::Database,
    };
    Failure::said(status, &error.text, error.hint)
}

/// A path as whoever works elsewhere understands it.
pub(super) fn whole_path(path: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(path).map_err(|error: io::Error| Failure::said(ExitStatus::Files, format!("{}: {error}", path.display()), ""))
}
