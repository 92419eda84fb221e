//! What the phone asks of others: registering, calling, and requests within a call.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::call::{Call, CallState, Ended, Stage};
use crate::dialog::Dialog;
use crate::line::{Asked, Line, next_hop};
use crate::locked;
use crate::message::{Message, Start};
use crate::phone::PhoneError;

/// With a challenge answered, one more and no third: a wrong secret stays wrong.
const ATTEMPTS: usize = 3;

pub(crate) async fn register(line: &Arc<Line>, contact: String, seconds: u32) -> Result<Message, PhoneError> {
    let uri = format!("sip:{}", line.settings.server);
    let own = line.uri_of(&line.settings.user);
    let mut request = line.bare("REGISTER", &uri, &own).with("Expires", seconds.to_string());
    set(&mut request, "Contact", contact);
    proven(line, request, "REGISTER", &uri, line.settings.server).await
}

/// Writes to somebody by MESSAGE.
pub(crate) async fn write(
    line: &Arc<Line>,
    target: &str,
    kind: &str,
    text: &str,
) -> Result<Message, PhoneError> {
    let uri = line.uri_of(target);
    let mut request = line.bare("MESSAGE", &uri, &uri).with_body(kind, text);
    request.headers.retain(|(name, _)| name != "Contact");
    let to = if target.starts_with("sip:") { next_hop(line, &uri) } else { line.settings.server };
    proven(line, request, "MESSAGE", &uri, to).await
}

/// Asks, and answers challenges.
async fn proven(
    line: &Arc<Line>,
    mut request: Message,
    method: &'static str,
    uri: &str,
    to: SocketAddr,
) -> Result<Message, PhoneError> {
    for attempt in 1..=ATTEMPTS {
        set(&mut request, "CSeq", format!("{attempt} {method}"));
        set(&mut request, "Via", line.via());
        prove(line, &mut request, uri);
        let answer = line.ask(&request, to).last().await?;
        let challenged = matches!(answer.status(), Some(401 | 407));
        if !(challenged && attempt < ATTEMPTS && line.take_challenge(&answer) && is_news(&answer, attempt)) {
            return accepted(method, answer);
        }
    }
    Err(PhoneError::NoAnswer(method))
}

/// A second challenge is worth an answer only if the first credentials were stale.
fn is_news(answer: &Message, attempt: usize) -> bool {
    let stale =
        answer.headers.iter().any(|(_, v)| v.to_ascii_lowercase().replace('"', "").contains("stale=true"));
    attempt == 1 || stale
}

fn set(message: &mut Message, name: &str, value: String) {
    match message.headers.iter_mut().find(|(n, _)| n == name) {
        Some((_, v)) => *v = value,
        None => message.headers.push((name.to_owned(), value)),
    }
}

fn prove(line: &Line, request: &mut Message, uri: &str) {
    if let Some((name, value)) = line.credentials(request.method(), uri) {
        request.headers.retain(|(n, _)| !n.ends_with("uthorization"));
        request.headers.push((name.to_owned(), value));
    }
}

fn accepted(method: &'static str, answer: Message) -> Result<Message, PhoneError> {
    match &answer.start {
        Start::Response { status, .. } if *status < 300 => Ok(answer),
        Start::Response { status, reason } => {
            Err(PhoneError::Refused { method, status: *status, reason: reason.clone() })
        }
        Start::Request { .. } => Err(PhoneError::NoAnswer(method)),
    }
}

pub(crate) async fn call(line: &Arc<Line>, target: &str) -> Result<Call, PhoneError> {
    let uri = line.uri_of(target);
    let invite = line.bare("INVITE", &uri, &uri);
    let state = CallState::new(line, Dialog::calling(&invite)).await?;
    line.add_call(&state);
    let invite = invite.with_body("application/sdp", state.offer());
    let to = if target.starts_with("sip:") { next_hop(line, &uri) } else { line.settings.server };
    let asked = start_invite(&state, &invite, to);
    tokio::spawn(drive_invite(Arc::clone(&state), invite, to, asked));
    Ok(Call { state })
}

fn start_invite(state: &Arc<CallState>, invite: &Message, to: SocketAddr) -> Asked {
    *locked(&state.invite) = Some((invite.clone(), to));
    state.line.ask(invite, to)
}

/// Follows the phone's INVITE to its final answer, and answers one challenge on the way.
async fn drive_invite(state: Arc<CallState>, mut invite: Message, to: SocketAddr, mut asked: Asked) {
    let mut attempt = 1;
    loop {
        let Some(answer) = asked.next().await else {
            state.end(Ended::Lost);
            return;
        };
        let status = answer.status().unwrap_or_default();
        if status < 200 {
            progress(&state, &answer, status);
            continue;
        }
        if status < 300 {
            established(&state, &answer).await;
            return;
        }
        refuse_ack(&state.line, &invite, &answer, to);
        let challenged = matches!(status, 401 | 407) && attempt < ATTEMPTS;
        if !(challenged && state.line.take_challenge(&answer) && is_news(&answer, attempt)) {
            state.end(if status == 487 { Ended::Local } else { Ended::Refused(status) });
            return;
        }
        attempt += 1;
        invite = again(&state, &invite);
        asked = start_invite(&state, &invite, to);
    }
}

