//! `tradepost run`: reads the configuration, opens the log, and serves.

use crate::app;
use crate::app::AppError;
use crate::app::Listeners;
use crate::app::Surroundings;
use crate::cli::Databases;
use crate::cli::environment;
use crate::cli::exit::ExitStatus;
use crate::cli::exit::Failure;
use crate::cli::registration::config_failure;
use crate::clock::SystemClock;
use crate::clock::SystemRandomness;
use crate::config::Config;
use crate::http::admin;
use crate::http::admin::Socket;
use crate::matrix::client::MatrixError;
use crate::store::StoreError;
use crate::telemetry;
use std::future::Future;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::SignalKind;
use tokio::signal::unix::signal;

/// Serves until it is told to stop.
pub(super) async fn run(config_file: &Path, databases: Databases) -> Result<(), Failure> {
    let config = Config::load(config_file, &environment).map_err(config_failure)?;
    telemetry::init(config.logging.level, config.logging.format)
        .map_err(|error| Failure::new(ExitStatus::Config, error, "see the syntax of tracing-subscriber's EnvFilter, or unset it"))?;
    if config.permissions.is_nobody() {
        tracing::warn!("nobody may share trades: the configuration's section permissions names nobody");
    }
    Box::pin(serve(config, databases)).await
}

async fn serve(config: Config, databases: Databases) -> Result<(), Failure> {
    let listeners = Listeners {
        appservice: listen(appservice_address(&config)).await?,
        monitoring: listen_where(config.monitoring.listen).await?,
        web: listen_where(config.web.public_url.as_ref().map(|_| config.web.listen)).await?,
        admin: admin_socket(&config)?,
    };
    let shutdown = told_to_stop().map_err(|error| Failure::new(ExitStatus::Other, error, "signals cannot be received"))?;
    let surroundings = Surroundings {
        clock: Arc::new(SystemClock),
        randomness: Arc::new(SystemRandomness),
        listeners,
        open_keys: databases.open,
        copy_keys: databases.copy,
    };
    app::run(config, surroundings, shutdown).await.map_err(failure)
}

/// The operator's socket. Where none was asked for and there cannot be one, tradepost serves without.
fn admin_socket(config: &Config) -> Result<Option<Socket>, Failure> {
    let Some(path) = config.socket() else { return Ok(None) };
    let error = match admin::bind(&path) {
        Ok(socket) => return Ok(Some(socket)),
        Err(error) => error,
    };
    let (status, hint) = match error.kind() {
        ErrorKind::AddrInUse => (ExitStatus::PortInUse, "another tradepost is running; stop it first, or set another admin.socket"),
        ErrorKind::AlreadyExists => (ExitStatus::Config, "something else is there: move it away, or set another admin.socket"),
        _ => (ExitStatus::Config, "set another admin.socket, with a short path in a directory where tradepost may write"),
    };
    if config.admin.socket.is_none() && status == ExitStatus::Config {
        tracing::warn!(path = %path.display(), %error, "there is no operator's socket: {hint}");
        return Ok(None);
    }
    Err(Failure::new(status, anyhow::Error::new(error).context(format!("cannot listen at {}", path.display())), hint))
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

/// When the program ends at the latest after it has been told to stop, whatever hangs.
const AT_THE_LATEST: Duration = Duration::from_millis(9_700);

/// Ends when the program is told to stop: Ctrl-C, or SIGTERM as service managers send it. From then on it
/// ends at once when it is told again, and by force when it takes too long.
fn told_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping: what is under way is finished first; told again, it ends at once");
        tokio::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            end_by_force("told to stop again");
        });
        // A thread of its own, for when all others hang.
        thread::spawn(|| {
            thread::sleep(AT_THE_LATEST);
            end_by_force("stopping takes too long");
        });
    })
}

/// What was under way is found again at the next start, as after a power failure.
fn end_by_force(why: &str) -> ! {
    tracing::warn!(why, "ending at once; what was under way is repeated at the next start");
    std::process::exit(ExitStatus::Other as i32)
}

/// What the end of the program is to whoever started it.
pub(super) fn failure(error: AppError) -> Failure {
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
        StoreError::UnfinishedRestore { .. } => "`tradepost restore` again with the same configuration makes it anew, its keys too",
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
