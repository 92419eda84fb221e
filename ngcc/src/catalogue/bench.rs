//! The catalogue of the benchmarks, as it stands in `deploy/bench`.

use std::io;
use std::path::Path;

use serde_json::{Value, json};

/// The catalogue of calls, by its name among the files.
pub(crate) const CATALOGUE: &str = "bench.yaml";
/// The catalogue of chats, by its name among the files.
pub(crate) const CHAT: &str = "chat.yaml";
/// The password of everybody in it.
pub(crate) const CHAT_PASSWORD: &str = "bench-and-nothing-else";
/// The number its queue is reached by.
pub(crate) const CHAT_NUMBER: &str = "5000";
/// How many consoles it has: `c01` and so on.
pub(crate) const CHAT_AGENTS: usize = 40;
/// How many chats each takes at once.
pub(crate) const CHATS: usize = 100;

const FILES: &[(&str, &str)] = &[
    (CATALOGUE, include_str!("../../../deploy/bench/bench.yaml")),
    (CHAT, include_str!("../../../deploy/bench/chat.yaml")),
    ("flows/bench-answer.json", include_str!("../../../deploy/bench/flows/bench-answer.json")),
    ("flows/bench-prompt.json", include_str!("../../../deploy/bench/flows/bench-prompt.json")),
    ("flows/bench-echo.json", include_str!("../../../deploy/bench/flows/bench-echo.json")),
    ("flows/bench-music.json", include_str!("../../../deploy/bench/flows/bench-music.json")),
];

/// Writes the files into `dir`, its agents moved from port 6000 to `agents`.
///
/// # Errors
/// A file cannot be written.
pub(crate) fn write(dir: &Path, agents: u16) -> io::Result<()> {
    std::fs::create_dir_all(dir.join("flows"))?;
    for (name, text) in FILES {
        std::fs::write(dir.join(name), text.replace("@127.0.0.1:6000", &format!("@127.0.0.1:{agents}")))?;
    }
    Ok(())
}

/// The catalogue of idle consoles, by its name among the files.
pub(crate) const IDLE: &str = "idle.yaml";

/// The name of the `n`th agent whose console is idle.
pub(crate) fn idle_agent(n: usize) -> String {
    format!("i{n:05}")
}

/// Writes a catalogue of that many agents, who share a queue, into `dir`. Their password is [`CHAT_PASSWORD`].
///
/// # Errors
/// The file cannot be written.
pub(crate) fn write_idle(dir: &Path, agents: usize) -> io::Result<()> {
    let names: Vec<String> = (0..agents).map(idle_agent).collect();
    let each = |of: fn(&str) -> Value| names.iter().map(|name| of(name)).collect::<Vec<_>>();
    let catalogue = json!({
        "users": each(|name| json!({ "name": name, "roles": ["agent"], "password": CHAT_PASSWORD })),
        "agents": each(|name| json!({ "name": name, "device": "browser" })),
        "queues": [{ "name": "idle", "members": each(|name| json!({ "agent": name })) }],
    });
    std::fs::create_dir_all(dir)?;
    // JSON is YAML.
    std::fs::write(dir.join(IDLE), catalogue.to_string())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use ngcc_proto::config::{Route, Strategy};

    use super::*;

    #[test]
    fn the_dial_plan_of_the_benchmarks_is_whole() {
        let dir = std::env::temp_dir().join(format!("ngcc-bench-plan-{}", std::process::id()));
        write(&dir, 6001).unwrap();
        let catalogue = crate::catalogue::read(&dir.join(CATALOGUE)).unwrap();
        std::fs::remove_dir_all(&dir).unwrap();

        assert!(catalogue.numbers.iter().all(|n| n.public));
        let flows: BTreeSet<&str> = catalogue.flows.iter().map(|f| f.name.as_str()).collect();
        for number in &catalogue.numbers {
            if let Route::Flow(flow) = &number.to {
                assert!(flows.contains(flow.as_str()), "{flow}");
            }
        }
        for flow in &catalogue.flows {
            let checked = ngcc_ivr_core::flow::check(&flow.name, &flow.text);
            assert!(checked.is_ok(), "{checked:?}");
        }
        assert_eq!((catalogue.agents.len(), catalogue.phones.len()), (100, 100));
        assert_eq!(catalogue.phones[6].contact.as_deref(), Some("sip:0007@127.0.0.1:6001"));
        assert!(catalogue.agents.iter().all(|a| a.auto_ready && a.wrap_up_s == Some(0)));
        assert!(
            catalogue.queues.iter().all(|q| q.strategy == Strategy::LongestIdle && q.members.len() == 100)
        );
    }

    #[test]
    fn the_chats_of_the_benchmarks_lead_to_their_consoles() {
        let dir = std::env::temp_dir().join(format!("ngcc-bench-chats-{}", std::process::id()));
        write(&dir, 6001).unwrap();
        let catalogue = crate::catalogue::read(&dir.join(CHAT)).unwrap();
        std::fs::remove_dir_all(&dir).unwrap();

        assert_eq!(catalogue.numbers[0].number, CHAT_NUMBER);
        let Route::Queue(queue) = &catalogue.numbers[0].to else { panic!("{:?}", catalogue.numbers) };
        let members = &catalogue.queues.iter().find(|q| q.name == *queue).unwrap().members;
        assert_eq!((members.len(), catalogue.agents.len()), (CHAT_AGENTS, CHAT_AGENTS));
        assert!(catalogue.agents.iter().all(|a| a.chats as usize == CHATS));
        assert!(catalogue.users.iter().all(|u| u.password.as_deref() == Some(CHAT_PASSWORD)));
    }
}
