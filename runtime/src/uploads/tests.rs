//! What becomes of files: bounded, named by their bytes, and read by their parties only.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

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

impl Place {
    /// Where bytes lie.
    fn bytes(&self) -> Vec<PathBuf> {
        let shards = std::fs::read_dir(self.0.join("files")).unwrap().map(|e| e.unwrap());
        let shards = shards.filter(|e| e.file_name().len() == 2);
        shards.flat_map(|e| std::fs::read_dir(e.path()).unwrap().map(|e| e.unwrap().path())).collect()
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
    assert_eq!(uploads.0.heap.held(), 0, "and takes no room");
    drop((uploads, house));
    std::fs::write(place.0.join("uploads/file_x.part"), "half").unwrap();
    std::fs::write(place.0.join("files/parts/file_x"), "half").unwrap();
    store(&place);
    assert!(place.files().is_empty() && place.bytes().is_empty(), "nor does what a crash left");
    assert_eq!(std::fs::read_dir(place.0.join("files/parts")).unwrap().count(), 0);
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
    let put = |name: &'static str| uploads.put("web:v1", name, Body::from(name.repeat(5)), 10);
    let (one, two, three) = (put("a").await.unwrap(), put("b").await.unwrap(), put("c").await.unwrap());
    uploads.remove(one.file).await.unwrap();
    assert!(matches!(uploads.get(one.file).await, Err(UploadError::Unknown)));
    assert_eq!(uploads.0.heap.held(), 10);
    uploads.remove(one.file).await.unwrap();
    assert_eq!(uploads.0.heap.held(), 10, "it is gone already");
    drop((uploads, house));
    let (_house, again) = store(&place);
    assert_eq!(again.0.heap.held(), 10);
    again.keep_only(&BTreeSet::from([two.file])).unwrap();
    assert!(matches!(again.serve(three.file).await, Err(UploadError::Unknown)));
    assert_eq!(again.get(two.file).await.unwrap().stored, two);
    assert_eq!(place.files(), [two.file.to_string(), format!("{}.json", two.file)]);
    assert_eq!((again.0.heap.held(), place.bytes().len()), (5, 1));
}

#[tokio::test]
async fn the_same_bytes_take_room_once_whoever_hands_them_over_and_go_with_the_last() {
    let place = Place::new();
    let (house, uploads) = store(&place);
    let second = Uploads::open(&house).unwrap();
    let trays = Uploads::open_in(&house, "collab-files").unwrap();
    let one = uploads.put("web:v1", "a.png", Body::from(PNG), 100).await.unwrap();
    let two = second.put("agent:alice", "b.png", Body::from(PNG), 100).await.unwrap();
    let three = trays.put("collab", "c.png", Body::from(PNG), 100).await.unwrap();
    assert!(one.file != two.file && (one.name.as_str(), two.name.as_str()) == ("a.png", "b.png"));
    assert_eq!(uploads.get(two.file).await.unwrap().by, "agent:alice", "each is its owner's");
    assert_eq!((uploads.0.heap.held(), place.bytes().len()), (PNG.len() as u64, 1));
    uploads.remove(one.file).await.unwrap();
    second.remove(two.file).await.unwrap();
    assert_eq!(trays.read(three.file).await.unwrap(), PNG, "the last still has them");
    trays.remove(three.file).await.unwrap();
    assert_eq!((uploads.0.heap.held(), place.bytes().len()), (0, 0));
}

#[tokio::test]
async fn what_no_message_names_goes_after_a_day_and_what_one_names_stays_also_over_a_start() {
    let place = Place::new();
    let (house, uploads) = store(&place);
    let put = |text: &'static str| uploads.put("web:v1", "a.txt", Body::from(text), 10);
    let (lost, sent) = (put("lost").await.unwrap().file, put("sent").await.unwrap().file);
    uploads.named(sent).unwrap();
    let now = house.clock.now().wall;
    assert_eq!(uploads.sweep(Wall(now.0 + waiting::WAITS_MS - 60_000)).await.unwrap(), 0);
    drop((uploads, house));
    let (_house, uploads) = store(&place);
    uploads.get(lost).await.unwrap();
    let late = Wall(now.0 + waiting::WAITS_MS + 60_000);
    assert_eq!(uploads.sweep(late).await.unwrap(), 1);
    assert!(matches!(uploads.named(lost), Err(UploadError::Unknown)), "too late");
    assert_eq!(uploads.read(sent).await.unwrap(), b"sent");
    assert_eq!((uploads.sweep(late).await.unwrap(), place.bytes().len()), (0, 1));
}

/// As files were kept before their bytes lay under what they are.
#[tokio::test]
async fn files_of_before_are_read_counted_kept_and_taken_away() {
    let place = Place::new();
    let (one, two) = (FileId(1), FileId(2));
    std::fs::create_dir_all(place.0.join("uploads")).unwrap();
    for file in [one, two] {
        let kept = format!(
            r#"{{"file":"{file}","name":"a.txt","mime":"text/plain","size":5,"by":"web:v1","readers":["agent:alice"]}}"#
        );
        std::fs::write(place.0.join(format!("uploads/{file}.json")), kept).unwrap();
        std::fs::write(place.0.join(format!("uploads/{file}")), "12345").unwrap();
    }
    let (house, uploads) = store(&place);
    assert_eq!(uploads.0.heap.held(), 10);
    assert!(uploads.get(one).await.unwrap().may_read("agent:alice"));
    assert_eq!(uploads.read(one).await.unwrap(), b"12345");
    uploads.named(one).unwrap();
    let late = Wall(house.clock.now().wall.0 + 2 * waiting::WAITS_MS);
    assert_eq!(uploads.sweep(late).await.unwrap(), 0, "nobody knows whether a message names them");
    uploads.grant(one, "web:v2").await.unwrap();
    assert!(uploads.get(one).await.unwrap().may_read("web:v2"));
    uploads.remove(two).await.unwrap();
    assert_eq!((uploads.0.heap.held(), place.files().len()), (5, 2));
}

#[tokio::test]
async fn bytes_that_a_crash_left_without_a_file_go_at_the_next_start() {
    let place = Place::new();
    let (house, uploads) = store(&place);
    let file = uploads.put("web:v1", "a.png", Body::from(PNG), 100).await.unwrap().file;
    drop((uploads, house));
    // As if the crash had come before the link.
    std::fs::remove_file(place.0.join(format!("uploads/{file}"))).unwrap();
    let (_house, uploads) = store(&place);
    assert_eq!((uploads.0.heap.held(), place.bytes().len()), (0, 0));
    assert!(matches!(uploads.serve(file).await, Err(UploadError::Unknown)));
    uploads.remove(file).await.unwrap();
    assert!(place.files().is_empty());
}

#[tokio::test]
async fn only_what_the_program_passes_is_taken_and_the_rest_leaves_nothing() {
    let place = Place::new();
    std::fs::create_dir_all(&place.0).unwrap();
    let program = place.0.join("scan");
    let script = "#!/bin/sh\n[ \"$1\" = --quiet ] || exit 7\nread -r line < \"$2\"\n\
                  case $line in (bad) exit 1;; (odd) exit 2;; (slow) exec sleep 60;; esac\n";
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
    let open = |program: &Path| {
        let scan = vec![program.to_str().unwrap().to_owned(), "--quiet".to_owned()];
        House::open(Settings { scan, ..Settings::at(&place.0) }).unwrap()
    };
    let house = open(&program);
    let mut scan = Scan::new(house.scan()).unwrap();
    scan.limit = Duration::from_millis(500);
    *house.files().lock().unwrap() = Some(Files::open(&place.0, Some(scan)).unwrap());
    let uploads = Uploads::open(&house).unwrap();
    let put = |text: &'static str| uploads.put("web:v1", "a.txt", Body::from(format!("{text}\n")), 10);
    let good = put("good").await.unwrap().file;
    assert!(matches!(put("bad").await, Err(UploadError::Harmful)));
    assert!(matches!(put("odd").await, Err(UploadError::Unscanned)));
    let begun = std::time::Instant::now();
    assert!(matches!(put("slow").await, Err(UploadError::Unscanned)));
    assert!(begun.elapsed() < Duration::from_secs(30), "it is not waited for");
    assert_eq!((uploads.0.heap.held(), place.bytes().len(), place.files().len()), (5, 1, 2));
    assert_eq!(uploads.read(good).await.unwrap(), b"good\n");
    drop((uploads, house));
    let house = open(&place.0.join("missing"));
    let uploads = Uploads::open(&house).unwrap();
    assert!(matches!(uploads.put("web:v1", "a", Body::from("x"), 10).await, Err(UploadError::Unscanned)));
}