fn again(state: &CallState, invite: &Message) -> Message {
    let mut next = invite.clone();
    let mut dialog = locked(&state.dialog);
    dialog.cseq += 1;
    set(&mut next, "CSeq", format!("{} INVITE", dialog.cseq));
    set(&mut next, "Via", state.line.via());
    let uri = match &invite.start {
        Start::Request { uri, .. } => uri.clone(),
        Start::Response { .. } => String::new(),
    };
    prove(&state.line, &mut next, &uri);
    next
}

fn progress(state: &CallState, answer: &Message, status: u16) {
    if status == 100 {
        return;
    }
    state.agree_text(answer.sdp());
    state.advance(Stage::Ringing);
}

/// A 200 for the phone's INVITE: ACK, sound, and BYE if the phone has given up meanwhile.
async fn established(state: &Arc<CallState>, answer: &Message) {
    let (ack, to) = {
        let mut dialog = locked(&state.dialog);
        dialog.confirm(answer);
        dialog.numbered(&state.line, "ACK", answer.cseq())
    };
    state.agree_text(answer.sdp());
    *locked(&state.ack) = Some((ack.clone(), to));
    if !state.line.faults.drops_ack() {
        state.line.send(&ack, to);
    }
    if matches!(*state.stage.borrow(), Stage::Ended(_)) {
        let (bye, to) = locked(&state.dialog).request(&state.line, "BYE");
        let _ = state.line.ask(&bye, to).last().await;
        return;
    }
    state.advance(Stage::Up);
}

/// The ACK of a refusal belongs to the INVITE's own transaction (RFC 3261 section 17.1.1.3).
fn refuse_ack(line: &Line, invite: &Message, answer: &Message, to: SocketAddr) {
    let Start::Request { uri, .. } = &invite.start else { return };
    let mut ack = Message::request("ACK", uri).with("Max-Forwards", "70");
    for (name, from) in [("Via", invite), ("From", invite), ("To", answer), ("Call-ID", invite)] {
        ack = ack.with(name, from.header(name).unwrap_or_default());
    }
    line.send(&ack.with("CSeq", format!("{} ACK", invite.cseq())), to);
}

/// A request in the dialog, which must be accepted.
pub(crate) async fn in_dialog(
    state: &Arc<CallState>,
    method: &'static str,
    headers: &[(&str, String)],
    body: Option<(&str, String)>,
) -> Result<Message, PhoneError> {
    let (mut request, to) = locked(&state.dialog).request(&state.line, method);
    for (name, value) in headers {
        request = request.with(name, &**value);
    }
    if let Some((kind, text)) = body {
        request = request.with_body(kind, text);
    }
    accepted(method, state.line.ask(&request, to).last().await?)
}

/// A re-INVITE with an offer (or none), ACKed; the answer is taken.
pub(crate) async fn reinvite(state: &Arc<CallState>, offer: Option<String>) -> Result<Message, PhoneError> {
    let (mut invite, to) = locked(&state.dialog).request(&state.line, "INVITE");
    if let Some(offer) = offer {
        invite = invite.with_body("application/sdp", offer);
    }
    let answer = state.line.ask(&invite, to).last().await?;
    if answer.status() >= Some(300) {
        refuse_ack(&state.line, &invite, &answer, to);
        return accepted("INVITE", answer);
    }
    let (ack, hop) = {
        let mut dialog = locked(&state.dialog);
        dialog.retarget(&answer);
        dialog.numbered(&state.line, "ACK", invite.cseq())
    };
    *locked(&state.ack) = Some((ack.clone(), hop));
    if !state.line.faults.drops_ack() {
        state.line.send(&ack, hop);
    }
    state.agree_text(answer.sdp());
    Ok(answer)
}

pub(crate) async fn hang_up(state: &Arc<CallState>) -> Result<(), PhoneError> {
    let up = *state.stage.borrow() == Stage::Up;
    if matches!(*state.stage.borrow(), Stage::Ended(_)) {
        return Ok(());
    }
    state.end(Ended::Local);
    if up {
        return in_dialog(state, "BYE", &[], None).await.map(|_| ());
    }
    let Some((invite, to)) = locked(&state.invite).clone() else { return Ok(()) };
    let Start::Request { uri, .. } = &invite.start else { return Ok(()) };
    let mut cancel = Message::request("CANCEL", uri).with("Max-Forwards", "70");
    for name in ["Via", "From", "To", "Call-ID"] {
        cancel = cancel.with(name, invite.header(name).unwrap_or_default());
    }
    let cancel = cancel.with("CSeq", format!("{} CANCEL", invite.cseq()));
    accepted("CANCEL", state.line.ask(&cancel, to).last().await?).map(|_| ())
}
