//! Whether what is to be stored fits: everything that comes in is bounded.

use ngcc_proto::AgentUri;
use ngcc_proto::chat::{MAX_KEY, MAX_TEXT, Text};
use ngcc_proto::im::{Attached, Change, MAX_MEMBERS, MAX_NAME, MAX_NAMED, Quote, Said, To, What};

use crate::data::Colleagues;

const MOST_LINES: usize = 5;
const MOST_NAME: usize = 256;

/// Whether `from` may send this to `to`.
///
/// # Errors
/// Why not, in words.
pub(super) fn fits(
    colleagues: &Colleagues,
    from: &AgentUri,
    to: &To,
    key: &str,
    what: &What,
) -> Result<(), String> {
    let mut people = vec![from];
    match to {
        To::Person(agent) => people.push(agent),
        To::Group(_) => {}
    }
    if key.is_empty() || key.len() > MAX_KEY || key.chars().any(char::is_control) {
        return Err(format!("a key has 1 to {MAX_KEY} bytes"));
    }
    match what {
        What::Said(said) => said_fits(said)?,
        What::Changed { change } => people.extend(change_fits(change)?),
    }
    match people.into_iter().find(|agent| !colleagues.has(agent)) {
        Some(nobody) => Err(format!("there is no colleague `{}`", nobody.name())),
        None => Ok(()),
    }
}

fn said_fits(said: &Said) -> Result<(), String> {
    let Said { text, quote, file, names } = said;
    if (text.0.trim().is_empty() && file.is_none()) || text.0.len() > MAX_TEXT {
        return Err(format!("a text has 1 to {MAX_TEXT} bytes"));
    }
    if !quote.as_ref().is_none_or(quote_fits) {
        return Err(format!("at most {MOST_LINES} lines are quoted, each of at most {MAX_TEXT} bytes"));
    }
    if !file.as_ref().is_none_or(file_fits) {
        return Err(format!("a file's name and kind have 1 to {MOST_NAME} bytes"));
    }
    if names.len() > MAX_NAMED {
        return Err(format!("at most {MAX_NAMED} colleagues are named"));
    }
    Ok(())
}

fn quote_fits(quote: &Quote) -> bool {
    let line = |(who, what): &(String, Text)| who.len() <= MOST_NAME && what.0.len() <= MAX_TEXT;
    quote.lines.len() <= MOST_LINES && quote.customer.len() <= MOST_NAME && quote.lines.iter().all(line)
}

fn file_fits(file: &Attached) -> bool {
    let fits =
        |text: &str| !text.is_empty() && text.len() <= MOST_NAME && !text.chars().any(char::is_control);
    fits(&file.name) && fits(&file.mime)
}

/// Whom a change is about.
fn change_fits(change: &Change) -> Result<&[AgentUri], String> {
    let (name, who): (_, &[AgentUri]) = match change {
        Change::Made { name, members } => (Some(name), members),
        Change::Renamed { name } => (Some(name), &[]),
        Change::Added { who } => (None, who),
        // Whoever is no colleague any longer may be taken out.
        Change::Removed { who } if who.len() <= MAX_MEMBERS => return Ok(&[]),
        Change::Removed { who } => (None, who),
        Change::Left => (None, &[]),
    };
    let fits = |name: &String| {
        !name.trim().is_empty() && name.len() <= MAX_NAME && !name.chars().any(char::is_control)
    };
    if !name.is_none_or(fits) {
        return Err(format!("a group's name has 1 to {MAX_NAME} bytes"));
    }
    if who.len() > MAX_MEMBERS {
        return Err(format!("a group has at most {MAX_MEMBERS} members"));
    }
    Ok(who)
}
