//! The wire form of frames (docs/websockets.md): JSON in, typed and bounded; JSON out.

use ngcc_proto::chat::{Author, Content, MAX_KEY, Message, Text};
use ngcc_proto::collab::LinkToken;
use ngcc_proto::contact::Given;
use ngcc_proto::sdp::Sdp;
use ngcc_proto::{CollabId, FileId, LegId, Secret, SessionId};
use ngcc_softacd_core::web::{CallAsk, ChatAsk, Share, Tell};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::auth::Auth;

/// The longest number that can be dialled, in bytes.
const LONGEST_ENTRY: usize = 64;
/// The longest candidate, in bytes.
const LONGEST_CANDIDATE: usize = 1024;

/// A frame of a client's.
#[derive(Debug, Deserialize)]
pub(super) struct Frame {
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) id: Option<String>,
    #[serde(default)]
    data: Value,
}

/// A frame that cannot be carried out: the connection stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Its type is none of ours.
    Unknown,
    /// Its data does not fit its type.
    Bad,
}

/// What a customer's page says.
#[derive(Debug, PartialEq)]
pub(super) enum Visitor {
    Ask(ChatAsk),
    /// A message that is a file, whose particulars the store knows.
    File(FileId),
    /// A token for calls is asked for.
    Token,
    /// What the page says of its user.
    Attributes(Given),
}

/// What every `ready` of a server tells.
#[derive(Clone, Debug, Default)]
pub(super) struct Greeting {
    pub(super) visitor: String,
    pub(super) epoch: String,
    pub(super) max_upload: u64,
}

impl Frame {
    /// Reads a frame; none: it is none.
    pub(super) fn read(text: &str) -> Option<Self> {
        serde_json::from_str::<Self>(text).ok()
    }

    /// Its data as the first frame has it.
    pub(super) fn auth(&self) -> Option<Auth> {
        if self.kind == "auth" { self.take().ok() } else { None }
    }

