//! Messaging channels.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::mail::Mail;
use crate::secret::{Secret, hop};

/// A messaging channel by which customers write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Channel {
    /// Its name: it stands in the callback's address, `/hooks/<name>`, and in its customers' URIs.
    pub name: String,
    /// Whose protocol it speaks.
    pub kind: ChannelKind,
    /// The number that its customers dial by writing.
    pub entry: String,
    /// The account at the provider: the app id of WeChat, Yixin, QQ and Alipay; the address of an e-mail account.
    #[serde(default)]
    pub account: String,
    /// Where the provider's interface is, as `https://host`; empty: where the provider has it. For `generic`, where
    /// outgoing messages are posted.
    #[serde(default)]
    pub url: String,
    /// The language of the centre's own lines: `zh` or `en`.
    #[serde(default = "zh")]
    pub lang: String,
    /// Where an e-mail account is read and by whom its letters are taken; none for every other kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<Mail>,
    /// Secrets by name, see [`ChannelKind::secrets`]. Written, never read back: stored encrypted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secrets: Option<BTreeMap<String, String>>,
}

fn zh() -> String {
    "zh".to_owned()
}

/// Whose protocol a channel speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelKind {
    /// Our own signed one, for any system that speaks HTTP.
    Generic,
    /// A WeChat official account.
    Wechat,
    /// A Yixin public account.
    Yixin,
    /// A QQ bot, in chats with one person.
    Qq,
    /// An Alipay life account.
    Alipay,
    /// A Telegram bot, in private chats.
    Telegram,
    /// An e-mail account: read by IMAP, written by SMTP.
    Email,
}

impl ChannelKind {
    /// The names of the secrets it cannot work without.
    pub fn secrets(self) -> &'static [&'static str] {
        match self {
            Self::Generic => &["key"],
            Self::Wechat | Self::Yixin => &["token", "app_secret"],
            Self::Qq => &["app_secret"],
            Self::Alipay => &["alipay_public_key", "app_private_key"],
            Self::Telegram => &["token"],
            Self::Email => &["password"],
        }
    }

    /// What the form of the secret `name` has to be, if `text` has another one.
    pub fn ill_formed(self, name: &str, text: &str) -> Option<&'static str> {
        let of = |more: &[u8]| text.bytes().all(|b| b.is_ascii_alphanumeric() || more.contains(&b));
        let (fine, form) = match name {
            "aes_key" => (text.len() == 43 && of(b""), "it has 43 letters and digits"),
            "alipay_public_key" | "app_private_key" => {
                // PEM is that base64 between two lines.
                let lines = text.lines().filter(|line| !line.starts_with("-----"));
                let base64: String = lines.collect::<String>().split_whitespace().collect();
                let coded = base64.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b));
                (coded && base64.len() > 256, "it is an RSA key of 2048 bits or more, in PEM or its base64")
            }
            "secret_token" => (text.len() <= 256 && of(b"-_"), "it has letters, digits, `-` and `_`"),
            // It stands in addresses.
            "token" if self == Self::Telegram => {
                (text.contains(':') && of(b":-_"), "it is the bot's, as BotFather gave it: NUMBER:LETTERS")
            }
            _ => (true, ""),
        };
        (!fine).then_some(form)
    }
}

/// A channel as softacd is told of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelAccount {
    /// What is configured, without its secrets.
    pub settings: Channel,
    /// Its secrets: a JSON object of names and texts.
    #[serde(with = "hop")]
    pub secrets: Secret,
}
