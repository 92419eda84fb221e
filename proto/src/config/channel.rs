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
    /// The account at the provider: the app id of WeChat, Yixin, QQ and Alipay, the corporation's id of
    /// WeCom, the address of an e-mail account.
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
    /// WeCom's customer service (微信客服): every service account that one application manages.
    Wecom,
    /// An e-mail account: read by IMAP, written by SMTP.
    Email,
}

impl ChannelKind {
    /// Every kind, in the order in which they are offered.
    pub const ALL: [Self; 8] = [
        Self::Wechat,
        Self::Wecom,
        Self::Alipay,
        Self::Qq,
        Self::Telegram,
        Self::Email,
        Self::Yixin,
        Self::Generic,
    ];

    /// What is to be given of a channel of this kind beside its name, kind, entry and language. This is the one table:
    /// what may be missing, what the command line and the screens ask for and what is refused all come of it.
    pub fn fields(self) -> &'static [ChannelField] {
        use ChannelField as Field;
        use FieldForm::{AesKey, BotToken, Letters, Mark, Pem, Text, Url};
        const ELSEWHERE: Field = Field::may("url", Url);
        match self {
            Self::Generic => const { &[Field::must("url", Url), Field::must("key", Text).secret().own()] },
            Self::Wechat | Self::Yixin => {
                const {
                    &[
                        Field::must("account", Text),
                        Field::must("app_secret", Text).secret(),
                        Field::must("token", Text).secret().own(),
                        Field::may("aes_key", AesKey).secret().own(),
                        ELSEWHERE,
                    ]
                }
            }
            Self::Wecom => {
                const {
                    &[
                        Field::must("account", Text),
                        Field::must("app_secret", Text).secret(),
                        Field::must("token", Text).secret().own(),
                        Field::must("aes_key", AesKey).secret().own(),
                        ELSEWHERE,
                    ]
                }
            }
            Self::Qq => {
                const { &[Field::must("account", Text), Field::must("app_secret", Text).secret(), ELSEWHERE] }
            }
            Self::Alipay => {
                const {
                    &[
                        Field::must("account", Text),
                        Field::must("alipay_public_key", Pem).secret(),
                        Field::must("app_private_key", Pem).secret(),
                        ELSEWHERE,
                    ]
                }
            }
            Self::Telegram => {
                const {
                    &[
                        Field::must("token", BotToken).secret(),
                        Field::may("secret_token", Letters).secret().own(),
                        ELSEWHERE,
                    ]
                }
            }
            Self::Email => {
                const {
                    &[
                        Field::must("account", Text),
                        Field::must("password", Text).secret(),
                        Field::must("mail.imap", Text),
                        Field::must("mail.smtp", Text),
                        Field::may("mail.user", Text),
                        Field::may("mail.display", Text),
                        Field::may("mail.checked_by", Text),
                        Field::may("mail.mark", Mark),
                    ]
                }
            }
        }
    }

    /// The names of the secrets it cannot work without.
    pub fn secrets(self) -> impl Iterator<Item = &'static str> {
        self.fields().iter().filter(|field| field.secret && field.required).map(|field| field.key)
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

/// Something that is to be given of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelField {
    /// Its name, among a channel's settings or its secrets.
    pub key: &'static str,
    /// Whether it is a secret: written, never read back.
    pub secret: bool,
    /// Whether the channel cannot work without.
    pub required: bool,
    /// Whether it is of one's own choice, and then entered at the provider's.
    pub own: bool,
    /// What it looks like.
    pub form: FieldForm,
}

impl ChannelField {
    const fn must(key: &'static str, form: FieldForm) -> Self {
        Self { key, secret: false, required: true, own: false, form }
    }

    const fn may(key: &'static str, form: FieldForm) -> Self {
        Self { required: false, ..Self::must(key, form) }
    }

    const fn secret(self) -> Self {
        Self { secret: true, ..self }
    }

    const fn own(self) -> Self {
        Self { own: true, ..self }
    }
}

/// What a field looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldForm {
    /// A line of text.
    Text,
    /// An address, `https://…` or `http://…`.
    Url,
    /// 43 letters and digits.
    AesKey,
    /// An RSA key in PEM or its base64, of several lines.
    Pem,
    /// `NUMBER:LETTERS`.
    BotToken,
    /// Letters, digits, `-` and `_`.
    Letters,
    /// `none`, `address` or `subject`.
    Mark,
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
