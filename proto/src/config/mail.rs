//! E-mail accounts: where they are read, and who takes what they send.

use serde::{Deserialize, Serialize};

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
    pub imap: String,
    /// Who takes what it sends, see [`MailHost::smtp`].
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
    /// What is wrong with it, for an account of the address `account`: a line each.
    pub fn problems(&self, account: &str) -> Vec<&'static str> {
        let mut found = vec![];
        if !is_address(account) {
            found.push("account is the e-mail address that customers write to");
        }
        found.extend(MailHost::imap(&self.imap).err());
        found.extend(MailHost::smtp(&self.smtp).err());
        let plain = |text: &str| text.len() <= MAX_NAME && !text.chars().any(char::is_control);
        if !plain(&self.user) || !plain(&self.display) || !plain(&self.checked_by) {
            found.push("user, display and checked_by have at most 128 bytes");
        }
        if self.mark == MailMark::Address && account.find('@').is_some_and(|local| local > 36) {
            found.push("its address is too long for a mark in it: the part before the @ may have 36 bytes");
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
        assert!(mail.problems("support@shop.example").is_empty());
        mail.smtp = "smtp://m.example".into();
        let found = mail.problems("Support <support@shop.example>");
        assert!(
            found.len() == 2 && found[0].contains("account") && found[1].contains("smtp+starttls"),
            "{found:?}"
        );
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
