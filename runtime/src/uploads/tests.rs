//! What becomes of files: bounded, named by their bytes, and read by their parties only.

use std::path::PathBuf;
use std::sync::atomic::AtomicU32;

use axum::http::header;
use bytes::Bytes;
use futures_util::stream;

use super::*;
use crate::house::Settings;

struct Place(PathBuf);

impl Place {
    fn new() -> Self {
        static N: AtomicU32 = AtomicU32::new(0);
        let n = N.fetch_add(1, Ordering::Relaxed);
        Self(std::env::temp_dir().join(format!("ngcc-uploads-{}-{n}", std::process::id())))
    }

    fn files(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.0.join("uploads"))
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn store(place: &Place) -> (House, Uploads) {
    let house = House::open(Settings::at(&place.0)).unwrap();
    let uploads = Uploads::open(&house).unwrap();
    (house, uploads)
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n____";

#[tokio::test]
async fn a_file_is_what_its_bytes_say_and_not_what_its_name_says() {
    let place = Place::new();
    let (_house, uploads) = store(&place);
    let cases: [(&[u8], &str, &str); 9] = [
        (PNG, "a.txt", "image/png"),
        (b"\xff\xd8\xff\xe0...", "a", "image/jpeg"),
        (b"GIF89a...", "a", "image/gif"),
        (b"RIFF0000WEBPVP8 ", "a", "image/webp"),
        (b"%PDF-1.7", "a.png", "application/pdf"),
        ("Grüße\r\n".as_bytes(), "a", "text/plain"),
        (b"<svg onload=x>", "a.png", "text/plain"),
        (b"MZ\x00\x01", "a.png", "application/octet-stream"),
        (b"half a character \xc3", "a.txt", "application/octet-stream"),
    ];
    for (bytes, name, mime) in cases {
        let stored = uploads.put("web:v1", name, Body::from(bytes), 1000).await.unwrap();
        assert_eq!((stored.mime.as_str(), stored.size), (mime, bytes.len() as u64));
    }
    let cut = stream::iter(
        ["Gr".as_bytes(), b"\xc3", b"\xbc\xc3\x9fe"].map(|c| Ok::<_, io::Error>(Bytes::from(c))),
    );
    let stored = uploads.put("web:v1", "a", Body::from_stream(cut), 1000).await.unwrap();
    assert_eq!(stored.mime, "text/plain", "characters may be cut between chunks");
}

#[tokio::test]
async fn a_name_is_only_a_name() {
    let place = Place::new();
    let (_house, uploads) = store(&place);
    for (name, clean) in [
        ("../../etc/passwd", "passwd"),
        ("C:\\x\\b.png", "b.png"),
        ("..", "file"),
        ("", "file"),
        ("a\u{202e}gpj.exe\r\n", "agpj.exe"),
        ("发票.pdf", "发票.pdf"),
    ] {
        assert_eq!(uploads.put("web:v1", name, Body::from("x"), 10).await.unwrap().name, clean);
    }
    let long = uploads.put("web:v1", &"发".repeat(500), Body::from("x"), 10).await.unwrap();
    assert!(long.name.len() <= 255, "as a chat message takes it");
}

#[tokio::test]
async fn what_is_too_large_empty_or_cut_off_leaves_nothing_behind() {
    let place = Place::new();
    let (house, uploads) = store(&place);
    let too_large = uploads.put("web:v1", "a", Body::from("12345"), 4).await;
    assert!(matches!(too_large, Err(UploadError::TooLarge { limit: 4 })));
    assert!(matches!(uploads.put("web:v1", "a", Body::empty(), 4).await, Err(UploadError::Empty)));
    let cut = stream::iter([Ok(Bytes::from_static(b"1")), Err(io::Error::other("gone"))]);
    let cut = uploads.put("web:v1", "a", Body::from_stream(cut), 4).await;
    assert!(matches!(cut, Err(UploadError::Cut)));
    assert!(place.files().is_empty());
    assert_eq!(uploads.0.held.load(Ordering::Relaxed), 0, "and takes no room");
    std::fs::write(place.0.join("uploads/file_x.part"), "half").unwrap();
    Uploads::open(&house).unwrap();
    assert!(place.files().is_empty(), "nor does what a crash left");
}

#[tokio::test]
async fn a_file_is_given_out_so_that_no_browser_runs_it() {
    let place = Place::new();
    let (_house, uploads) = store(&place);
    let html = uploads.put("web:v1", "发\"票.html", Body::from("<script>x</script>"), 100).await.unwrap();
    let response = uploads.serve(html.file).await.unwrap();
    let header = |name| response.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header(header::CONTENT_TYPE), "text/plain; charset=utf-8");
    assert_eq!(
        header(header::CONTENT_DISPOSITION),
        "attachment; filename=\"___.html\"; filename*=UTF-8''%E5%8F%91%22%E7%A5%A8.html"
    );
    assert_eq!(header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    assert!(header(header::CONTENT_SECURITY_POLICY).contains("sandbox"));
    let body = axum::body::to_bytes(response.into_body(), 100).await.unwrap();
    assert_eq!(&body[..], b"<script>x</script>");
    let png = uploads.put("web:v1", "a.png", Body::from(PNG), 100).await.unwrap();
    let shown = uploads.serve(png.file).await.unwrap();
    assert!(shown.headers()[header::CONTENT_DISPOSITION].to_str().unwrap().starts_with("inline"));
    assert!(matches!(uploads.serve(FileId(7)).await, Err(UploadError::Unknown)));
}

#[tokio::test]
async fn a_file_is_known_after_a_start_and_read_by_whom_it_was_sent_to() {
    let place = Place::new();
    let (house, uploads) = store(&place);
    let file = uploads.put("web:v1", "a.png", Body::from(PNG), 100).await.unwrap().file;
    uploads.grant(file, "agent:alice").await.unwrap();
    drop((uploads, house));
    let (_house, uploads) = store(&place);
    let kept = uploads.get(file).await.unwrap();
    let may = ["web:v1", "agent:alice", "web:v2"].map(|who| kept.may_read(who));
    assert_eq!(may, [true, true, false]);
}

#[tokio::test]
async fn what_is_taken_away_leaves_its_room_and_a_start_keeps_what_is_needed() {
    let place = Place::new();
    let (house, uploads) = store(&place);
    let put = |name: &'static str| uploads.put("web:v1", name, Body::from("12345"), 10);
    let (one, two, three) = (put("a").await.unwrap(), put("b").await.unwrap(), put("c").await.unwrap());
    uploads.remove(one.file).await.unwrap();
    assert!(matches!(uploads.get(one.file).await, Err(UploadError::Unknown)));
    assert_eq!(uploads.0.held.load(Ordering::Relaxed), 10);
    uploads.remove(one.file).await.unwrap();
    assert_eq!(uploads.0.held.load(Ordering::Relaxed), 10, "it is gone already");
    let again = Uploads::open(&house).unwrap();
    again.keep_only(&BTreeSet::from([two.file])).unwrap();
    assert!(matches!(again.serve(three.file).await, Err(UploadError::Unknown)));
    assert_eq!(again.get(two.file).await.unwrap().stored, two);
    assert_eq!(place.files(), [two.file.to_string(), format!("{}.json", two.file)]);
}
