//! Asking external bots.

use std::time::Duration;

use ngcc_proto::{Now, RunId, Secret};
use serde_json::json;

use super::{Runs, WaitsFor};
use crate::flow::fetch::AskBot;
use crate::flow::{Fetch, Fetched, Signed};
use crate::ivr::Output;
use crate::out::Out;

impl Runs {
    /// Posts what a bot is asked. The same question has the same id, however often it is put: the customer's message by
    /// its number in the session, and an opening by how many nodes the run has entered.
    pub(super) fn ask_bot(&mut self, id: RunId, ask: AskBot, now: Now, out: &mut Out) {
        let Some(run) = self.runs.get(&id) else { return };
        let AskBot { bot, message, lang, vars } = ask;
        let Some(account) = self.shelf.bot(&bot) else {
            let none = Fetched::Failed(format!("there is no bot `{bot}`"));
            return self.step(id, now, out, |machine| machine.fetched(&none, now));
        };
        let (kind, webhook) = match &message {
            None => ("bot.opened", format!("{id}-{}", run.machine.steps())),
            Some((seq, _)) => ("bot.message", format!("{id}-m{seq}")),
        };
        let mut body = json!({
            "type": kind,
            "bot": bot,
            "session": run.session.map(|session| session.to_string()),
            "run": id.to_string(),
            "lang": lang,
            "vars": vars,
        });
        if let Some((seq, text)) = message {
            body["message"] = json!({ "seq": seq, "text": text.expose() });
        }
        let fetch = Fetch {
            url: account.settings.url.clone(),
            body: Some(Secret::new(body.to_string())),
            timeout: Duration::from_secs(u64::from(account.settings.timeout_s)),
            signed: Some(Signed { id: webhook, secret: account.secret.clone() }),
        };
        let asked = out.ask(now);
        self.wait_for(id, WaitsFor::Web(asked));
        out.emit(Output::Fetch { ask: asked, fetch });
    }
}
