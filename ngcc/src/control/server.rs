//! The listening end of the control socket: a file only its owner may open, JSON lines, bounded in number,
//! length and time.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::desk::Desk;
use super::{Answer, MAX_LINE, PATIENCE, Request, Response, socket_path};
use crate::failure::Failure;

/// The most clients at once; the next one waits.
const MAX_CLIENTS: usize = 32;

/// Listens on the socket of the data directory, and answers until the process ends.
///
/// # Errors
/// The socket cannot be made.
pub(crate) fn listen(data: &Path, desk: Desk) -> Result<PathBuf, Failure> {
    let path = socket_path(data);
    let unusable = || format!("the control socket {} cannot be made", path.display());
    // The directory is locked by us, so a socket that lies there is a dead process's.
    match std::fs::remove_file(&path) {
        Ok(()) => {}
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
        Err(e) => return Err(Failure::io(unusable())(e)),
    }
    let listener = UnixListener::bind(&path).map_err(Failure::io(unusable()))?;
    std::fs::set_permissions(&path, Permissions::from_mode(0o600)).map_err(Failure::io(unusable()))?;
    tokio::spawn(accept(listener, desk));
    Ok(path)
}

async fn accept(listener: UnixListener, desk: Desk) {
    let seats = Arc::new(Semaphore::new(MAX_CLIENTS));
    loop {
        let Ok(seat) = Arc::clone(&seats).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                let desk = desk.clone();
                tokio::spawn(async move {
                    serve(stream, desk).await;
                    drop(seat);
                });
            }
            Err(e) => {
                tracing::warn!(error = %e, "a control client could not be accepted");
                tokio::time::sleep(PATIENCE / 100).await;
            }
        }
    }
}

/// Answers one client until it closes, is silent for too long or sends something that is no request.
async fn serve(stream: UnixStream, desk: Desk) {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read);
    let mut line = Vec::new();
    while let Some(request) = next_request(&mut lines, &mut line).await {
        let response = match request {
            Ok(request) => Response { id: request.id, answer: desk.ask(request.body).await },
            Err(why) => Response { id: 0, answer: Answer::Error(why) },
        };
        if !reply(&mut write, &response).await {
            return;
        }
    }
}

async fn next_request(
    lines: &mut BufReader<OwnedReadHalf>,
    line: &mut Vec<u8>,
) -> Option<Result<Request, String>> {
    line.clear();
    let read = timeout(PATIENCE, (&mut *lines).take(MAX_LINE).read_until(b'\n', line)).await;
    match read {
        Ok(Ok(n)) if n > 0 && line.ends_with(b"\n") => {
            Some(serde_json::from_slice(line).map_err(|e| format!("no request: {e}")))
        }
        // Closed, too long, too slow or broken: there is nothing to be answered on this connection.
        Ok(Ok(_) | Err(_)) | Err(_) => None,
    }
}

async fn reply(write: &mut OwnedWriteHalf, response: &Response) -> bool {
    let mut bytes = match serde_json::to_vec(response) {
        Ok(bytes) => bytes,
        Err(e) => {
            tracing::error!(error = %e, "an answer cannot be written as JSON");
            return false;
        }
    };
    bytes.push(b'\n');
    matches!(timeout(PATIENCE, write.write_all(&bytes)).await, Ok(Ok(())))
}
