//! The flags that describe a messaging channel.

use clap::Args;
use ngcc_proto::config::{Channel, ChannelKind, Mail, MailMark, Object, ObjectKind};
use serde_json::json;

use super::object::{Describe, set, typed, word};

/// `channel`.
#[derive(Args, Debug)]
pub(crate) struct ChannelArgs {
    /// Whose protocol it speaks: generic, wechat, yixin, qq, alipay, telegram, wecom or email.
    #[arg(long, value_parser = word::<ChannelKind>)]
    kind: Option<ChannelKind>,
    /// The public number that its customers dial by writing.
    #[arg(long)]
    entry: Option<String>,
    /// The account at the provider: the app id of WeChat, Yixin, QQ and Alipay, the corporation's id of WeCom, the address of an e-mail account.
    #[arg(long)]
    account: Option<String>,
    /// The provider's interface, where it is not at the provider's own address; for generic, where outgoing messages are posted.
    #[arg(long)]
    url: Option<String>,
    /// The language of the centre's own lines: zh or en.
    #[arg(long)]
    lang: Option<String>,
    /// email: where it is read, as imaps://HOST or imap+starttls://HOST.
    #[arg(long, value_name = "URL")]
    imap: Option<String>,
    /// email: who takes its letters, as smtps://HOST or smtp+starttls://HOST.
    #[arg(long, value_name = "URL")]
    smtp: Option<String>,
    /// email: whom it signs in as, where that is not its address.
    #[arg(long)]
    user: Option<String>,
    /// email: the name that its letters are from.
    #[arg(long)]
    display: Option<String>,
    /// email: the name by which its own server writes what it has found out about where a letter comes from.
    #[arg(long, value_name = "AUTHSERV-ID")]
    checked_by: Option<String>,
    /// email: where else than in their ids its letters carry what an answer is known by: none, address or subject.
    #[arg(long, value_parser = word::<MailMark>)]
    mark: Option<MailMark>,
    /// A secret as NAME=TEXT; NAME=- reads it from standard input. May be repeated; replaces all.
    #[arg(long, value_name = "NAME=TEXT")]
    secret: Vec<String>,
}

impl Describe for ChannelArgs {
    const KIND: ObjectKind = ObjectKind::Channel;

    fn fresh(&self, name: &str) -> Result<Object, String> {
        let kind = self.kind.ok_or(
            "--kind says whose protocol it speaks: generic, wechat, yixin, qq, alipay, telegram, wecom or email",
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
        let given = [&self.imap, &self.smtp, &self.user, &self.display, &self.checked_by];
        if given.into_iter().any(Option::is_some) || self.mark.is_some() {
            let mail = channel.mail.get_or_insert_with(Mail::default);
            set(&mut mail.imap, self.imap);
            set(&mut mail.smtp, self.smtp);
            set(&mut mail.user, self.user);
            set(&mut mail.display, self.display);
            set(&mut mail.checked_by, self.checked_by);
            set(&mut mail.mark, self.mark);
        }
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
