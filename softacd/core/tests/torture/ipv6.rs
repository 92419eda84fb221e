//! RFC 5118: IPv6 addresses wherever an address may stand.

use ngcc_proto::sdp::Sdp;
use ngcc_softacd_core::sip::{Host, Request};

use crate::support;

fn request(name: &str) -> Request {
    support::request("rfc5118", name)
}

fn v6(text: &str) -> Host {
    Host::V6(text.parse().unwrap())
}

fn sdp(request: &Request) -> Sdp {
    std::str::from_utf8(&request.body).unwrap().parse().unwrap()
}

#[test]
fn s4_1_an_ipv6_reference_is_an_address() {
    let register = request("4_1_a_valid_message_with_an_ipv6_reference");
    assert_eq!((&register.uri.host, register.uri.port), (&v6("2001:db8::10"), None));
    assert_eq!(register.headers.top_via().unwrap().host, v6("2001:db8::9:1"));
    assert_eq!(register.headers.contact().unwrap().uri.host, v6("2001:db8::1"));
}

#[test]
fn s4_2_an_ipv6_reference_needs_its_brackets() {
    support::refuse("rfc5118", "4_2_an_ipv6_reference_without_brackets", 400);
}

#[test]
fn s4_3_what_stands_in_the_brackets_is_no_port() {
    let uri = request("4_3_an_ambiguous_port").uri;
    assert_eq!((uri.host, uri.port), (v6("2001:db8::10:5070"), None));
}

#[test]
fn s4_4_what_stands_behind_the_brackets_is_a_port() {
    let uri = request("4_4_an_unambiguous_port").uri;
    assert_eq!((uri.host, uri.port), (v6("2001:db8::10"), Some(5070)));
}

#[test]
fn s4_5_a_received_address_may_have_brackets_or_not() {
    for name in ["4_5_a_received_parameter_with_brackets", "4_5_a_received_parameter_without_brackets"] {
        let via = request(name).headers.top_via().unwrap();
        assert_eq!(via.received(), Some("2001:db8::9:255".parse().unwrap()));
        assert_eq!(via.branch(), Some("z9hG4bKas3-111"));
    }
}

#[test]
fn s4_6_a_session_description_has_ipv6_addresses() {
    let sdp = sdp(&request("4_6_a_session_description_with_ipv6_addresses"));
    assert_eq!(sdp.connection, Some("2001:db8::20".parse().unwrap()));
}

#[test]
fn s4_7_addresses_of_both_kinds_stand_side_by_side() {
    let vias = request("4_7_addresses_of_both_kinds_in_headers").headers.via().unwrap();
    assert_eq!((&vias[0].host, vias[0].port), (&v6("2001:db8::9:1"), Some(6050)));
    assert_eq!(vias[1].host, Host::V4([192, 0, 2, 1].into()));
    assert_eq!(vias[2].received(), Some([192, 0, 2, 200].into()));
}

#[test]
fn s4_8_every_medium_has_an_address_of_its_own() {
    let sdp = sdp(&request("4_8_addresses_of_both_kinds_in_a_session_description"));
    assert_eq!(sdp.address(&sdp.media[0]), Some([192, 0, 2, 1].into()));
    assert_eq!(sdp.address(&sdp.media[1]), Some("2001:db8::1".parse().unwrap()));
}

#[test]
fn s4_9_a_mapped_ipv4_address_is_an_ipv6_address() {
    let invite = request("4_9_ipv4_mapped_ipv6_addresses");
    let vias = invite.headers.via().unwrap();
    assert_eq!((&vias[0].host, vias[0].port), (&v6("::ffff:192.0.2.10"), Some(19823)));
    assert_eq!(invite.headers.contact().unwrap().uri.host, v6("::ffff:192.0.2.2"));
    assert_eq!(sdp(&invite).connection, Some("::ffff:192.0.2.2".parse().unwrap()));
}

#[test]
fn s4_10_three_colons_are_tolerated_as_two() {
    let three = request("4_10_three_colons_before_an_embedded_ipv4_address");
    let two = request("4_10_two_colons_before_an_embedded_ipv4_address");
    assert_eq!(three.uri.host, v6("2001:db8::192.0.2.1"));
    assert_eq!(three.uri.host, two.uri.host);
    assert_eq!(three.uri.as_str(), "sip:user@[2001:db8:::192.0.2.1]", "and it prints as it came");
}

#[test]
fn every_message_of_the_corpus_has_a_verdict() {
    let accepted = |name: &String| ngcc_softacd_core::sip::parse(&support::load("rfc5118", name)).is_ok();
    let (accepted, refused): (Vec<_>, Vec<_>) = support::names("rfc5118").into_iter().partition(accepted);
    assert_eq!((accepted.len(), refused.len()), (11, 1), "accepted: {accepted:?}\nrefused: {refused:?}");
}
