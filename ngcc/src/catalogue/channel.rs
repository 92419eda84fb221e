//! What stands in a catalogue of a messaging channel.

use serde_json::{Value, json};

use super::fields::{Field, Holds, field};

/// The fields of a channel.
pub(super) const CHANNEL: &[Field] = &[
    field("name", Holds::Name, "Its name: it stands in the callback's address."),
    field(
        "kind",
        Holds::MustWord(&["generic", "wechat", "yixin", "qq", "alipay", "telegram", "wecom", "email"]),
        "Whose protocol it speaks.",
    ),
    field("entry", Holds::Name, "The public number that its customers dial by writing."),
    field(
        "account",
        Holds::Text(""),
        "The account at the provider: the app id of WeChat, Yixin, QQ and Alipay, the corporation's id of WeCom, the address of an e-mail account.",
    ),
    field(
        "url",
        Holds::Text(""),
        "The provider's interface, where it is not at the provider's own address; for `generic`, where outgoing messages are posted.",
    ),
    field(
        "mail",
        Holds::Mail,
        "For `email` only, and there it must be given: where the account is read and who takes its letters.",
    ),
    field("lang", Holds::Text("zh"), "The language of the centre's own lines: `zh` or `en`."),
    field(
        "secrets",
        Holds::Secrets,
        "Secrets by name, all given at once: for `wechat` and `yixin` `token`, `app_secret` and, for encrypted messages, `aes_key`; for `qq` `app_secret`; for `alipay` `alipay_public_key` and `app_private_key`; for `telegram` `token` and, where it is to call, `secret_token`; for `wecom` `token`, `aes_key` and `app_secret`; for `email` `password`; for `generic` `key`. Stored encrypted, never written back.",
    ),
];

/// What stands in `mail`, in words.
pub(super) const MAIL: &str = "`{imap, smtp, user, display, checked_by, mark}`; `imap` is `imaps://HOST`, `imap+starttls://HOST` or, towards this machine, `imap://HOST`, `smtp` likewise; `mark` is one of `none`, `address`, `subject`";

/// The same as a schema.
pub(super) fn mail() -> Value {
    let text = json!({ "type": "string" });
    json!({
        "type": "object",
        "properties": {
            "imap": text,
            "smtp": text,
            "user": text,
            "display": text,
            "checked_by": text,
            "mark": { "enum": ["none", "address", "subject"], "default": "none" },
        },
        "required": ["imap", "smtp"],
        "additionalProperties": false,
    })
}
