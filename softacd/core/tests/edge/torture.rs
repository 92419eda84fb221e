//! RFC 4475 and RFC 5118 on the wire: every message of the corpus by datagram and over a stream, at an edge
//! that is responsible for the domains in it and at one that is not, and what leaves for it. What the parser
//! reads from these messages is asserted elsewhere.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use ngcc_proto::access::{Cause, Command, Event};
use ngcc_softacd_core::{Conn, Flow, Input, Output};

use crate::world::*;

/// The verdicts on valid messages. The columns: the message; what it gets where its domain is ours; what it
/// gets where it is not; the port its answer goes to (the one of its topmost Via, RFC 3261 section 18.2.2, or
/// `source`); what it gets over a stream.
///
/// `-` is silence, a number the one final response, `call=x` a 100 and the arrival of a call that dialled x.
/// Over a stream `same` is as at home, `!` the end of the connection after the answer, `~` a wait for bytes that
/// the last message announces and that never come, and then the end of the connection without an answer.
const S3_1_1: &str = "
3_1_1_1_a_short_tortuous_invite                               481  481 5060   same
3_1_1_2_a_wide_range_of_valid_characters                      501  501 5060   same
3_1_1_3_valid_use_of_the_percent_escaping_mechanism           call=sips:user@example.com 404 5060 same
3_1_1_4_escaped_nulls_in_uris                                 401  404 5060   same
3_1_1_5_use_of_percent_when_it_is_not_an_escape               501  501 5060   same
3_1_1_6_no_blank_between_display_name_and_bracket             200  404 5060   same
3_1_1_7_long_values_in_header_fields                          call=user 404 5060 same
3_1_1_8_extra_trailing_octets_in_a_datagram                   401  404 5060   401~
3_1_1_9_semicolons_in_the_user_part                           200  404 5060   same
3_1_1_10_varied_and_unknown_transports                        200  404 5060   same
3_1_1_11_a_multipart_body_with_binary_parts                   415  404 source same
3_1_1_12_an_unusual_reason_phrase                             -    -   -      same
3_1_1_13_an_empty_reason_phrase                               -    -   -      same
";

/// The same for messages that are malformed: whose domain they name is not looked at.
const S3_1_2: &str = "
3_1_2_1_extraneous_header_separators                          400  400 source same
3_1_2_2_content_length_larger_than_the_message                400  400 source ~
3_1_2_3_a_negative_content_length                             400  400 source 400!
3_1_2_4_request_numbers_too_large                             400  400 source same
3_1_2_5_response_numbers_too_large                            -    -   -      same
3_1_2_6_an_unterminated_quoted_display_name                   400  400 source same
3_1_2_7_brackets_around_the_request_uri                       400  400 source same
3_1_2_8_a_blank_within_the_request_uri                        400  400 source same
3_1_2_9_several_blanks_in_the_request_line                    400  400 source same
3_1_2_10_blanks_at_the_end_of_the_request_line                400  400 source same
3_1_2_11_headers_in_the_request_uri                           400  400 source same
3_1_2_12_a_date_outside_gmt                                   400  400 source same
3_1_2_13_a_contact_with_headers_and_no_brackets               400  400 source same
3_1_2_14_blanks_within_an_address                             400  400 source same
3_1_2_15_a_comma_in_an_unquoted_display_name                  400  400 source same
3_1_2_16_an_unknown_protocol_version                          505  505 source same
3_1_2_17_start_line_and_cseq_name_different_methods           400  400 source same
3_1_2_18_an_unknown_method_and_another_in_cseq                400  400 source same
3_1_2_19_a_response_code_too_large                            -    -   -      same
";

/// The same for messages whose trouble is a matter of transactions, of applications, or of their age.
/// The Via of 3.3.5 names TLS, whose port is 5061. An endpoint takes no notice of a Max-Forwards of 0 (3.3.11),
/// and an answer to 3.3.15 could hold nothing that its sender reads. The INVITE of RFC 2543 (3.4.1) has no Contact
/// and leaves nowhere to send a BYE to, and on a stream no Content-Length says where it ends.
const S3_2_TO_3_4: &str = "
3_2_1_a_branch_without_a_transaction_identifier               200  404 5060   same
3_3_1_missing_required_headers                                400  400 source same
3_3_2_a_request_uri_of_unknown_scheme                         416  416 source same
3_3_3_a_request_uri_of_known_but_atypical_scheme              416  416 source same
3_3_4_unknown_schemes_in_headers                              401  404 5060   same
3_3_5_proxy_require_and_require                               420  404 5061   same
3_3_6_an_unknown_content_type                                 415  404 5060   same
3_3_7_an_unknown_authorization_scheme                         401  404 5060   same
3_3_8_several_values_where_one_is_allowed                     400  400 source same
3_3_9_several_content_lengths                                 400  400 source 400!
3_3_10_a_200_with_a_broadcast_via                             -    -   -      same
3_3_11_max_forwards_of_zero                                   200  404 5060   same
3_3_12_register_with_a_contact_parameter                      401  404 5060   same
3_3_13_register_with_a_uri_parameter                          401  404 5060   same
3_3_14_register_with_an_escaped_header_in_a_uri               401  404 5060   same
3_3_15_an_accept_that_names_no_session_format                 406  404 5060   same
3_4_1_an_invite_of_rfc_2543                                   400  404 5060   400!
";

