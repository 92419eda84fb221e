//! The flags that describe an external bot.

use clap::Args;
use ngcc_proto::config::{Bot, Object, ObjectKind};
use serde_json::json;

use super::object::{Describe, set, typed};

/// `bot`.
#[derive(Args, Debug)]
pub(crate) struct BotArgs {
    /// Where it is posted to, as https://host/path.
    #[arg(long)]
    url: Option<String>,
    /// Seconds it may take for an answer, tries and all: 1 to 30.
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<u32>,
    /// What its messages are signed with, 16 to 128 characters; `-` reads it from standard input.
    #[arg(long)]
    secret: Option<String>,
}

impl Describe for BotArgs {
    const KIND: ObjectKind = ObjectKind::Bot;

    fn fresh(&self, name: &str) -> Result<Object, String> {
        let url = self.url.as_ref().ok_or("--url says where it is posted to, as https://host/path")?;
        let bot: Bot =
            serde_json::from_value(json!({ "name": name, "url": url })).map_err(|e| e.to_string())?;
        Ok(Object::Bot(bot))
    }

    fn apply(self, object: &mut Object) -> Result<(), String> {
        let Object::Bot(bot) = object else { return Ok(()) };
        set(&mut bot.url, self.url);
        set(&mut bot.timeout_s, self.timeout);
        if let Some(secret) = self.secret {
            bot.secret = Some(typed(secret)?);
        }
        Ok(())
    }
}
