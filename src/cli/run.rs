//! `tradepost run`: reads the configuration, opens the log, and serves.

use crate::app;
use crate::app::AppError;
use crate::app::Listeners;
use crate::app::Surroundings;
use crate::cli::environment;
use crate::cli::exit::ExitStatus;
use crate::cli::exit::Failure;
use crate::cli::registration::config_failure;
use crate::clock::SystemClock;
use crate::clock::SystemRandomness;
use crate::config::Config;
use crate::matrix::client::MatrixError;
use crate::matrix::crypto::OpenKeys;
use crate::store::StoreError;
use crate::telemetry;
use std::future::Future;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::signal::unix::SignalKind;
use tokio::signal::unix::signal;

/// Serves until it is told to stop.
pub(super) async fn run(config_file: &Path, open_keys: OpenKeys) -> Result<(), Failure> {
    let config = Config::load(config_file, &environment).map_err(config_failure)?;
    telemetry::init(config.logging.level, config.logging.format)
        .map_err(|error| Failure::new(ExitStatus::Config, error, "see the syntax of tracing-subscriber's EnvFilter, or unset it"))?;
    if config.permissions.is_nobody() {
        tracing::warn!("nobody may share trades: the configuration's section permissions names nobody");
    }
    serve(config, open_keys).await
}

async fn serve(config: Config, open_keys: OpenKeys) -> Result<(), Failure> {
    let listeners = Listeners {
        appservice: listen(appservice_address(&config)).await?,
        monitoring: listen_where(config.monitoring.listen).await?,
        web: listen_where(config.web.public_url.as_ref().map(|_| config.web.listen)).await?,
    };
    let shutdown = told_to_stop().map_err(|error| Failure::new(ExitStatus::Other, error, "signals cannot be received"))?;
    let surroundings = Surroundings { clock: Arc::new(SystemClock), randomness: Arc::new(SystemRandomness), listeners, open_keys };
    app::run(config, surroundings, shutdown).await.map_err(failure)
}

fn appservice_address(config: &Config) -> String {
    let host = &config.appservice.hostname;
    let port = config.appservice.port.get();
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

async fn listen_where(address: Option<SocketAddr>) -> Result<Option<TcpListener>, Failure> {
    match address {
        Some(address) => listen(address.to_string()).await.map(Some),
        None => Ok(None),
    }
}

async fn listen(address: String) -> Result<TcpListener, Failure> {
    TcpListener::bind(&address).await.map_err(|error| {
        let hint = "another tradepost may be running; or change appservice.hostname, appservice.port, monitoring.listen or web.listen";
        let status = if error.kind() == ErrorKind::AddrInUse { ExitStatus::PortInUse } else { ExitStatus::Config };
        Failure::new(status, anyhow::Error::new(error).context(format!("cannot listen on {address}")), hint)
    })
}

/// Ends when the program is told to stop: Ctrl-C, or SIGTERM as service managers send it.
fn told_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping");
    })
}

fn failure(error: AppError) -> Failure {
    let (status, hint) = match &error {
        AppError::Store(error) => (ExitStatus::Database, database_hint(error)),
        AppError::Matrix(MatrixError::TokenRefused) => (
            ExitStatus::TokenRefused,
            "the homeserver must have read the registration with this as_token, and been restarted since; `tradepost check` tells more",
        ),
        AppError::Matrix(MatrixError::Refused { errcode, .. }) if errcode == "M_EXCLUSIVE" => {
            (ExitStatus::Namespace, "the registration's exclusive namespace must cover the bot: `tradepost registration` writes it so")
        }
        AppError::Matrix(_) => (ExitStatus::Other, "`tradepost check` tells more"),
        AppError::Vault(error) => (ExitStatus::Encryption, error.hint()),
        AppError::Net(_) | AppError::Ended(_) => (ExitStatus::Other, ""),
    };
    Failure::new(status, error, hint)
}

/// What to do about a database that cannot be opened.
pub(super) const fn database_hint(error: &StoreError) -> &'static str {
    match error {
        StoreError::InUse { .. } => "stop the other tradepost first",
        StoreError::TooNew { .. } | StoreError::NewerExport { .. } => "run the newer version, or restore an older backup",
        StoreError::UnfinishedImport { .. } => "`tradepost import` again into the same directory makes it anew",
        StoreError::Exists { .. } => "name a file that is not there yet",
        StoreError::NotEmpty { .. } => "set database.path to a new directory, or move the old one away",
        StoreError::NotAnExport { .. } | StoreError::DamagedExport { .. } => {
            "take the file that `tradepost export` wrote, or another copy of it"
        }
        StoreError::File { .. } => "see whether tradepost may write or read there, and whether the disk is full",
        StoreError::Failed(_) => "see whether tradepost may write in the directory database.path, and whether the disk is full",
        _ => "nothing has been changed; copy the directory before you try to repair it",
    }
}