/// The same for IPv6. The address of 4.3 is another than the one of 4.1 and 4.4, which is ours.
const S4: &str = "
4_1_a_valid_message_with_an_ipv6_reference                    401  404 5060   same
4_2_an_ipv6_reference_without_brackets                        400  400 source same
4_3_an_ambiguous_port                                         404  404 5060   same
4_4_an_unambiguous_port                                       401  404 5060   same
4_5_a_received_parameter_with_brackets                        481  481 5060   same
4_5_a_received_parameter_without_brackets                     481  481 5060   same
4_6_a_session_description_with_ipv6_addresses                 call=user 404 5060 same
4_7_addresses_of_both_kinds_in_headers                        481  481 6050   same
4_8_addresses_of_both_kinds_in_a_session_description          call=user 404 5060 same
4_9_ipv4_mapped_ipv6_addresses                                call=user 404 19823 same
4_10_three_colons_before_an_embedded_ipv4_address             200  404 5060   same
4_10_two_colons_before_an_embedded_ipv4_address               200  404 5060   same
";

const RFC_4475: [&str; 3] = [S3_1_1, S3_1_2, S3_2_TO_3_4];

/// One message and its verdicts.
struct Case {
    name: &'static str,
    bytes: Bytes,
    home: &'static str,
    abroad: &'static str,
    port: &'static str,
    stream: &'static str,
}

fn file(rfc: &str, name: &str) -> String {
    format!("{}/tests/corpus/{rfc}/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn cases(rfc: &str, table: &'static str) -> Vec<Case> {
    let case = |line: &'static str| {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let [name, home, abroad, port, stream] = columns[..] else { panic!("{line}") };
        let bytes = Bytes::from(std::fs::read(file(rfc, &format!("{name}.sip"))).unwrap());
        let stream = if stream == "same" { home } else { stream };
        Case { name, bytes, home, abroad, port, stream }
    };
    table.lines().filter(|l| !l.is_empty()).map(case).collect()
}

/// Who sends them all: none of the addresses in them.
fn sender() -> SocketAddr {
    SocketAddr::from(([203, 0, 113, 9], 6001))
}

/// The edge of the domains and of one of the addresses that the corpus names.
fn home() -> World {
    World::with(|s| {
        let names = ["example.com", "example.net", "example.org"];
        s.domains.extend(names.map(str::to_owned));
        s.addresses.extend(["2001:db8::10", "2001:db8::192.0.2.1"].map(|a| a.parse::<IpAddr>().unwrap()));
    })
}

fn datagram(w: &mut World, bytes: &Bytes) {
    let at = w.now.mono;
    w.handle(Input::Datagram { peer: sender(), local: 0, at, bytes: bytes.clone() });
}

fn stream(w: &mut World, bytes: &Bytes) {
    let at = w.now.mono;
    w.handle(Input::Received { conn: Conn(1), at, bytes: bytes.clone() });
}

/// What answers to `case` are sent to when it came in a datagram.
fn way_back(case: &Case) -> Flow {
    let port = if case.port == "source" { sender().port() } else { case.port.parse().unwrap_or(0) };
    Flow::Udp { local: 0, peer: SocketAddr::new(sender().ip(), port) }
}

/// What was sent since the last look, all of it to `to`.
fn sent_to(w: &mut World, to: Flow, name: &str) -> Vec<String> {
    assert!(
        !w.outputs.iter().any(|o| matches!(o, Output::Connect { .. } | Output::Resolve { .. })),
        "{name}"
    );
    let sent = w.sent();
    assert!(sent.iter().all(|s| s.to == to), "{name}: all goes to {to:?}: {sent:#?}");
    sent.into_iter().map(|s| s.text).collect()
}

/// What a response of that status must say.
fn says_why(name: &str, response: &str) {
    let holds = |header: &str, what: &str| {
        let value = has(response, header).unwrap_or_default();
        assert!(value.contains(what), "{name}: {header} with {what} in {response}");
    };
    assert_eq!(body(response), "", "{name}");
    match status(response) {
        200 => {
            holds("Accept", "application/sdp");
            holds("Allow", "INVITE, ACK, BYE");
        }
        401 => holds("WWW-Authenticate", "Digest realm=\"ngcc\""),
        405 | 501 => holds("Allow", "INVITE, ACK, BYE"),
        415 if value(response, "CSeq").contains("MESSAGE") => holds("Accept", "text/plain"),
        406 | 415 => holds("Accept", "application/sdp"),
        420 => holds("Unsupported", "nothingSupportsThis, nothingSupportsThisEither"),
        _ => {}
    }
}

