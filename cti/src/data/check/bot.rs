//! What may be wrong with an external bot.

use ngcc_proto::config::{Bot, MAX_BOT_TIMEOUT_S, Object, ObjectKind};

use super::{Found, MAX_URI, Plain, Put};

impl Found<'_> {
    pub(super) fn bot(&mut self, bot: &Bot) {
        let (kind, name) = (ObjectKind::Bot, bot.name.as_str());
        self.word(kind, name);
        let web = ["https://", "http://"].iter().any(|scheme| bot.url.starts_with(scheme));
        let url = web && bot.url.len() <= MAX_URI && !bot.url.contains(char::is_whitespace);
        self.want(url, kind, name, "url begins with https:// or http:// and has at most 256 characters");
        let time = (1..=MAX_BOT_TIMEOUT_S).contains(&bot.timeout_s);
        self.want(time, kind, name, "timeout_s is 1 to 30: its customer waits for as long");
    }

    /// What it is signed with is given with the bot, or has been before.
    pub(super) fn bot_secret(&mut self, put: &Put) {
        let Object::Bot(bot) = &put.object else { return };
        let kept = self.after.rows.get(&(ObjectKind::Bot, bot.name.clone()));
        let fine = match &put.secret {
            Some(Plain::Bot(secret)) => {
                (16..=128).contains(&secret.len()) && secret.bytes().all(|b| b.is_ascii_graphic())
            }
            Some(Plain::Password(_) | Plain::Pin(_) | Plain::Digest { .. } | Plain::Channel(_)) => false,
            None => kept.is_some_and(|row| row.secret.is_some()),
        };
        let rule = "its secret, by which it knows our messages, has 16 to 128 characters without blanks";
        self.want(fine, ObjectKind::Bot, &bot.name, rule);
    }
}