    fn take<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        let data = if self.data.is_null() { json!({}) } else { self.data.clone() };
        serde_json::from_value(data).map_err(|_| Fault::Bad)
    }

    fn fits(&self) -> Result<(), Fault> {
        if self.id.as_ref().is_none_or(|id| id.len() <= MAX_KEY) { Ok(()) } else { Err(Fault::Bad) }
    }

    /// What it says on `/ws/visitor`.
    pub(super) fn visitor(&self) -> Result<Visitor, Fault> {
        #[derive(Deserialize)]
        struct Send {
            text: Option<String>,
            file: Option<FileId>,
        }
        #[derive(Deserialize)]
        struct Read {
            seq: u64,
        }
        #[derive(Deserialize)]
        struct Resume {
            session: SessionId,
            last_seq: u64,
        }
        #[derive(Deserialize)]
        struct Said {
            attributes: Given,
        }
        self.fits()?;
        let ask = match self.kind.as_str() {
            "session.start" => ChatAsk::Start,
            "message.send" => match self.take::<Send>()? {
                Send { text: Some(text), file: None } => {
                    ChatAsk::Say(Content::Text { text: Text(text), choices: vec![] })
                }
                Send { text: None, file: Some(file) } => return Ok(Visitor::File(file)),
                Send { .. } => return Err(Fault::Bad),
            },
            "typing" => ChatAsk::Typing,
            "read" => ChatAsk::Read(self.take::<Read>()?.seq),
            "resume" => {
                let Resume { session, last_seq } = self.take()?;
                ChatAsk::Resume { session, after: last_seq }
            }
            "keep_open" => ChatAsk::KeepOpen,
            "collab.ask" => ChatAsk::Share(self.share()?),
            "collab.decline" => {
                let Declined { collab, cannot } = self.take()?;
                ChatAsk::Unshare { collab, cannot }
            }
            "code.ask" => ChatAsk::Code,
            "collab.join" => {
                let Followed { link } = self.take()?;
                ChatAsk::Join(LinkToken::read(&link))
            }
            "session.end" => ChatAsk::End,
            "rtc.token" => return Ok(Visitor::Token),
            "attributes.set" => {
                let Said { attributes } = self.take()?;
                return Ok(Visitor::Attributes(attributes));
            }
            _ => return Err(Fault::Unknown),
        };
        Ok(Visitor::Ask(ask))
    }

    fn share(&self) -> Result<Share, Fault> {
        #[derive(Deserialize)]
        struct Ask {
            kind: String,
            user: Option<String>,
            entry: Option<String>,
        }
        let Ask { kind, user, entry } = self.take()?;
        if entry.as_ref().is_some_and(|entry| !dials(entry)) {
            return Err(Fault::Bad);
        }
        Ok(Share { kind: kind.parse().ok(), user, entry })
    }

    /// What it says on `/ws/rtc`.
    pub(super) fn call(&self) -> Result<CallAsk, Fault> {
        #[derive(Deserialize)]
        struct Of {
            leg: LegId,
        }
        #[derive(Deserialize)]
        struct Candidate {
            leg: LegId,
            candidate: String,
        }
        #[derive(Deserialize)]
        struct Key {
            leg: LegId,
            digit: String,
        }
        #[derive(Deserialize)]
        struct Hold {
            leg: LegId,
            on: bool,
        }
        self.fits()?;
        Ok(match self.kind.as_str() {
            "leg.offer" => return self.offer(),
            "leg.reattach" => {
                let Of { leg } = self.take()?;
                CallAsk::Reattach { leg, offer: self.take::<Description>()?.sdp }
            }
            "leg.candidate" => {
                let Candidate { leg, candidate } = self.take()?;
                if candidate.len() > LONGEST_CANDIDATE || candidate.contains(char::is_control) {
                    return Err(Fault::Bad);
                }
                CallAsk::Candidate { leg, candidate }
            }
            "leg.key" => {
                let Key { leg, digit } = self.take()?;
                if digit.len() != 1 || !digit.contains(|c| "0123456789*#ABCD".contains(c)) {
                    return Err(Fault::Bad);
                }
                CallAsk::Key { leg, digit: Secret::new(digit) }
            }
            "leg.hold" => {
                let Hold { leg, on } = self.take()?;
                CallAsk::Hold { leg, on }
            }
            "leg.bye" => CallAsk::Bye { leg: self.take::<Of>()?.leg },
            _ => return Err(Fault::Unknown),
        })
    }

    fn offer(&self) -> Result<CallAsk, Fault> {
        #[derive(Deserialize)]
        struct Offer {
            leg: Option<LegId>,
            entry: Option<String>,
            name: Option<String>,
            lang: Option<String>,
            beside: Option<SessionId>,
            collab: Option<CollabId>,
        }
        let Offer { leg, entry, name, lang, beside, collab } = self.take()?;
        let offer = self.take::<Description>()?.sdp;
        match (leg, collab, entry) {
            (Some(leg), _, _) => Ok(CallAsk::Offer { leg, offer }),
            (None, Some(collab), _) => Ok(CallAsk::Show { collab, offer }),
            (None, None, Some(entry)) if dials(&entry) => {
                Ok(CallAsk::Begin { entry, name, lang, beside, offer })
            }
            (None, None, Some(_) | None) => Err(Fault::Bad),
        }
    }
}

#[derive(Deserialize)]
struct Declined {
    collab: CollabId,
    #[serde(default)]
    cannot: bool,
}

#[derive(Deserialize)]
struct Followed {
    link: String,
}

#[derive(Deserialize)]
struct Description {
    sdp: Sdp,
}

/// Whether a number can be dialled.
pub(super) fn dials(entry: &str) -> bool {
    let blank = |c: char| c.is_control() || c.is_whitespace();
    !entry.is_empty() && entry.len() <= LONGEST_ENTRY && !entry.contains(blank)
}

/// A frame of the server's.
pub(super) fn write(kind: &str, id: Option<&str>, data: &Value) -> String {
    match id {
        Some(id) => json!({ "type": kind, "id": id, "data": data }).to_string(),
        None => json!({ "type": kind, "data": data }).to_string(),
    }
}

/// An `error` frame.
pub(super) fn error(id: Option<&str>, code: &str, detail: &str) -> String {
    write("error", id, &json!({ "code": code, "detail": detail }))
}

impl Fault {
    pub(super) fn write(self, id: Option<&str>) -> String {
        match self {
            Self::Unknown => error(id, "unknown_type", "there is no frame of this type here"),
            Self::Bad => error(id, "bad", "the frame's data does not fit its type"),
        }
    }
}

