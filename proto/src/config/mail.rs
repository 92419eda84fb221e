//! E-mail accounts: where they are read, and who takes what they send.

use serde::{Deserialize, Serialize};

use crate::channel::{Fault, Wrong};

/// The longest address that is taken, in bytes.
pub const MAX_ADDRESS: usize = 180;
/// The longest of a name in these settings, in bytes.
const MAX_NAME: usize = 128;

/// Whether `text` is a bare e-mail address, such as `ann@shop.example`.
pub fn is_address(text: &str) -> bool {
    let odd = |c: char| c.is_whitespace() || c.is_control() || "<>(),:;\"\\[]".contains(c);
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let named = !domain.is_empty() && !domain.starts_with('.') && !domain.ends_with('.');
    text.len() <= MAX_ADDRESS
        && (1..=64).contains(&local.len())
        && named
        && !text.contains(odd)
        && !local.contains('@')
}

/// How an e-mail account is reached. Its address is the channel's `account`, its password the secret `password`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// Where it is read, see [`MailHost::imap`].
    #[serde(default)]
    pub imap: String,
    /// Who takes what it sends, see [`MailHost::smtp`].
    #[serde(default)]
    pub smtp: String,
    /// Whom it signs in as; empty: its address.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub user: String,
    /// The name that its letters are from; empty: none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub display: String,
    /// The name (authserv-id, RFC 8601) under which the account's own server writes what it has found out about where a
    /// letter comes from; empty: nothing of that is believed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub checked_by: String,
    /// Where else than in their ids its letters carry what an answer is known by.
    #[serde(default, skip_serializing_if = "MailMark::is_none")]
    pub mark: MailMark,
}

/// Where else than in their ids letters carry what an answer is known by: not every program names what it answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailMark {
    /// Nowhere.
    #[default]
    None,
    /// In the address for answers, `name+mark@host`: the account's server must take such addresses.
    Address,
    /// At the end of the subject, `[#mark]`.
    Subject,
}

impl Mail {
    /// What is wrong with it, for an account of the address `account`, field by field.
    pub fn faults(&self, account: &str) -> Vec<Fault> {
        let mut found = vec![];
        let mut say = |field: &str, why: Wrong, what: &str| {
            found.push(Fault { field: field.to_owned(), why, what: what.to_owned() });
        };
        let form = |text: &str| if text.is_empty() { Wrong::Missing } else { Wrong::Form };
        if !is_address(account) {
            say("account", form(account), "account is the e-mail address that customers write to");
        }
        if let Err(what) = MailHost::imap(&self.imap) {
            say("mail.imap", form(&self.imap), what);
        }
        if let Err(what) = MailHost::smtp(&self.smtp) {
            say("mail.smtp", form(&self.smtp), what);
        }
        let names = [
            ("mail.user", &self.user),
            ("mail.display", &self.display),
            ("mail.checked_by", &self.checked_by),
        ];
        for (field, text) in names {
            if text.len() > MAX_NAME {
                say(field, Wrong::Long, "user, display and checked_by have at most 128 bytes");
            } else if text.chars().any(char::is_control) {
                say(field, Wrong::Form, "user, display and checked_by are of one line");
            }
        }
        if self.mark == MailMark::Address && account.find('@').is_some_and(|local| local > 36) {
            let what = "its address is too long for a mark in it: the part before the @ may have 36 bytes";
            say("mail.mark", Wrong::Form, what);
        }
        found
    }
}

impl MailMark {
    fn is_none(&self) -> bool {
        *self == Self::None
    }
}

/// How a connection to a server of mail is kept from others' eyes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guarded {
    /// By TLS from its first byte.
    Tls,
    /// By TLS, once STARTTLS has asked for it; nothing is said before.
    StartTls,
    /// Not at all, which is taken towards this machine only.
    Here,
}

/// A server of mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailHost {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the way to it is guarded.
    pub guarded: Guarded,
}

