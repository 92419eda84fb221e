//! RFC 4475: the messages that are accepted, and what is read from them. Sections 3.2 and 3.3 are
//! well-formed messages whose trouble is a matter of transactions and applications.

use ngcc_proto::sdp::Sdp;
use ngcc_softacd_core::sip::{Contacts, Host, Message, Method, NameAddr, Request, Scheme, Via};

use crate::support;

fn request(name: &str) -> Request {
    support::request("rfc4475", name)
}

fn contacts(request: &Request) -> Vec<NameAddr> {
    match request.headers.contacts().unwrap() {
        Contacts::These(list) => list,
        Contacts::Any => panic!("a star"),
    }
}

fn branches(vias: &[Via]) -> Vec<Option<&str>> {
    vias.iter().map(Via::branch).collect()
}

#[test]
fn s3_1_1_1_a_short_tortuous_invite() {
    let invite = request("3_1_1_1_a_short_tortuous_invite");
    let h = &invite.headers;
    assert_eq!(invite.method, Method::Invite);
    assert_eq!(invite.uri.params.get("unknownparam"), Some(""));
    let to = h.to().unwrap();
    assert_eq!((to.uri.as_str(), to.tag()), ("sip:vera@desk.example.com", Some("1918181833n")));
    let from = h.from().unwrap();
    assert_eq!((from.display.as_deref(), from.tag()), (Some("J Miller \\\""), Some("98asjd8")));
    assert_eq!((h.max_forwards(), h.cseq().unwrap()), (Some(68), (9, Method::Invite)));
    assert_eq!(h.call_id().unwrap(), "short.ndaksdj@192.0.2.1");
    let vias = h.via().unwrap();
    assert_eq!(branches(&vias), [Some("390skdjuw"), Some("z9hG4bK9ikj8"), Some("z9hG4bK30239")]);
    assert_eq!(vias[2].host, Host::V4([192, 168, 255, 111].into()));
    assert_eq!(h.get("Subject"), Some(""));
    assert_eq!(h.get("newfangledheader"), Some("newfangled value continued newfangled value"));
    assert_eq!(h.get("UnknownHeaderWithUnusualValue"), Some(";;,,;;,;"));
    let route = h.route().unwrap();
    assert_eq!(route[0].uri.params.get("unknownwith"), Some("value"));
    let contact = h.contact().unwrap();
    assert_eq!(contact.display.as_deref(), Some("Quoted string \"\""));
    assert_eq!((contact.params.get("newparam"), contact.params.get("q")), (Some("newvalue"), Some("0.33")));
    assert_eq!(h.content_length(), Some(invite.body.len()));
    assert!(std::str::from_utf8(&invite.body).unwrap().parse::<Sdp>().is_ok());
}

#[test]
fn s3_1_1_2_a_wide_range_of_valid_characters() {
    let odd = request("3_1_1_2_a_wide_range_of_valid_characters");
    assert_eq!(odd.method.as_str(), "!interesting-Method0123456789_*+`.%indeed'~");
    assert_eq!(odd.uri.user.as_deref(), Some("1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*"));
    assert_eq!(odd.uri.password.as_deref(), Some("&it+has=1,weird!*pas$wo~d_too.(doesn't-it)"));
    let to = odd.headers.to().unwrap();
    assert_eq!(to.display.as_deref(), Some("BEL:\u{7} NUL:\0 DEL:\u{7f}"));
    assert_eq!(to.to_string().parse(), Ok(to));
    let from = odd.headers.from().unwrap();
    assert_eq!(from.display.as_deref(), Some("token1~` token2'+_ token3*%!.-"));
    assert_eq!(from.params.get("fromParam''~+*_!.-%"), Some("работающий"));
    assert_eq!(from.tag(), Some("_token~1'+`*%!-."));
    assert_eq!(odd.headers.call_id().unwrap(), "intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{");
    assert_eq!(odd.headers.get("extensionHeader-!.%*+_`'~"), Some("\u{feff}大停電"));
}

#[test]
fn s3_1_1_3_percent_escapes_are_resolved_once() {
    let invite = request("3_1_1_3_valid_use_of_the_percent_escaping_mechanism");
    assert_eq!(invite.uri.user.as_deref(), Some("sips:user@example.com"));
    assert_eq!(invite.uri.host, Host::Name("example.net".to_owned()));
    assert_eq!(invite.headers.to().unwrap().uri.user.as_deref(), Some("user"));
    assert_eq!(invite.headers.from().unwrap().uri.user.as_deref(), Some("I have spaces"));
    let contact = invite.headers.contact().unwrap();
    assert_eq!(contact.uri.user.as_deref(), Some("caller"));
    assert!(contact.uri.params.has("lr"));
    assert_eq!(contact.uri.params.decoded("name").as_deref(), Some("value%41"));
    assert_eq!(invite.headers.content_type().as_deref(), Some("application/sdp"));
}