/// What the core tells, as frames: several only for what is replayed.
pub(super) fn frames(id: Option<&str>, tell: Tell, greeting: &Greeting) -> Vec<String> {
    let shown =
        |session: SessionId, message: Message| json!({ "session": session, "message": Shown::of(message) });
    let (kind, data) = match tell {
        Tell::ChatReady { session } => {
            let Greeting { visitor, epoch, max_upload } = greeting;
            let data = json!({
                "visitor": visitor, "epoch": epoch, "session": session, "max_upload": max_upload
            });
            ("ready", data)
        }
        Tell::CallsReady { legs } => ("ready", json!({ "epoch": greeting.epoch, "legs": legs })),
        Tell::Opened { session } => ("session.opened", json!({ "session": session })),
        Tell::Closed { session, cause } => ("session.closed", json!({ "session": session, "cause": cause })),
        Tell::Ack { seq, at } => ("ack", json!({ "seq": seq, "at": at })),
        Tell::Nack(code) => ("nack", json!({ "code": code })),
        Tell::Message { session, message } => ("message", shown(session, message)),
        Tell::Replay { session, messages } => {
            let frame = |message| write("message", None, &shown(session, message));
            return messages.into_iter().map(frame).collect();
        }
        Tell::Replayed { session, up_to } => ("replayed", json!({ "session": session, "up_to": up_to })),
        Tell::Typing { session, by } => ("typing", json!({ "session": session, "by": By::of(by) })),
        Tell::Read { session, seq } => ("read", json!({ "session": session, "seq": seq })),
        Tell::Status { session, status } => ("status", json!({ "session": session, "status": status })),
        Tell::Shared => ("collab.asked", json!({})),
        Tell::Invited { collab, kind, ticket, by, display } => {
            let data = json!({
                "collab": collab, "kind": kind, "ticket": ticket, "by": by, "display": display
            });
            ("collab.invited", data)
        }
        Tell::NotShared { collab, why } => {
            let mut data = json!({ "why": why });
            if let Some(collab) = collab {
                data["collab"] = json!(collab);
            }
            ("collab.refused", data)
        }
        Tell::Unshared { collab, why } => ("collab.ended", json!({ "collab": collab, "why": why })),
        Tell::Code { code, until } => ("code", json!({ "code": code, "until": until })),
        Tell::Summon { leg, video, ring_s } => {
            ("leg.summon", json!({ "leg": leg, "video": video, "ring_s": ring_s }))
        }
        Tell::Created { leg } => ("leg.created", json!({ "leg": leg })),
        Tell::Ringing { leg } => ("leg.ringing", json!({ "leg": leg })),
        Tell::Answer { leg, sdp } => ("leg.answer", json!({ "leg": leg, "sdp": sdp })),
        Tell::Up { leg } => ("leg.up", json!({ "leg": leg })),
        Tell::CallStatus { leg, session, status } => {
            ("leg.status", json!({ "leg": leg, "session": session, "status": status }))
        }
        Tell::Bye { leg, cause } => ("leg.bye", json!({ "leg": leg, "cause": cause })),
        Tell::Wrong { why, leg } => {
            let (code, detail) = why.words();
            let mut data = json!({ "code": code, "detail": detail });
            if let Some(leg) = leg {
                data["leg"] = json!(leg);
            }
            ("error", data)
        }
    };
    vec![write(kind, id, &data)]
}

/// A message as a customer may see it: who an agent is stays inside.
#[derive(Serialize)]
struct Shown {
    seq: u64,
    id: ngcc_proto::MessageId,
    at: ngcc_proto::Wall,
    by: By,
    content: Content,
}

#[derive(Serialize)]
#[serde(tag = "is", rename_all = "snake_case")]
enum By {
    Customer,
    Agent { display: String },
    Automation,
    Centre,
}

impl Shown {
    fn of(message: Message) -> Self {
        let Message { seq, id, at, by, content, private: _ } = message;
        Self { seq, id, at, by: By::of(by), content }
    }
}

impl By {
    fn of(author: Author) -> Self {
        match author {
            Author::Customer => Self::Customer,
            Author::Agent { display, .. } => Self::Agent { display },
            Author::Automation => Self::Automation,
            Author::Centre => Self::Centre,
        }
    }
}

#[cfg(test)]
mod tests {
    use ngcc_proto::{AgentUri, MessageId, Wall};

    use super::*;

