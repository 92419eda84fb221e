//! What others ask of the phone, answered as RFC 3261 has it: repeats from memory, the rest by method.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::call::{CallState, Ended, Stage};
use crate::incoming;
use crate::line::Line;
use crate::locked;
use crate::message::Message;

pub(crate) fn request(line: &Arc<Line>, request: &Message, from: SocketAddr) {
    if request.method() == "ACK" {
        acked(line, request);
        return;
    }
    if let Some(before) = line.answered_before(request) {
        if !before.is_empty() {
            line.wire.send(&before, from);
        }
        return;
    }
    line.begin(request);
    let call_id = request.header("Call-ID").unwrap_or_default();
    let call = line.find_call(call_id, request.tag("To"));
    match (request.method(), call) {
        ("CANCEL", call) => cancel(line, request, from, call),
        ("INVITE", None) if request.tag("To").is_none() => incoming::arrive(line, request, from),
        ("MESSAGE", None) if request.tag("To").is_none() => match line.faults.text_refusal() {
            Some(status) => reply(line, request, from, status, "Refused"),
            None => reply(line, request, from, 200, "OK"),
        },
        ("OPTIONS", None) => reply(line, request, from, 200, "OK"),
        (_, None) => reply(line, request, from, 481, "Call/Transaction Does Not Exist"),
        ("BYE", Some(call)) => {
            reply(line, request, from, 200, "OK");
            call.end(Ended::Remote);
        }
        ("INVITE" | "UPDATE", Some(call)) => reoffered(line, request, from, &call),
        ("NOTIFY", Some(call)) => {
            reply(line, request, from, 200, "OK");
            notified(&call, request);
        }
        ("INFO" | "OPTIONS", Some(_)) => reply(line, request, from, 200, "OK"),
        (_, Some(_)) => reply(line, request, from, 405, "Method Not Allowed"),
    }
}

/// A response nobody waits for: a repeated 200 asks for its ACK again.
pub(crate) fn late_response(line: &Arc<Line>, response: &Message) {
    let repeated =
        response.method() == "INVITE" && response.status().is_some_and(|s| (200..300).contains(&s));
    if !repeated || line.faults.drops_ack() {
        return;
    }
    let call_id = response.header("Call-ID").unwrap_or_default();
    let Some(call) = line.find_call(call_id, response.tag("From")) else { return };
    let ack = locked(&call.ack).clone();
    if let Some((ack, to)) = ack.filter(|(ack, _)| ack.cseq() == response.cseq()) {
        line.send(&ack, to);
    }
}

fn reply(line: &Arc<Line>, request: &Message, to: SocketAddr, status: u16, reason: &str) {
    line.answer(request, &Message::response(request, status, reason, "phone"), to);
}

fn acked(line: &Arc<Line>, ack: &Message) {
    let call_id = ack.header("Call-ID").unwrap_or_default();
    let Some(call) = line.find_call(call_id, ack.tag("To")) else { return };
    call.agree_text(ack.sdp());
    call.acked.send_replace(true);
}

fn cancel(line: &Arc<Line>, request: &Message, from: SocketAddr, call: Option<Arc<CallState>>) {
    let Some(call) = call else {
        reply(line, request, from, 481, "Call/Transaction Does Not Exist");
        return;
    };
    reply(line, request, from, 200, "OK");
    if matches!(*call.stage.borrow(), Stage::Up | Stage::Ended(_)) {
        return;
    }
    if let Some((invite, _)) = &*locked(&call.invite) {
        let tag = locked(&call.dialog).own_tag.clone();
        line.answer(invite, &Message::response(invite, 487, "Request Terminated", &tag), from);
    }
    call.end(Ended::Cancelled(request.header("Reason").map(str::to_owned)));
}

fn reoffered(line: &Arc<Line>, request: &Message, from: SocketAddr, call: &CallState) {
    {
        let mut dialog = locked(&call.dialog);
        if request.cseq() <= dialog.remote_cseq {
            drop(dialog);
            reply(line, request, from, 500, "Server Internal Error");
            return;
        }
        dialog.remote_cseq = request.cseq();
        dialog.retarget(request);
    }
    let answer = match request.sdp() {
        Some(offer) => call.answer_to(offer),
        None if request.method() == "INVITE" => Some(call.offer()),
        None => {
            let ok = Message::response(request, 200, "OK", "phone").with("Contact", line.contact());
            line.answer(request, &ok, from);
            return;
        }
    };
    let Some(answer) = answer else {
        reply(line, request, from, 488, "Not Acceptable Here");
        return;
    };
    let ok = Message::response(request, 200, "OK", "phone").with("Contact", line.contact());
    line.answer(request, &ok.with_body("application/sdp", answer), from);
}

fn notified(call: &CallState, request: &Message) {
    let fragment = request.header("Content-Type").is_some_and(|t| t.starts_with("message/sipfrag"));
    let status = request.body.strip_prefix("SIP/2.0 ").and_then(|rest| rest.get(..3)?.parse().ok());
    if let (true, Some(status)) = (fragment, status) {
        call.told.send_modify(|told| told.push(status));
    }
}
