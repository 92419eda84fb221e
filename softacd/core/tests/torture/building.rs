//! Messages we make ourselves, and headers read by their meaning.

use ngcc_softacd_core::sip::{
    Headers, Host, Message, Method, NameAddr, Refresher, Request, Response, SessionExpires, Uri, Via, parse,
    replaces_parts,
};

use crate::support;

const INVITE: &str = "INVITE sip:1000@example.com SIP/2.0\r\n\
    Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1;rport, SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK2\r\n\
    v: SIP/2.0/UDP 192.0.2.3;branch=z9hG4bK3\r\n\
    Max-Forwards: 70\r\nf: \"A\" <sip:a@example.com>;tag=1\r\nTo: sip:1000@example.com\r\ni: call\r\n\
    CSeq: 7 INVITE\r\nm: <sip:a@192.0.2.1>\r\nTimestamp: 54\r\nk: 100rel, timer\r\n\
    Session-Expires: 1800 ; refresher=UAC\r\nMin-SE: 90\r\nRAck: 776656 1 INVITE\r\nAllow: INVITE, ACK,FOO\r\n\
    Replaces: 98732@host;from-tag=r33th4x0r;to-tag=ff87ff\r\nExpires: 99999999999\r\n\
    c: Application / SDP ; charset=utf-8\r\nl: 2\r\n\r\nhi";

fn invite() -> Request {
    match parse(INVITE.as_bytes()) {
        Ok(Message::Request(request)) => request,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_response_carries_what_belongs_to_it_and_gets_our_tag_once() {
    let mut response = Response::to(&invite(), 180);
    response.tag("ours");
    response.tag("again");
    assert_eq!(
        String::from_utf8(response.to_bytes()).unwrap(),
        "SIP/2.0 180 Ringing\r\n\
         Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1;rport, SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK2\r\n\
         Via: SIP/2.0/UDP 192.0.2.3;branch=z9hG4bK3\r\n\
         From: \"A\" <sip:a@example.com>;tag=1\r\nTo: sip:1000@example.com;tag=ours\r\nCall-ID: call\r\n\
         CSeq: 7 INVITE\r\nContent-Length: 0\r\n\r\n"
    );
    support::reads_back(&Message::Response(response));
    assert_eq!(Response::to(&invite(), 100).headers.get("Timestamp"), Some("54"));
}

#[test]
fn the_topmost_via_is_changed_and_taken_away_alone() {
    let mut headers = invite().headers;
    let mut via = headers.top_via().unwrap();
    via.params.set("rport", "5070");
    via.params.set("received", "192.0.2.99");
    headers.set_top_via(&via);
    let vias = headers.via().unwrap();
    assert_eq!(
        (vias.len(), vias[0].rport(), vias[0].received()),
        (3, Some(5070), Some([192, 0, 2, 99].into()))
    );
    assert_eq!(vias[1].branch(), Some("z9hG4bK2"));
    for left in [2, 1] {
        headers.pop_via();
        assert_eq!(headers.via().unwrap().len(), left);
    }
    headers.pop_via();
    assert!(headers.via().is_err());
    headers.set_top_via(&via);
    assert_eq!(headers.top_via(), Ok(via));
}

#[test]
fn headers_are_read_by_meaning() {
    let headers = invite().headers;
    assert_eq!(
        headers.session_expires(),
        Some(SessionExpires { delta: 1800, refresher: Some(Refresher::Uac) })
    );
    assert_eq!(headers.min_se(), Some(90));
    assert_eq!(headers.rack(), Some((776_656, 1, Method::Invite)));
    assert_eq!(headers.allow(), [Method::Invite, Method::Ack, Method::Other("FOO".into())]);
    assert!(headers.lists("Supported", "TIMER") && !headers.lists("Supported", "replaces"));
    let replaces = ("98732@host".to_owned(), "ff87ff".to_owned(), "r33th4x0r".to_owned());
    assert_eq!(headers.replaces(), Some(replaces));
    assert_eq!(replaces_parts("only-a-call-id"), None);
    assert_eq!(headers.expires(), Some(u32::MAX), "too large a number is the largest");
    assert_eq!(headers.content_type().as_deref(), Some("application/sdp"));
    assert_eq!((headers.from_tag(), headers.to_tag()), (Some("1"), None));
    let mut busy = Headers::new();
    busy.push("Retry-After", "18000;duration=3600");
    assert_eq!(busy.retry_after(), Some(18_000));
}

#[test]
fn a_request_of_ours_reads_back_as_it_was_made() {
    let uri = Uri::sip(Some("alice"), Host::V6("2001:db8::1".parse().unwrap()), Some(5062));
    let mut request = Request::new(Method::Invite, uri.clone());
    let mut via: Via = "SIP/2.0/UDP 192.0.2.1:5060".parse().unwrap();
    via.params.set("branch", "z9hG4bK77");
    via.params.flag("rport");
    request.headers.push("Via", via.to_string());
    let mut from = NameAddr::new(Uri::sip(Some("1 000"), Host::Name("example.com".to_owned()), None));
    from.display = Some("Anna \"die\" Große\\".to_owned());
    from.params.set("tag", "t");
    request.headers.push("From", from.to_string());
    request.headers.push("To", NameAddr::new(uri).to_string());
    request.headers.push("Call-ID", "c");
    request.headers.push("CSeq", "1 INVITE");
    request.headers.push_front("Route", "<sip:192.0.2.9;lr>");
    request.carry("application/sdp", "v=0\r\n");
    let Ok(Message::Request(again)) = parse(&request.to_bytes()) else { panic!("it is refused") };
    assert_eq!(again.headers.from(), Ok(from));
    assert_eq!(again.headers.top_via(), Ok(via));
    assert_eq!(again.headers.iter().next(), Some(("Route", b"<sip:192.0.2.9;lr>".as_slice())));
    assert_eq!(again.headers.content_length(), Some(5));
    support::reads_back(&Message::Request(again));
}

#[test]
fn no_value_opens_a_header_of_its_own() {
    let mut request = invite();
    request.headers.set("Subject", "x\r\nContact: <sip:evil@example.com>\r\n\r\nBYE ");
    request.headers.set("Contact", "<sip:a@192.0.2.7>");
    let Ok(Message::Request(again)) = parse(&request.to_bytes()) else { panic!("it is refused") };
    assert_eq!(again.headers.contact().unwrap().uri.as_str(), "sip:a@192.0.2.7");
    assert_eq!(again.headers.lines("Contact").count(), 1);
    assert_eq!(again.body, "hi");
}

#[test]
fn headers_go_from_one_message_to_another() {
    let from = invite().headers;
    let mut own = Headers::new();
    own.push("Server", "ngcc");
    own.copy("via", &from);
    own.copy("Call-ID", &from);
    let names: Vec<_> = own.iter().map(|(name, _)| name.to_owned()).collect();
    assert_eq!(names, ["Server", "Via", "Via", "Call-ID"]);
    assert_eq!(own.via(), from.via());
    own.remove("v");
    assert_eq!(own.len(), 2);
}

#[test]
fn what_a_log_may_show_holds_no_value() {
    let shown = format!("{:?}", invite());
    assert!(shown.starts_with("INVITE [\"Via\", "), "{shown}");
    assert!(!shown.contains("example.com") && !shown.contains("hi\""), "{shown}");
}