    #[test]
    fn frames_are_read_as_the_page_of_the_protocol_says_and_odd_ones_are_told_from_bad_ones() {
        let visitor = |text: &str| Frame::read(text).unwrap().visitor();
        assert_eq!(visitor(r#"{"type":"typing"}"#), Ok(Visitor::Ask(ChatAsk::Typing)));
        assert_eq!(visitor(r#"{"type":"typing","data":{},"more":1}"#), Ok(Visitor::Ask(ChatAsk::Typing)));
        assert_eq!(visitor(r#"{"type":"read","data":{"seq":3}}"#), Ok(Visitor::Ask(ChatAsk::Read(3))));
        let said = Content::Text { text: Text("hi".to_owned()), choices: vec![] };
        let send = r#"{"type":"message.send","id":"k","data":{"text":"hi"}}"#;
        assert_eq!(visitor(send), Ok(Visitor::Ask(ChatAsk::Say(said))));
        for bad in [
            r#"{"type":"read","data":{"seq":-1}}"#,
            r#"{"type":"resume","data":{"session":"leg_00000000000000000000000000","last_seq":0}}"#,
            r#"{"type":"message.send","id":"k","data":{"text":"a","file":"file_00000000000000000000000000"}}"#,
            r#"{"type":"message.send","id":"k","data":{}}"#,
        ] {
            assert_eq!(visitor(bad), Err(Fault::Bad), "{bad}");
        }
        let long = format!(r#"{{"type":"typing","id":"{}"}}"#, "x".repeat(65));
        assert_eq!(visitor(&long), Err(Fault::Bad));
        assert_eq!(visitor(r#"{"type":"leg.bye"}"#), Err(Fault::Unknown));
        for none in ["", "[]", "{}", r#"{"type":7}"#, "{\"type\":\"typing\"", r#"{"id":"x"}"#] {
            assert!(Frame::read(none).is_none(), "{none}");
        }
    }

    #[test]
    fn an_offer_begins_a_call_or_is_about_a_leg_and_keys_are_keys() {
        let call = |text: &str| Frame::read(text).unwrap().call();
        let sdp = r"v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n";
        let begin = format!(r#"{{"type":"leg.offer","data":{{"sdp":"{sdp}","entry":"1000"}}}}"#);
        assert!(matches!(call(&begin), Ok(CallAsk::Begin { .. })));
        let leg = "leg_00000000000000000000000001";
        let of = format!(r#"{{"type":"leg.offer","data":{{"sdp":"{sdp}","leg":"{leg}"}}}}"#);
        assert!(matches!(call(&of), Ok(CallAsk::Offer { leg: LegId(1), .. })));
        let col = "col_00000000000000000000000007";
        let screen = format!(r#"{{"type":"leg.offer","data":{{"sdp":"{sdp}","collab":"{col}"}}}}"#);
        assert!(matches!(call(&screen), Ok(CallAsk::Show { collab: CollabId(7), .. })));
        for bad in [
            r#"{"type":"leg.offer","data":{"sdp":"nonsense","entry":"1000"}}"#.to_owned(),
            format!(r#"{{"type":"leg.offer","data":{{"sdp":"{sdp}","collab":"{leg}"}}}}"#),
            format!(r#"{{"type":"leg.offer","data":{{"sdp":"{sdp}","entry":"10 00"}}}}"#),
            format!(r#"{{"type":"leg.offer","data":{{"sdp":"{sdp}"}}}}"#),
            format!(r#"{{"type":"leg.key","data":{{"leg":"{leg}","digit":"x"}}}}"#),
            format!(r#"{{"type":"leg.key","data":{{"leg":"{leg}","digit":"12"}}}}"#),
        ] {
            assert_eq!(call(&bad), Err(Fault::Bad), "{bad}");
        }
    }

    #[test]
    fn a_customer_is_shown_an_agents_name_and_not_who_they_are_inside() {
        let by = Author::Agent { agent: AgentUri::new("alice").unwrap(), display: "Alice W.".to_owned() };
        let content = Content::Text { text: Text("hi".to_owned()), choices: vec![] };
        let message = Message { seq: 2, id: MessageId(1), at: Wall(3), by, content, private: false };
        let [text] =
            &frames(None, Tell::Message { session: SessionId(1), message }, &Greeting::default())[..]
        else {
            panic!("one frame")
        };
        assert!(text.contains(r#""by":{"display":"Alice W.","is":"agent"}"#), "{text}");
        assert!(text.contains(r#""content":{"kind":"text","text":"hi"}"#), "{text}");
        assert!(!text.contains("agent:alice"));
    }
}
