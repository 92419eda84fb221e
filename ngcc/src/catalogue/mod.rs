//! Catalogues as files: the YAML of import and export. Flows stand in it as text, or in files of their own
//! beside it.

pub(crate) mod bench;
mod bot;
mod channel;
pub(crate) mod demo;
pub(crate) mod fields;

use std::path::{Path, PathBuf};

use ngcc_proto::config::{
    Agent, Bot, CannedReply, Catalogue, Channel, Disposition, Flow, Form, Number, Phone, Queue, User,
};
use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// The largest catalogue that is read.
const MAX_FILE: u64 = 64 << 20;
/// The largest flow file that is read: more than any flow may have, so that the check can say so.
const MAX_FLOW: u64 = 1 << 20;

/// A catalogue as written: flows may be named files.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Sheet {
    users: Vec<User>,
    agents: Vec<Agent>,
    phones: Vec<Phone>,
    queues: Vec<Queue>,
    numbers: Vec<Number>,
    flows: Vec<FlowEntry>,
    canned_replies: Vec<CannedReply>,
    dispositions: Vec<Disposition>,
    forms: Vec<Form>,
    channels: Vec<Channel>,
    bots: Vec<Bot>,
}

/// A flow of a catalogue.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FlowEntry {
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    file: Option<PathBuf>,
}

/// Reads the catalogue at `path`; flow files are looked for beside it.
///
/// # Errors
/// [`Failure::File`] with the file, the place in it and the reason.
pub(crate) fn read(path: &Path) -> Result<Catalogue, Failure> {
    let text = read_text(path, MAX_FILE)?;
    parse(&text, path.parent().unwrap_or_else(|| Path::new("."))).map_err(|failure| match failure {
        Problem::Sheet(why) => Failure::File { path: path.to_owned(), why },
        Problem::Flow(failure) => failure,
    })
}

/// The catalogue as YAML.
///
/// # Errors
/// [`Failure::NoAnswer`] if a value cannot be written; no catalogue of ours has one.
pub(crate) fn write(catalogue: &Catalogue) -> Result<String, Failure> {
    let Catalogue {
        users,
        agents,
        phones,
        queues,
        numbers,
        flows,
        canned_replies,
        dispositions,
        forms,
        channels,
        bots,
    } = catalogue.clone();
    let flows = flows
        .into_iter()
        .map(|Flow { name, text }| FlowEntry { name, text: Some(text), file: None })
        .collect();
    let sheet = Sheet {
        users,
        agents,
        phones,
        queues,
        numbers,
        flows,
        canned_replies,
        dispositions,
        forms,
        channels,
        bots,
    };
    serde_saphyr::to_string(&sheet)
        .map_err(|e| Failure::NoAnswer(format!("the catalogue cannot be written as YAML: {e}")))
}

enum Problem {
    Sheet(String),
    Flow(Failure),
}

fn parse(text: &str, beside: &Path) -> Result<Catalogue, Problem> {
    let options = serde_saphyr::options! { with_snippet: false };
    let sheet: Sheet = serde_saphyr::from_str_with_options(text, options)
        .map_err(|e| Problem::Sheet(e.to_string().trim().replace('\n', " ")))?;
    let Sheet {
        users,
        agents,
        phones,
        queues,
        numbers,
        flows,
        canned_replies,
        dispositions,
        forms,
        channels,
        bots,
    } = sheet;
    let flows = flows.into_iter().map(|entry| entry.read(beside)).collect::<Result<_, _>>()?;
    Ok(Catalogue {
        users,
        agents,
        phones,
        queues,
        numbers,
        flows,
        canned_replies,
        dispositions,
        forms,
        channels,
        bots,
    })
}

impl FlowEntry {
    fn read(self, beside: &Path) -> Result<Flow, Problem> {
        let Self { name, text, file } = self;
        match (text, file) {
            (Some(text), None) => Ok(Flow { name, text }),
            (None, Some(file)) => {
                let text = read_text(&beside.join(file), MAX_FLOW).map_err(Problem::Flow)?;
                Ok(Flow { name, text })
            }
            (Some(_), Some(_)) | (None, None) => {
                Err(Problem::Sheet(format!("flow `{name}`: give either `text` or `file`")))
            }
        }
    }
}

/// A text file of at most `max` bytes.
fn read_text(path: &Path, max: u64) -> Result<String, Failure> {
    let file = |why: String| Failure::File { path: path.to_owned(), why };
    let size = std::fs::metadata(path).map_err(|e| file(e.to_string()))?.len();
    if size > max {
        return Err(file(format!("{size} bytes are more than the {max} that are read")));
    }
    std::fs::read_to_string(path).map_err(|e| file(e.to_string()))
}

#[cfg(test)]
mod tests {
    use ngcc_proto::config::Route;

    use super::*;

    fn complaint(text: &str) -> String {
        match parse(text, Path::new("/nowhere")) {
            Ok(catalogue) => panic!("{catalogue:?}"),
            Err(Problem::Sheet(why)) => why,
            Err(Problem::Flow(failure)) => failure.to_string(),
        }
    }

    fn good(text: &str) -> Catalogue {
        parse(text, Path::new("/nowhere")).unwrap_or_else(|_| panic!("{}", complaint(text)))
    }

    #[test]
    fn numbers_without_quotes_keep_their_zeros() {
        let catalogue = good(
            "phones:\n- name: 0001\n  contact: sip:0001@127.0.0.1:6000\nnumbers:\n- number: 1000\n  to: {flow: main}\n  public: true\n",
        );
        assert_eq!(catalogue.phones[0].name, "0001");
        assert_eq!(catalogue.numbers[0].number, "1000");
        assert_eq!(catalogue.numbers[0].to, Route::Flow("main".to_owned()));
    }

    #[test]
    fn what_is_written_reads_back_as_the_same() {
        let catalogue = demo::catalogue();
        let text = write(&catalogue).unwrap();
        assert_eq!(good(&text), catalogue, "{text}");
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line() {
        let said = complaint("queues:\n- name: sales\n  strategie: random\n");
        assert!(said.contains("strategie") && said.contains("line 3"), "{said}");
        let said = complaint("queues:\n- name: sales\n  ring_s: soon\n");
        assert!(said.contains("line 3"), "{said}");
    }

    #[test]
    fn a_flow_is_text_or_a_file_and_a_missing_file_is_named() {
        assert!(complaint("flows:\n- name: x\n").contains("either `text` or `file`"));
        assert!(complaint("flows:\n- name: x\n  text: a\n  file: b\n").contains("either `text` or `file`"));
        assert!(complaint("flows:\n- name: x\n  file: x.json\n").contains("/nowhere/x.json"));
    }

    #[test]
    fn an_empty_file_is_an_empty_catalogue() {
        assert_eq!(good("{}"), Catalogue::default());
    }
}
