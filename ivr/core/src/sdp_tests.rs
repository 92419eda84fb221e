//! Offers as phones write them, and our answers.

use super::*;

const LOCAL: Local =
    Local { ip: IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 5)), port: 20_000, id: 7, version: 1 };

fn offered(body: &str) -> Sdp {
    format!(
        "v=0\r\no=bob 1 1 IN IP4 192.0.2.4\r\ns=-\r\nc=IN IP4 192.0.2.4\r\nt=0 0\r\n{}",
        body.replace('\n', "\r\n")
    )
    .parse()
    .unwrap()
}

#[test]
fn the_first_common_codec_of_the_offer_is_answered_with_its_events() {
    let offer = offered(
        "m=audio 4000 RTP/AVP 9 8 0 96\na=rtpmap:9 G722/8000\na=rtpmap:96 telephone-event/8000\na=fmtp:96 0-16\n",
    );
    let (sdp, agreed) = answer(&offer, &LOCAL).unwrap();
    let expected = "v=0\r\no=- 7 1 IN IP4 203.0.113.5\r\ns=-\r\nc=IN IP4 203.0.113.5\r\nt=0 0\r\n\
        m=audio 20000 RTP/AVP 8 96\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:96 telephone-event/8000\r\n\
        a=fmtp:96 0-15\r\na=ptime:20\r\na=sendrecv\r\n";
    assert_eq!(sdp.to_string(), expected);
    assert_eq!((agreed.codec, agreed.payload_type, agreed.telephone_event), (Codec::Pcma, 8, Some(96)));
    assert_eq!(agreed.remote, Some("192.0.2.4:4000".parse().unwrap()));
    let stream = agreed.stream(1, 2, 3);
    assert!(stream.send && stream.receive && (stream.ssrc, stream.seq, stream.timestamp) == (1, 2, 3));
}

#[test]
fn every_section_is_answered_in_its_place_and_only_one_is_taken() {
    let offer = offered(
        "m=video 5000 RTP/AVP 31\nm=audio 0 RTP/AVP 0\nm=audio 4000 RTP/SAVP 0\nm=audio 4002 RTP/AVPF 97\n\
         c=IN IP4 192.0.2.9\na=rtpmap:97 pcmu/8000\nm=audio 4004 RTP/AVP 0\n",
    );
    let (sdp, agreed) = answer(&offer, &LOCAL).unwrap();
    let ports: Vec<u16> = sdp.media.iter().map(|m| m.port).collect();
    assert_eq!(ports, [0, 0, 0, 20_000, 0]);
    let kinds = |sdp: &Sdp| -> Vec<(String, String)> {
        sdp.media.iter().map(|m| (m.kind.clone(), m.proto.clone())).collect()
    };
    assert_eq!(kinds(&sdp), kinds(&offer));
    assert_eq!((agreed.codec, agreed.payload_type, agreed.telephone_event), (Codec::Pcmu, 97, None));
    assert_eq!(agreed.remote, Some("192.0.2.9:4002".parse().unwrap()));
    assert_eq!(sdp.to_string().parse::<Sdp>(), Ok(sdp), "what we write reads back");
}

#[test]
fn what_we_cannot_speak_is_not_acceptable() {
    for body in [
        "",
        "m=video 5000 RTP/AVP 31\n",
        "m=audio 4000 RTP/SAVP 0\n",
        "m=audio 4000 UDP/TLS/RTP/SAVPF 0\n",
        "m=audio 4000 RTP/AVP 18 3\n",
        "m=audio 4000 RTP/AVP 0\na=rtpmap:0 PCMU/16000\n",
        "m=audio 4000 RTP/AVP 300\n",
        "m=audio 4000 RTP/AVP 0\na=maxptime:10\n",
        "m=audio 4000 RTP/AVP 0\nc=IN IP6 2001:db8::1\n",
    ] {
        assert_eq!(answer(&offered(body), &LOCAL).map(|a| a.1), Err(Cause::NotAcceptable), "{body:?}");
    }
    let named = Sdp { connection: None, ..offered("m=audio 4000 RTP/AVP 0\n") };
    assert_eq!(answer(&named, &LOCAL).map(|a| a.1), Err(Cause::NotAcceptable), "a host name is no address");
}

#[test]
fn directions_are_mirrored_and_a_hold_without_address_sends_nowhere() {
    for (theirs, ours, send, receive) in [
        ("sendrecv", Direction::SendRecv, true, true),
        ("sendonly", Direction::RecvOnly, false, true),
        ("recvonly", Direction::SendOnly, true, false),
        ("inactive", Direction::Inactive, false, false),
    ] {
        let (sdp, agreed) =
            answer(&offered(&format!("m=audio 4000 RTP/AVP 0\na={theirs}\n")), &LOCAL).unwrap();
        assert_eq!((agreed.direction, sdp.direction(&sdp.media[0])), (ours, ours));
        let stream = agreed.stream(0, 0, 0);
        assert_eq!((stream.send, stream.receive), (send, receive));
    }
    let (_, agreed) = answer(&offered("m=audio 4000 RTP/AVP 0\nc=IN IP4 0.0.0.0\n"), &LOCAL).unwrap();
    assert_eq!(agreed.remote, None);
}

#[test]
fn our_offer_is_answered_by_ourselves() {
    let first = offer(&LOCAL);
    let other = Local { ip: [198, 51, 100, 1].into(), port: 30_000, id: 9, version: 4 };
    let (reply, theirs) = answer(&first, &other).unwrap();
    let ours = accept(&reply).unwrap();
    assert_eq!(
        (ours.codec, ours.telephone_event, ours.direction),
        (Codec::Pcmu, Some(101), Direction::SendRecv)
    );
    assert_eq!(ours.remote, Some("198.51.100.1:30000".parse().unwrap()));
    assert_eq!(theirs.remote, Some("203.0.113.5:20000".parse().unwrap()));
    let mut refusal = reply;
    refusal.media[0].port = 0;
    assert_eq!(accept(&refusal), Err(Cause::NotAcceptable));
}

#[test]
fn the_version_rises_by_one_only_with_a_change() {
    let offer = offered(
        "m=video 9 RTP/AVP 31\nm=audio 4000 RTP/AVP 96 97\na=rtpmap:96 PCMA/8000\na=rtpmap:97 telephone-event/8000\n",
    );
    let (first, agreed) = answer(&offer, &LOCAL).unwrap();
    let (again, _) = reanswer(&offer, &Local { version: 99, ..LOCAL }, &first).unwrap();
    assert_eq!(again, first);
    let mut held = offer;
    held.media[1].attributes.push(Attribute::new("sendonly", None));
    let (second, _) = reanswer(&held, &LOCAL, &again).unwrap();
    assert_eq!((second.id, second.version), (first.id, first.version + 1));
    let third = reoffer(&LOCAL, &second);
    assert_eq!(third.version, second.version + 1);
    assert_eq!((third.media[0].port, third.media[1].port), (0, LOCAL.port));
    assert_eq!(third.media[1].formats, ["96", "0", "97"]);
    assert_eq!(third.direction(&third.media[1]), Direction::SendRecv);
    assert_eq!(reoffer(&LOCAL, &third), third);
    let (reply, _) = answer(&third, &Local { port: 4000, ..LOCAL }).unwrap();
    assert_eq!(accept(&reply).unwrap().codec, agreed.codec);
}
