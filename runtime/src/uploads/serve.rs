//! How a file is given out: never as something that a browser would run in our origin.

use std::fmt::Write as _;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;
use bytes::BytesMut;
use futures_util::stream;
use ngcc_proto::FileId;
use tokio::fs;
use tokio::io::AsyncReadExt as _;

use super::{Stored, UploadError, Uploads, missing};

/// How much is read at once.
const CHUNK: usize = 64 * 1024;

impl Uploads {
    /// The response with a file's bytes. Whether the asker may have it is for the caller to find out
    /// ([`super::Kept::may_read`]).
    ///
    /// # Errors
    /// There is no such file, or the disk.
    pub async fn serve(&self, file: FileId) -> Result<Response, UploadError> {
        let kept = self.get(file).await?;
        let bytes = fs::File::open(self.path(file, "")).await.map_err(missing)?;
        let chunks = stream::try_unfold(bytes, |mut bytes| async move {
            let mut buffer = BytesMut::with_capacity(CHUNK);
            let n = bytes.read_buf(&mut buffer).await?;
            Ok::<_, std::io::Error>((n > 0).then(|| (buffer.freeze(), bytes)))
        });
        let mut response = Response::new(Body::from_stream(chunks));
        let headers = response.headers_mut();
        let mut put = |name: HeaderName, text: &str| {
            // Every value is made here of visible ASCII.
            if let Ok(value) = HeaderValue::from_str(text) {
                headers.insert(name, value);
            }
        };
        put(header::CONTENT_TYPE, &kind(&kept.stored));
        put(header::CONTENT_LENGTH, &kept.stored.size.to_string());
        put(header::CONTENT_DISPOSITION, &disposition(&kept.stored));
        put(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
        put(header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'");
        put(header::CACHE_CONTROL, "private, max-age=31536000, immutable");
        put(HeaderName::from_static("cross-origin-resource-policy"), "cross-origin");
        Ok(response)
    }
}

fn kind(stored: &Stored) -> String {
    if stored.mime == "text/plain" { "text/plain; charset=utf-8".to_owned() } else { stored.mime.clone() }
}

/// Raster images may be shown in place; everything else is saved (RFC 6266, RFC 8187).
fn disposition(stored: &Stored) -> String {
    let way = if stored.mime.starts_with("image/") { "inline" } else { "attachment" };
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_. ".contains(c);
    let ascii: String = stored.name.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    let mut coded = String::new();
    for byte in stored.name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            coded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(coded, "%{byte:02X}");
        }
    }
    format!("{way}; filename=\"{ascii}\"; filename*=UTF-8''{coded}")
}