/// Sends a message and holds what comes back against its verdict.
fn meets(w: &mut World, case: &Case, verdict: &str, to: Flow, send: fn(&mut World, &Bytes)) {
    let name = case.name;
    send(w, &case.bytes);
    if let Some(dialled) = verdict.strip_prefix("call=") {
        return rings_and_is_declined(w, case, dialled, to, send);
    }
    let verdict = verdict.trim_end_matches(['!', '~', '-']);
    let expected: Option<u16> = (!verdict.is_empty()).then(|| verdict.parse().unwrap());
    let sent = sent_to(w, to, name);
    assert_eq!(
        sent.iter().map(|s| status(s)).collect::<Vec<_>>(),
        Vec::from_iter(expected),
        "{name}: {sent:#?}"
    );
    for response in &sent {
        says_why(name, response);
        // Malformed requests are answered with their heads as they came; all others with heads that read.
        if !matches!(status(response), 400 | 416 | 505) {
            check(response);
            assert!(value(response, "To").replace(' ', "").contains(";tag="), "{name}: {response}");
            assert!(value(response, "Via").contains(";received=203.0.113.9"), "{name}: {response}");
        }
    }
    assert!(w.told().is_empty() && w.records.is_empty(), "{name}: nothing is kept");
    w.pass(Duration::from_secs(20));
    assert!(sent_to(w, to, name).is_empty(), "{name}: one final response and no more");
}

/// A call that is taken has one end: it is told, rings, and is declined once.
fn rings_and_is_declined(w: &mut World, case: &Case, number: &str, to: Flow, send: fn(&mut World, &Bytes)) {
    let name = case.name;
    let statuses = |sent: Vec<String>| {
        sent.iter().for_each(|s| check(s));
        sent.iter().map(|s| status(s)).collect::<Vec<_>>()
    };
    assert_eq!(statuses(sent_to(w, to, name)), [100], "{name}");
    let told = w.told();
    let [Event::Arrived { leg, dialled, offer: Some(_), .. }] = &told[..] else { panic!("{name}: {told:?}") };
    assert_eq!(dialled, number, "{name}");
    let leg = *leg;
    w.put(Command::Ring { leg });
    assert_eq!(statuses(sent_to(w, to, name)), [180], "{name}");
    w.release(leg, Cause::Declined);
    let declined = sent_to(w, to, name);
    assert_eq!(statuses(declined.clone()), [603], "{name}");
    send(w, &case.bytes);
    assert_eq!(sent_to(w, to, name), declined, "{name}: a repeat gets the same answer");
    assert!(w.told().is_empty(), "{name}: a repeat is no second call");
    let ack = String::from_utf8(case.bytes.to_vec()).unwrap().replace("INVITE", "ACK");
    send(w, &Bytes::from(ack));
    w.pass(Duration::from_secs(40));
    assert!(sent_to(w, to, name).is_empty(), "{name}: one final response and no more");
    assert!(w.told().is_empty() && w.records.is_empty(), "{name}: nothing is kept");
}

fn ping(port: u16) -> String {
    Invite { body: None, ..Invite::new(peer(port)) }.text().replace("INVITE", "OPTIONS")
}

fn still_answers(w: &mut World, name: &str) {
    w.hears(peer(6099), &ping(6099));
    let sent = sent_to(w, Flow::Udp { local: 0, peer: peer(6099) }, name);
    assert_eq!(sent.iter().map(|s| status(s)).collect::<Vec<_>>(), [200], "{name}");
}

fn at_home_and_abroad(rfc: &str, table: &'static str) {
    for case in cases(rfc, table) {
        for (mut w, verdict) in [(home(), case.home), (World::new(), case.abroad)] {
            meets(&mut w, &case, verdict, way_back(&case), datagram);
            still_answers(&mut w, case.name);
            let left = w.access.census();
            assert_eq!((left.legs, left.served, left.timers), (0, 0, 0), "{}: {left:?}", case.name);
        }
    }
}

fn is_closed(w: &World) -> bool {
    w.outputs.iter().any(|o| matches!(o, Output::Close { conn: Conn(1) }))
}

