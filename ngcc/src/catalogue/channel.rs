//! What stands in a catalogue of a messaging channel.

use super::fields::{Field, Holds, field};

/// The fields of a channel.
pub(super) const CHANNEL: &[Field] = &[
    field("name", Holds::Name, "Its name: it stands in the callback's address."),
    field(
        "kind",
        Holds::MustWord(&["generic", "wechat", "yixin", "qq", "alipay", "telegram", "wecom"]),
        "Whose protocol it speaks.",
    ),
    field("entry", Holds::Name, "The public number that its customers dial by writing."),
    field(
        "account",
        Holds::Text(""),
        "The account at the provider: the app id of WeChat, Yixin, QQ and Alipay, the corporation's id of WeCom.",
    ),
    field(
        "url",
        Holds::Text(""),
        "The provider's interface, where it is not at the provider's own address; for `generic`, where outgoing messages are posted.",
    ),
    field("lang", Holds::Text("zh"), "The language of the centre's own lines: `zh` or `en`."),
    field(
        "secrets",
        Holds::Secrets,
        "Secrets by name, all given at once: for `wechat` and `yixin` `token`, `app_secret` and, for encrypted messages, `aes_key`; for `qq` `app_secret`; for `alipay` `alipay_public_key` and `app_private_key`; for `telegram` `token` and, where it is to call, `secret_token`; for `wecom` `token`, `aes_key` and `app_secret`; for `generic` `key`. Stored encrypted, never written back.",
    ),
];