#[test]
fn s3_1_1_4_an_escaped_null_ends_nothing() {
    let register = request("3_1_1_4_escaped_nulls_in_uris");
    assert_eq!(register.headers.to().unwrap().uri.user.as_deref(), Some("null-\0-null"));
    let users: Vec<_> = contacts(&register).into_iter().map(|c| c.uri.user.unwrap()).collect();
    assert_eq!(users, ["\0", "\0\0"]);
}

#[test]
fn s3_1_1_5_a_percent_outside_uris_escapes_nothing() {
    let odd = request("3_1_1_5_use_of_percent_when_it_is_not_an_escape");
    assert_eq!(odd.method, Method::Other("RE%47IST%45R".into()));
    assert_eq!(odd.headers.to().unwrap().display.as_deref(), Some("%Z%45"));
    assert_eq!(contacts(&odd).len(), 2);
    assert_eq!(odd.headers.get("C%6Fntact"), Some("<sip:alias2@host2.example.com>"));
    assert_eq!(odd.headers.top_via().unwrap().branch(), Some("z9hG4bK209%fzsnel234"));
}

#[test]
fn s3_1_1_6_no_blank_is_needed_before_a_bracket() {
    let from = request("3_1_1_6_no_blank_between_display_name_and_bracket").headers.from().unwrap();
    assert_eq!((from.display.as_deref(), from.tag()), (Some("caller"), Some("323")));
}

#[test]
fn s3_1_1_7_long_values_are_read_whole() {
    let invite = request("3_1_1_7_long_values_in_header_fields");
    let vias = invite.headers.via().unwrap();
    assert_eq!(vias.len(), 35);
    assert_eq!(vias[0].host, Host::Name("sip33.example.com".to_owned()));
    assert!(vias[34].branch().unwrap().ends_with("branchvalue"));
    assert_eq!(invite.headers.to().unwrap().uri.port, Some(6000));
    assert!(invite.headers.from().unwrap().tag().unwrap().len() > 150);
}

#[test]
fn s3_1_1_8_what_trails_a_datagram_is_cut_off() {
    let register = request("3_1_1_8_extra_trailing_octets_in_a_datagram");
    assert_eq!(register.method, Method::Register);
    assert!(register.body.is_empty());
}

#[test]
fn s3_1_1_9_a_user_may_hold_semicolons() {
    let options = request("3_1_1_9_semicolons_in_the_user_part");
    assert_eq!(options.uri.user.as_deref(), Some("user;par=u@example.net"));
    assert_eq!(options.uri.host, Host::Name("example.com".to_owned()));
    assert_eq!(options.headers.all("Accept").count(), 6);
}

#[test]
fn s3_1_1_10_transports_of_any_name_pass() {
    let vias = request("3_1_1_10_varied_and_unknown_transports").headers.via().unwrap();
    let transports: Vec<_> = vias.iter().map(|v| v.transport.as_str()).collect();
    assert_eq!(transports, ["UDP", "SCTP", "TLS", "UNKNOWN", "TCP"]);
}

#[test]
fn s3_1_1_11_a_body_is_bytes() {
    let message = request("3_1_1_11_a_multipart_body_with_binary_parts");
    assert_eq!(message.headers.content_type().as_deref(), Some("multipart/mixed"));
    let every_byte: Vec<u8> = (0..=255).collect();
    assert!(message.body.windows(256).any(|w| w == every_byte));
    assert!(message.body.ends_with(b"--7a9cbec02ceef655--\r\n"));
}

#[test]
fn s3_1_1_12_a_reason_phrase_is_any_text() {
    let response = support::response("rfc4475", "3_1_1_12_an_unusual_reason_phrase");
    assert_eq!(response.status, 200);
    assert_eq!(response.reason, "= 2**3 * 5**2 но сто девяносто девять - простое");
}

#[test]
fn s3_1_1_13_a_reason_phrase_may_be_empty() {
    let response = support::response("rfc4475", "3_1_1_13_an_empty_reason_phrase");
    assert_eq!((response.status, response.reason.as_str()), (100, ""));
}

#[test]
fn s3_2_1_a_branch_of_the_magic_cookie_alone_is_read() {
    let options = request("3_2_1_a_branch_without_a_transaction_identifier");
    assert_eq!(options.headers.top_via().unwrap().branch(), Some("z9hG4bK"));
}

#[test]
fn s3_3_4_unknown_schemes_are_kept_whole() {
    let register = request("3_3_4_unknown_schemes_in_headers");
    let to = register.headers.to().unwrap();
    assert_eq!(
        (to.uri.scheme.clone(), to.uri.as_str()),
        (Scheme::Other("isbn".to_owned()), "isbn:2983792873")
    );
    assert_eq!(register.headers.from().unwrap().uri.as_str(), "http://www.example.com");
    assert_eq!(register.headers.contact().unwrap().uri.as_str(), "name:John_Smith");
}