fn over_a_stream(rfc: &str, table: &'static str) {
    for case in cases(rfc, table) {
        let mut w = home();
        w.handle(Input::Opened { conn: Conn(1), peer: sender() });
        let on = Flow::Tcp { conn: Conn(1) };
        meets(&mut w, &case, case.stream, on, stream);
        assert_eq!(is_closed(&w), case.stream.ends_with('!'), "{}: whether it is closed", case.name);
        if case.stream.ends_with('~') {
            w.pass(Duration::from_secs(13));
            assert!(is_closed(&w) && w.sent().is_empty(), "{}: it waits for ever", case.name);
        } else if !is_closed(&w) {
            w.hears_on(1, &ping(6098).replace("SIP/2.0/UDP", "SIP/2.0/TCP"));
            let sent = sent_to(&mut w, on, case.name);
            assert_eq!(sent.iter().map(|s| status(s)).collect::<Vec<_>>(), [200], "{}", case.name);
        }
        still_answers(&mut w, case.name);
    }
}

#[test]
fn rfc_4475_section_3_1_1_valid_messages_in_datagrams() {
    at_home_and_abroad("rfc4475", S3_1_1);
}

#[test]
fn rfc_4475_section_3_1_2_invalid_messages_in_datagrams() {
    at_home_and_abroad("rfc4475", S3_1_2);
}

#[test]
fn rfc_4475_sections_3_2_to_3_4_transactions_applications_and_old_age_in_datagrams() {
    at_home_and_abroad("rfc4475", S3_2_TO_3_4);
}

#[test]
fn rfc_5118_section_4_ipv6_in_datagrams() {
    at_home_and_abroad("rfc5118", S4);
}

#[test]
fn rfc_4475_section_3_1_1_valid_messages_over_a_stream() {
    over_a_stream("rfc4475", S3_1_1);
}

#[test]
fn rfc_4475_section_3_1_2_invalid_messages_over_a_stream() {
    over_a_stream("rfc4475", S3_1_2);
}

#[test]
fn rfc_4475_sections_3_2_to_3_4_transactions_applications_and_old_age_over_a_stream() {
    over_a_stream("rfc4475", S3_2_TO_3_4);
}

#[test]
fn rfc_5118_section_4_ipv6_over_a_stream() {
    over_a_stream("rfc5118", S4);
}

#[test]
fn one_edge_lives_through_both_corpora() {
    let mut w = home();
    let tables = RFC_4475.map(|table| ("rfc4475", table)).into_iter().chain([("rfc5118", S4)]);
    for case in tables.flat_map(|(rfc, table)| cases(rfc, table)) {
        datagram(&mut w, &case.bytes);
        let to = way_back(&case);
        assert!(sent_to(&mut w, to, case.name).len() <= 1, "{}", case.name);
        still_answers(&mut w, case.name);
        for event in w.told() {
            let Event::Arrived { leg, .. } = event else { panic!("{}: {event:?}", case.name) };
            w.release(leg, Cause::Busy);
            assert_eq!(sent_to(&mut w, to, case.name).len(), 1, "{}", case.name);
        }
    }
    w.pass(Duration::from_secs(70));
    let left = w.access.census();
    assert_eq!((left.legs, left.served, left.timers), (0, 0, 0), "{left:?}");
    assert!(w.records.is_empty());
}

#[test]
fn every_message_of_the_corpus_has_a_verdict_on_the_wire() {
    for (rfc, tables) in [("rfc4475", RFC_4475.as_slice()), ("rfc5118", &[S4])] {
        let mut listed: Vec<String> =
            tables.iter().flat_map(|t| cases(rfc, t)).map(|c| format!("{}.sip", c.name)).collect();
        let files = std::fs::read_dir(file(rfc, "")).unwrap();
        let mut there: Vec<String> = files.map(|f| f.unwrap().file_name().into_string().unwrap()).collect();
        listed.sort();
        there.sort();
        assert_eq!(listed, there);
    }
}

#[test]
fn an_accept_that_covers_session_descriptions_is_no_reason_to_refuse() {
    for (accept, status_line) in [
        ("application/sdp", "SIP/2.0 100 Trying"),
        ("text/plain, Application/SDP;level=1", "SIP/2.0 100 Trying"),
        ("application/*;q=0.5", "SIP/2.0 100 Trying"),
        ("*/*", "SIP/2.0 100 Trying"),
        ("text/plain, application/isup", "SIP/2.0 406 Not Acceptable"),
        ("", "SIP/2.0 406 Not Acceptable"),
    ] {
        let mut w = World::new();
        let invite = Invite { more: format!("Accept: {accept}\r\n"), ..Invite::new(peer(6001)) };
        w.hears(peer(6001), &invite.text());
        assert_eq!(w.lines(), [status_line], "{accept}");
    }
}

#[test]
fn only_a_call_must_have_hops_left() {
    let mut w = World::new();
    for (text, code) in
        [(ping(6001), 200), (register(peer(6001), "7001", 1, ""), 401), (Invite::new(peer(6001)).text(), 483)]
    {
        w.hears(peer(6001), &text.replace("Max-Forwards: 70", "Max-Forwards: 0"));
        assert_eq!(status(&w.one()), code, "{text}");
    }
}
