//! The flags that describe a messaging channel.

use clap::Args;
use ngcc_proto::config::{Channel, ChannelKind, Object, ObjectKind};
use serde_json::json;

use super::object::{Describe, set, typed, word};

/// `channel`.
#[derive(Args, Debug)]
pub(crate) struct ChannelArgs {
    /// Whose protocol it speaks: generic, wechat, yixin, qq, alipay, telegram or wecom.
    #[arg(long, value_parser = word::<ChannelKind>)]
    kind: Option<ChannelKind>,
    /// The public number that its customers dial by writing.
    #[arg(long)]
    entry: Option<String>,
    /// The account at the provider: the app id of WeChat, Yixin, QQ and Alipay, the corporation's id of WeCom.
    #[arg(long)]
    account: Option<String>,
    /// The provider's interface, where it is not at the provider's own address; for generic, where outgoing messages are posted.
    #[arg(long)]
    url: Option<String>,
    /// The language of the centre's own lines: zh or en.
    #[arg(long)]
    lang: Option<String>,
    /// A secret as NAME=TEXT; NAME=- reads it from standard input. May be repeated; replaces all.
    #[arg(long, value_name = "NAME=TEXT")]
    secret: Vec<String>,
}

impl Describe for ChannelArgs {
    const KIND: ObjectKind = ObjectKind::Channel;

    fn fresh(&self, name: &str) -> Result<Object, String> {
        let kind = self.kind.ok_or(
            "--kind says whose protocol it speaks: generic, wechat, yixin, qq, alipay, telegram or wecom",
        )?;
        let entry = self.entry.as_ref().ok_or("--entry names the number that its customers dial")?;
        let fresh = json!({ "name": name, "kind": kind, "entry": entry });
        let channel: Channel = serde_json::from_value(fresh).map_err(|e| e.to_string())?;
        Ok(Object::Channel(channel))
    }

    fn apply(self, object: &mut Object) -> Result<(), String> {
        let Object::Channel(channel) = object else { return Ok(()) };
        set(&mut channel.kind, self.kind);
        set(&mut channel.entry, self.entry);
        set(&mut channel.account, self.account);
        set(&mut channel.url, self.url);
        set(&mut channel.lang, self.lang);
        if !self.secret.is_empty() {
            channel.secrets = Some(self.secret.into_iter().map(named).collect::<Result<_, _>>()?);
        }
        Ok(())
    }
}

fn named(secret: String) -> Result<(String, String), String> {
    let (name, text) = secret.split_once('=').ok_or("--secret is NAME=TEXT")?;
    Ok((name.to_owned(), typed(text.to_owned())?))
}
