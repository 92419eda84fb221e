//! SMTP submission (RFC 6409), which fails as it is told to: one fault a connection.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::super::Fault;
use super::{ADDRESS, Inner, PASSWORD, Talk, Ways, delivers};

pub(super) async fn serve(mut talk: Talk, inner: &Inner) -> Option<()> {
    let fault = inner.fault();
    talk.says("220 mx.shop.example ESMTP").await?;
    let (mut secure, mut signed_in) = (inner.mail.ways() != Ways::StartTls, false);
    let mut to = None;
    loop {
        let line = talk.hears().await?;
        let command = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        match command.as_str() {
            "EHLO" => {
                let can = if secure { "AUTH PLAIN LOGIN" } else { "STARTTLS" };
                talk.says(&format!("250-mx.shop.example\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 {can}"))
                    .await?;
            }
            "STARTTLS" if !secure => {
                talk.says("220 go on").await?;
                talk = talk.secures(inner).await?;
                secure = true;
            }
            "AUTH" if secure => {
                let right = format!("AUTH PLAIN {}", BASE64.encode(format!("\0{ADDRESS}\0{PASSWORD}")));
                signed_in = line == right && fault != Some(Fault::Expired);
                talk.says(if signed_in { "235 welcome" } else { "535 5.7.8 no" }).await?;
            }
            "MAIL" if signed_in => {
                assert!(line.starts_with(&format!("MAIL FROM:<{ADDRESS}>")), "{line}");
                talk.says("250 fine").await?;
            }
            "RCPT" if signed_in => {
                let answer = match fault {
                    Some(Fault::Busy) => "450 4.2.1 too busy",
                    Some(Fault::Shut) => "452 4.2.2 full",
                    Some(Fault::Refused) => "550 5.1.1 nobody of that name",
                    Some(Fault::Broken | Fault::Expired | Fault::Swallowed) | None => "250 fine",
                };
                let address = line.strip_prefix("RCPT TO:<").and_then(|rest| rest.split_once('>'));
                to = address.map(|(address, _)| address.to_owned());
                talk.says(answer).await?;
            }
            "DATA" if to.is_some() => {
                talk.says("354 go on").await?;
                let mut raw = String::new();
                loop {
                    let line = talk.hears().await?;
                    if line == "." {
                        break;
                    }
                    raw.push_str(line.strip_prefix('.').unwrap_or(&line));
                    raw.push_str("\r\n");
                    if fault == Some(Fault::Broken) {
                        // In the middle of it.
                        return None;
                    }
                }
                delivers(inner, &to.take()?, &raw);
                if fault == Some(Fault::Swallowed) {
                    return None;
                }
                talk.says("250 taken").await?;
            }
            "QUIT" => return talk.says("221 bye").await,
            _ => talk.says("503 not now").await?,
        }
    }
}
