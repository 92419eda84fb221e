//! Reading the corpus, and what is asserted of every message.

use std::path::PathBuf;

use ngcc_softacd_core::sip::{Headers, Message, Reject, Request, Response, parse};

/// The folder of one part of the corpus.
pub(crate) fn folder(part: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "corpus", part].iter().collect()
}

/// The names of the cases of one part, in order.
pub(crate) fn names(part: &str) -> Vec<String> {
    let files = std::fs::read_dir(folder(part)).unwrap();
    let name = |file: std::io::Result<std::fs::DirEntry>| file.unwrap().file_name().into_string().unwrap();
    let mut names: Vec<String> =
        files.map(name).filter_map(|f| f.strip_suffix(".sip").map(str::to_owned)).collect();
    names.sort();
    names
}

/// One message.
pub(crate) fn load(part: &str, name: &str) -> Vec<u8> {
    std::fs::read(folder(part).join(format!("{name}.sip"))).unwrap()
}

/// The whole corpus.
pub(crate) fn corpus() -> Vec<Vec<u8>> {
    let of = |part: &'static str| names(part).into_iter().map(move |name| load(part, &name));
    of("rfc4475").chain(of("rfc5118")).collect()
}

/// An accepted message, which prints and reads back as itself.
pub(crate) fn accept(part: &str, name: &str) -> Message {
    let message = parse(&load(part, name)).unwrap_or_else(|bad| panic!("{name}: {:?}", bad.why));
    reads_back(&message);
    message
}

/// An accepted request.
pub(crate) fn request(part: &str, name: &str) -> Request {
    match accept(part, name) {
        Message::Request(request) => request,
        Message::Response(_) => panic!("{name} is a response"),
    }
}

/// An accepted response.
pub(crate) fn response(part: &str, name: &str) -> Response {
    match accept(part, name) {
        Message::Response(response) => response,
        Message::Request(_) => panic!("{name} is a request"),
    }
}

/// A request that is answered with `status`, and nothing else: every Via comes back as it came.
pub(crate) fn refuse(part: &str, name: &str, status: u16) {
    let bytes = load(part, name);
    let bad = parse(&bytes).expect_err(name);
    let Reject::Answer { status: got, reason } = bad.why else { panic!("{name} is dropped") };
    assert_eq!(got, status, "{name}: {reason}");
    let answer = bad.answer().unwrap();
    let printed = String::from_utf8_lossy(&answer.to_bytes()).into_owned();
    assert!(printed.starts_with(&format!("SIP/2.0 {status} ")), "{name}: {printed}");
    assert!(printed.ends_with("Content-Length: 0\r\n\r\n"), "{name}: {printed}");
    assert!(answer.headers.has("Via") && answer.headers.has("CSeq"), "{name}: {printed}");
    for via in answer.headers.lines("Via") {
        assert!(bytes.windows(via.len()).any(|w| w == via), "{name}: a Via that did not come");
    }
}

/// A message nobody is answered for.
pub(crate) fn drop_silently(part: &str, name: &str) {
    let bad = parse(&load(part, name)).expect_err(name);
    assert_eq!(bad.why, Reject::Drop, "{name}");
    assert!(bad.answer().is_none());
}

/// Printing is exact: what is printed reads as the same message, and prints as the same bytes.
pub(crate) fn reads_back(message: &Message) {
    let printed = message.to_bytes();
    let again = parse(&printed).unwrap_or_else(|bad| panic!("{:?} of\n{}", bad.why, printed.escape_ascii()));
    assert_eq!(again.to_bytes(), printed);
    assert_eq!(again.body(), message.body());
    assert_eq!(without_length(again.headers()), without_length(message.headers()));
    let start = |m: &Message| match m {
        Message::Request(r) => (Some((r.method.clone(), r.uri.clone())), None),
        Message::Response(r) => (None, Some((r.status, r.reason.clone()))),
    };
    assert_eq!(start(&again), start(message));
}

/// Printing puts the Content-Length right; everything else is as it came.
fn without_length(headers: &Headers) -> Vec<(String, Vec<u8>)> {
    let other = headers.iter().filter(|(n, _)| !n.eq_ignore_ascii_case("Content-Length"));
    other.map(|(n, v)| (n.to_owned(), v.to_vec())).collect()
}
