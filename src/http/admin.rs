//! The operator's socket: a file that only its owner can connect to. One question a request, as JSON.

use crate::admin::Admin;
use crate::admin::AdminError;
use crate::admin::Kind;
use crate::admin::Request;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::post;
use serde::Serialize;
use std::fs;
use std::fs::Permissions;
use std::io;
use std::io::ErrorKind;
use std::os::unix::fs::FileTypeExt;
use std::os::unix::fs::MetadataExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::UnixListener;

/// Where questions are put.
pub const QUESTIONS: &str = "/v1/admin";

/// The socket while it is listened to; its file goes with it.
#[derive(Debug)]
pub struct Socket {
    listener: UnixListener,
    file: SocketFile,
}

/// The file of a socket, removed with this value unless another process has put its own there.
#[derive(Debug)]
struct SocketFile {
    path: PathBuf,
    inode: (u64, u64),
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        if fs::symlink_metadata(&self.path).is_ok_and(|present| (present.dev(), present.ino()) == self.inode) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Makes the socket. What an ended process left is replaced; what a living one listens to is not.
pub fn bind(path: &Path) -> io::Result<Socket> {
    match fs::symlink_metadata(path) {
        Ok(present) if !present.file_type().is_socket() => return Err(ErrorKind::AlreadyExists.into()),
        Ok(_) => match UnixStream::connect(path) {
            Ok(_) => return Err(ErrorKind::AddrInUse.into()),
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => {}
            Err(error) => return Err(error),
        },
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    // Nobody can connect before its mode is set: the directory in which it is made is ours alone.
    let beside = tempfile::Builder::new().prefix(".t").permissions(Permissions::from_mode(0o700)).tempdir_in(parent)?;
    let made = beside.path().join("s");
    let listener = UnixListener::bind(&made)?;
    fs::set_permissions(&made, Permissions::from_mode(0o600))?;
    fs::rename(&made, path)?;
    let present = fs::symlink_metadata(path)?;
    let file = SocketFile { path: path.to_owned(), inode: (present.dev(), present.ino()) };
    Ok(Socket { listener, file })
}

/// Answers for ever.
pub async fn serve(socket: Socket, admin: Admin) {
    let Socket { listener, file } = socket;
    let routes = Router::new().route(QUESTIONS, post(answer)).with_state(Arc::new(admin));
    if let Err(error) = axum::serve(listener, routes).await {
        tracing::error!(%error, "the operator's socket failed");
    }
    drop(file);
}

async fn answer(State(admin): State<Arc<Admin>>, body: Bytes) -> Response {
    let request: Request = match serde_json::from_slice(&body) {
        Ok(request) => request,
        Err(error) => {
            let text = format!("the running service does not understand the question: {error}");
            return refused(&AdminError::new(Kind::Request, text, "it may be of another version: restart it"));
        }
    };
    tracing::info!(?request, "the operator asks");
    match admin.answer(request).await {
        Ok(answer) => said(StatusCode::OK, &answer),
        Err(error) => refused(&error),
    }
}

fn refused(error: &AdminError) -> Response {
    let status = match error.kind {
        Kind::Request => StatusCode::BAD_REQUEST,
        Kind::NotThere => StatusCode::NOT_FOUND,
        Kind::Files => StatusCode::CONFLICT,
        Kind::Store => StatusCode::INTERNAL_SERVER_ERROR,
    };
    said(status, error)
}

fn said(status: StatusCode, value: &impl Serialize) -> Response {
    let body = serde_json::to_vec(value).unwrap_or_default();
    (status, [(CONTENT_TYPE, "application/json")], body).into_response()
}

#[cfg(test)]
mod tests {
    use super::bind;
    use std::io::ErrorKind;
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::net::UnixListener;

    #[tokio::test]
    async fn a_socket_is_for_its_owner_only_and_goes_with_its_process() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("admin.sock");
        let socket = bind(&path).unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        drop(socket);
        assert_eq!(directory.path().read_dir().unwrap().count(), 0, "nothing is left");
    }

    #[tokio::test]
    async fn a_socket_that_somebody_listens_to_is_not_taken_away() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("admin.sock");
        let first = bind(&path).unwrap();
        assert_eq!(bind(&path).unwrap_err().kind(), ErrorKind::AddrInUse);
        drop(first);

        // What a process that was killed leaves.
        drop(UnixListener::bind(&path).unwrap());
        assert!(path.exists());
        bind(&path).unwrap();
    }

    #[tokio::test]
    async fn a_file_that_is_no_socket_stays() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("admin.sock");
        std::fs::write(&path, "mine").unwrap();
        assert_eq!(bind(&path).unwrap_err().kind(), ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
    }
}