#[test]
fn s3_3_5_required_extensions_are_listed() {
    let options = request("3_3_5_proxy_require_and_require");
    let required: Vec<_> = options.headers.all("Require").collect();
    assert_eq!(required, ["nothingSupportsThis", "nothingSupportsThisEither"]);
    assert!(options.headers.lists("Proxy-Require", "noproxiessupportthis"));
}

#[test]
fn s3_3_6_the_media_type_is_told() {
    let invite = request("3_3_6_an_unknown_content_type");
    assert_eq!(invite.headers.content_type().as_deref(), Some("application/unknownformat"));
}

#[test]
fn s3_3_7_an_unknown_authorization_scheme_is_no_credential() {
    let register = request("3_3_7_an_unknown_authorization_scheme");
    assert!(register.headers.has("Authorization"));
    assert_eq!(register.headers.authorization().count(), 0);
}

#[test]
fn s3_3_10_every_via_of_a_response_is_told() {
    let response = support::response("rfc4475", "3_3_10_a_200_with_a_broadcast_via");
    let vias = response.headers.via().unwrap();
    assert_eq!(vias[1].host, Host::V4([255, 255, 255, 255].into()));
}

#[test]
fn s3_3_11_max_forwards_may_be_zero() {
    assert_eq!(request("3_3_11_max_forwards_of_zero").headers.max_forwards(), Some(0));
}

#[test]
fn s3_3_12_without_brackets_a_parameter_is_the_contacts() {
    let contact = request("3_3_12_register_with_a_contact_parameter").headers.contact().unwrap();
    assert!(contact.params.has("unknownparam") && contact.uri.params.is_empty());
}

#[test]
fn s3_3_13_within_brackets_a_parameter_is_the_uris() {
    let contact = request("3_3_13_register_with_a_uri_parameter").headers.contact().unwrap();
    assert!(contact.params.is_empty() && contact.uri.params.has("unknownparam"));
    assert_eq!(contact.uri.user.as_deref(), Some("+19725552222"));
}

#[test]
fn s3_3_14_an_escaped_header_stays_in_its_uri() {
    let register = request("3_3_14_register_with_an_escaped_header_in_a_uri");
    let contact = register.headers.contact().unwrap();
    assert_eq!(contact.uri.header("route").as_deref(), Some("<sip:sip.example.com>"));
    assert!(!register.headers.has("Route"));
}

#[test]
fn s3_3_15_what_is_accepted_is_told() {
    let invite = request("3_3_15_an_accept_that_names_no_session_format");
    assert_eq!(invite.headers.all("Accept").collect::<Vec<_>>(), ["text/nobodyKnowsThis"]);
}

#[test]
fn s3_4_1_the_syntax_of_rfc_2543_is_read() {
    let invite = request("3_4_1_an_invite_of_rfc_2543");
    assert_eq!(invite.headers.top_via().unwrap().branch(), None);
    assert_eq!(invite.headers.from().unwrap().tag(), None);
    assert_eq!(invite.headers.max_forwards(), None);
    assert_eq!(invite.headers.record_route().unwrap()[0].uri.params.get("maddr"), Some("ss1.example.com"));
}

#[test]
fn every_message_of_the_corpus_has_a_verdict() {
    let (mut accepted, mut refused) = (vec![], vec![]);
    for name in support::names("rfc4475") {
        match ngcc_softacd_core::sip::parse(&support::load("rfc4475", &name)) {
            Ok(Message::Request(_) | Message::Response(_)) => accepted.push(name),
            Err(_) => refused.push(name),
        }
    }
    assert_eq!((accepted.len(), refused.len()), (25, 24), "accepted: {accepted:?}\nrefused: {refused:?}");
}

#[test]
fn a_display_name_in_latin_1_is_read_and_an_unknown_header_keeps_its_bytes() {
    let bytes = b"OPTIONS sip:a@example.com SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\n\
        From: \"Andr\xe9\" <sip:b@c>;tag=1\r\nTo: <sip:a@example.com>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n\
        X-Note: \xff\xfe\r\n\r\n";
    let message = ngcc_softacd_core::sip::parse(bytes).unwrap();
    support::reads_back(&message);
    assert_eq!(message.headers().from().unwrap().display.as_deref(), Some("André"));
    assert_eq!(message.headers().from_tag(), Some("1"));
    assert_eq!(message.headers().bytes("x-note"), Some(b"\xff\xfe".as_slice()));
    assert_eq!(message.headers().get("x-note"), None);
}
