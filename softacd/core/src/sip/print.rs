//! Messages to bytes. The Content-Length is always that of the body; nothing can smuggle in a line.

use std::io::Write as _;

use super::head::Headers;
use super::msg::{Message, Request, Response};

impl Request {
    /// Appends it to `out`.
    pub fn write(&self, out: &mut Vec<u8>) {
        push_all(
            out,
            &[self.method.as_str().as_bytes(), b" ", self.uri.as_str().as_bytes(), b" SIP/2.0\r\n"],
        );
        write_rest(out, &self.headers, &self.body);
    }

    /// As bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(1024 + self.body.len());
        self.write(&mut out);
        out
    }
}

impl Response {
    /// Appends it to `out`.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"SIP/2.0 ");
        write_number(out, usize::from(self.status));
        out.push(b' ');
        out.extend(self.reason.bytes().map(|b| if matches!(b, b'\r' | b'\n') { b' ' } else { b }));
        out.extend_from_slice(b"\r\n");
        write_rest(out, &self.headers, &self.body);
    }

    /// As bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(1024 + self.body.len());
        self.write(&mut out);
        out
    }
}

impl Message {
    /// Appends it to `out`.
    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Request(r) => r.write(out),
            Self::Response(r) => r.write(out),
        }
    }

    /// As bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Request(r) => r.to_bytes(),
            Self::Response(r) => r.to_bytes(),
        }
    }
}

fn write_rest(out: &mut Vec<u8>, headers: &Headers, body: &[u8]) {
    let mut counted = false;
    for (name, value) in headers.iter() {
        // Stays in its place, so that what is read back has the same order.
        if name.eq_ignore_ascii_case("Content-Length") {
            if !counted {
                write_length(out, name, body.len());
            }
            counted = true;
            continue;
        }
        push_all(out, &[name.as_bytes(), b": ", value, b"\r\n"]);
    }
    if !counted {
        write_length(out, "Content-Length", body.len());
    }
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(body);
}

fn write_length(out: &mut Vec<u8>, name: &str, n: usize) {
    push_all(out, &[name.as_bytes(), b": "]);
    write_number(out, n);
    out.extend_from_slice(b"\r\n");
}

fn write_number(out: &mut Vec<u8>, n: usize) {
    // Writing to a vector cannot fail.
    let _ = write!(out, "{n}");
}

fn push_all(out: &mut Vec<u8>, parts: &[&[u8]]) {
    parts.iter().for_each(|p| out.extend_from_slice(p));
}
