//! A session's facts as a tree: what one message led to stands under it, with times since the session opened.

use ngcc_proto::Mono;
use ngcc_proto::fact::{Fact, What};
use serde_json::Value;

/// The lines of the tree. Facts hold no digits, so neither does it.
pub(crate) fn lines(facts: &[Fact]) -> Vec<String> {
    let Some(first) = facts.first() else { return Vec::new() };
    let mut lines = vec![format!("{}  {}", first.session, first.at)];
    let groups: Vec<&[Fact]> = facts.chunk_by(|a, b| a.cause.is_some() && a.cause == b.cause).collect();
    for (i, group) in groups.iter().enumerate() {
        let last = i + 1 == groups.len();
        let Some((head, rest)) = group.split_first() else { continue };
        lines.push(format!("{} {}", if last { "└─" } else { "├─" }, fact_line(head, first.mono)));
        for (j, fact) in rest.iter().enumerate() {
            let trunk = if last { "  " } else { "│ " };
            let twig = if j + 1 == rest.len() { "└─" } else { "├─" };
            lines.push(format!("{trunk} {twig} {}", fact_line(fact, first.mono)));
        }
    }
    lines
}

fn fact_line(fact: &Fact, opened: Mono) -> String {
    let since = fact.mono.since(opened);
    let (name, details) = words(&fact.what);
    format!("+{}.{:03}s  {name}{details}", since.as_secs(), since.subsec_millis())
}

/// A fact's name and its fields, as they are written in the log.
fn words(what: &What) -> (String, String) {
    let Ok(Value::Object(fields)) = serde_json::to_value(what) else {
        return (format!("{what:?}"), String::new());
    };
    let mut name = String::new();
    let mut details = String::new();
    for (key, value) in fields {
        match (key.as_str(), value) {
            ("type", Value::String(text)) => name = text.replace('_', " "),
            (_, Value::Null) => {}
            (_, Value::String(text)) => details.push_str(&format!("  {key}={text}")),
            (_, value) => details.push_str(&format!("  {key}={value}")),
        }
    }
    (name, details)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use ngcc_proto::access::Cause;
    use ngcc_proto::fact::{By, VERSION, WaitEnd};
    use ngcc_proto::{LegId, MessageId, SessionId, Wall};

    use super::*;

    fn fact(n: u32, ms: u64, cause: u128, what: What) -> Fact {
        let mono = Mono(7_000_000) + Duration::from_millis(ms);
        Fact { v: VERSION, session: SessionId(1), n, at: Wall(0), mono, cause: Some(MessageId(cause)), what }
    }

    #[test]
    fn what_one_message_led_to_stands_under_it() {
        let facts = [
            fact(0, 0, 1, What::LegAnswered { leg: LegId(1) }),
            fact(
                1,
                1500,
                2,
                What::Dequeued { queue: "sales".to_owned(), end: WaitEnd::Abandoned, wait_ms: 9 },
            ),
            fact(2, 1500, 2, What::LegLeft { leg: LegId(1), cause: Cause::Normal }),
            fact(3, 1501, 2, What::Closed { by: By::Customer, cause: Cause::Normal }),
        ];
        let lines = lines(&facts);
        assert_eq!(lines.len(), 5, "{lines:#?}");
        assert!(lines[1].starts_with("├─ +0.000s  leg answered  leg=leg_"), "{lines:#?}");
        assert!(lines[2].starts_with("└─ +1.500s  dequeued"), "{lines:#?}");
        assert!(lines[2].contains("queue=sales") && lines[2].contains("wait_ms=9"), "{lines:#?}");
        assert!(lines[3].starts_with("   ├─ +1.500s  leg left"), "{lines:#?}");
        assert_eq!(lines[4], "   └─ +1.501s  closed  by=customer  cause=normal");
    }

    #[test]
    fn no_facts_are_no_lines() {
        assert!(lines(&[]).is_empty());
    }
}