impl MailHost {
    /// Reads `imaps://host`, `imap+starttls://host` or, towards this machine, `imap://host`, each with or without a port.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn imap(text: &str) -> Result<Self, &'static str> {
        let wrong = "imap is imaps://HOST[:PORT] or imap+starttls://HOST[:PORT]; imap:// is unencrypted, and taken towards this machine only";
        Self::read(text, "imap", (993, 143)).ok_or(wrong)
    }

    /// Reads `smtps://host`, `smtp+starttls://host` or, towards this machine, `smtp://host`, each with or without a port.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn smtp(text: &str) -> Result<Self, &'static str> {
        let wrong = "smtp is smtps://HOST[:PORT] or smtp+starttls://HOST[:PORT]; smtp:// is unencrypted, and taken towards this machine only";
        Self::read(text, "smtp", (465, 587)).ok_or(wrong)
    }

    fn read(text: &str, service: &str, (tls, other): (u16, u16)) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let (guarded, port) = match scheme.strip_prefix(service)? {
            "s" => (Guarded::Tls, tls),
            "+starttls" => (Guarded::StartTls, other),
            "" => (Guarded::Here, other),
            _ => return None,
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (host, given) = match rest.strip_prefix('[') {
            // An address of IPv6.
            Some(rest) => rest.split_once(']').map(|(host, rest)| (host, rest.strip_prefix(':')))?,
            None => rest.split_once(':').map_or((rest, None), |(host, port)| (host, Some(port))),
        };
        let port = given.map_or(Some(port), |given| given.parse().ok().filter(|port| *port > 0))?;
        let plain = |b: u8| b.is_ascii_alphanumeric() || b".-:".contains(&b);
        let here = host == "localhost" || host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
        let fine = !host.is_empty() && host.len() <= 253 && host.bytes().all(plain);
        (fine && (here || guarded != Guarded::Here)).then(|| Self { host: host.to_owned(), port, guarded })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_says_what_is_wrong_with_it() {
        let mut mail =
            Mail { imap: "imaps://m.example".into(), smtp: "smtps://m.example".into(), ..Mail::default() };
        assert!(mail.faults("support@shop.example").is_empty());
        mail.smtp = "smtp://m.example".into();
        mail.display = "x".repeat(129);
        let found = mail.faults("Support <support@shop.example>");
        let named: Vec<_> = found.iter().map(|fault| (fault.field.as_str(), fault.why)).collect();
        let wrong = [("account", Wrong::Form), ("mail.smtp", Wrong::Form), ("mail.display", Wrong::Long)];
        assert_eq!(named, wrong);
        assert!(found[0].what.contains("account") && found[1].what.contains("smtp+starttls"), "{found:?}");
        let none = Mail::default().faults("");
        assert!(none.len() == 3 && none.iter().all(|fault| fault.why == Wrong::Missing), "{none:?}");
        for wrong in ["", "ann", "@shop", "ann@", "a b@shop", "ann@.shop", "ann@@shop", "ann@shop,bo@shop"] {
            assert!(!is_address(wrong), "{wrong}");
        }
        assert!(is_address("李@例子.example") && !is_address(&format!("a@{}", "x".repeat(180))));
    }

    #[test]
    fn servers_of_mail_are_read_and_what_is_unencrypted_stays_on_this_machine() {
        let host = |host: &str, port, guarded| Ok(MailHost { host: host.to_owned(), port, guarded });
        assert_eq!(MailHost::imap("imaps://mail.example"), host("mail.example", 993, Guarded::Tls));
        assert_eq!(
            MailHost::imap("imap+starttls://m.example:1143/"),
            host("m.example", 1143, Guarded::StartTls)
        );
        assert_eq!(MailHost::smtp("smtps://mail.example"), host("mail.example", 465, Guarded::Tls));
        assert_eq!(
            MailHost::smtp("smtp+starttls://[2001:db8::1]"),
            host("2001:db8::1", 587, Guarded::StartTls)
        );
        assert_eq!(MailHost::smtp("smtp://127.0.0.1:2525"), host("127.0.0.1", 2525, Guarded::Here));
        assert_eq!(MailHost::imap("imap://localhost"), host("localhost", 143, Guarded::Here));
        for wrong in [
            "imap://mail.example",
            "imap://127.0.0.1.example",
            "mail.example",
            "smtps://mail.example",
            "imaps://",
            "imaps://a b",
            "imaps://a:0",
            "imaps://a:65536",
            "imaps://user@host",
            "imap+tls://host",
        ] {
            assert!(MailHost::imap(wrong).is_err_and(|why| why.contains("imaps://")), "{wrong}");
        }
    }
}
