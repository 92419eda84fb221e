//! Reads a flow file and finds everything that is wrong with it, each with its node and reason.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value as Json;

use super::verb::Verb;
use super::{Flow, Media, Medium};

/// The most bytes a flow file may have.
pub const MAX_BYTES: usize = 256 * 1024;
/// The most nodes a flow may have.
pub const MAX_NODES: usize = 500;
/// The most problems that are told of one flow.
const MAX_PROBLEMS: usize = 100;

/// Something wrong, or odd, in a flow file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The flow's name, or the file's.
    pub flow: String,
    /// The node it is at; none if it is about the whole file.
    pub node: Option<String>,
    /// What is wrong.
    pub why: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "flow `{}`", self.flow)?;
        if let Some(node) = &self.node {
            write!(f, ", node `{node}`")?;
        }
        write!(f, ": {}", self.why)
    }
}

/// Reads the flow `name` from its file's text. Nodes that nothing leads to are warnings of the flow.
///
/// # Errors
/// Every problem found, up to a hundred.
pub fn check(name: &str, text: &str) -> Result<Flow, Vec<Problem>> {
    let mut found = Problems { flow: name.to_owned(), list: Vec::new() };
    if text.len() > MAX_BYTES {
        found.whole(format!("it has more than {MAX_BYTES} bytes"));
        return Err(found.list);
    }
    let file: File = match serde_json::from_str(text) {
        Ok(file) => file,
        Err(error) => {
            found.whole(error.to_string());
            return Err(found.list);
        }
    };
    found.about_the_head(name, &file);
    let File { name: named, version, media, lang, callable_by_agent, start, human, nodes, .. } = file;
    let media = Media::of(&media);
    let nodes = found.read_nodes(nodes, media);
    if found.list.is_empty() {
        found.about_targets(&start, human.as_deref(), &nodes);
    }
    if !found.list.is_empty() {
        return Err(found.list);
    }
    let mut warnings = unreachable(name, &start, human.as_deref(), &nodes);
    warnings.extend(odd(name, &nodes, media));
    let (start, human) = (start.into(), human.map(Arc::from));
    let nodes = nodes.into_iter().map(|(name, verb)| (name.into(), verb)).collect();
    Ok(Flow { name: named, version, media, callable_by_agent, lang, start, human, nodes, warnings })
}

/// The file's head typed; its nodes as they came, since each is read by itself to name its problems.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "$schema", default)]
    _schema: Option<String>,
    name: String,
    version: u32,
    media: Vec<Medium>,
    #[serde(default)]
    lang: Option<String>,
    #[serde(default)]
    callable_by_agent: bool,
    start: String,
    #[serde(default)]
    human: Option<String>,
    nodes: Nodes,
}

/// Names and nodes in the file's order: a name that stands twice must not vanish.
struct Nodes(Vec<(String, Json)>);

impl<'de> Deserialize<'de> for Nodes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;

        impl<'de> Visitor<'de> for Each {
            type Value = Nodes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with a node for each name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Nodes, A::Error> {
                let mut nodes = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    nodes.push(entry);
                }
                Ok(Nodes(nodes))
            }
        }

        deserializer.deserialize_map(Each)
    }
}

struct Problems {
    flow: String,
    list: Vec<Problem>,
}

impl Problems {
    fn whole(&mut self, why: String) {
        self.add(None, why);
    }

    fn add(&mut self, node: Option<&str>, why: String) {
        if self.list.len() < MAX_PROBLEMS {
            self.list.push(Problem { flow: self.flow.clone(), node: node.map(str::to_owned), why });
        }
    }

    fn about_the_head(&mut self, name: &str, file: &File) {
        if !is_name(name) {
            self.whole("a flow's name has 1 to 64 of a–z, 0–9, `_`, `-`".to_owned());
        }
        if file.name != name {
            self.whole(format!("the file calls it `{}`", file.name.chars().take(64).collect::<String>()));
        }
        if file.media.is_empty() {
            self.whole("`media` is empty: name `voice`, `chat` or both".to_owned());
        }
        if file.nodes.0.len() > MAX_NODES {
            self.whole(format!("it has {} nodes; {MAX_NODES} is the limit", file.nodes.0.len()));
        }
    }

    fn read_nodes(&mut self, nodes: Nodes, media: Media) -> BTreeMap<String, Verb> {
        let mut read = BTreeMap::new();
        for (name, json) in nodes.0.into_iter().take(MAX_NODES) {
            if !is_node_name(&name) {
                let short: String = name.chars().take(64).collect();
                self.add(Some(&short), "a node's name has 1 to 64 letters, digits, `_`, `-`".to_owned());
                continue;
            }
            let verb = self.read_node(&name, json, media);
            if read.insert(name.clone(), verb).is_some() {
                self.add(Some(&name), "it is there twice".to_owned());
            }
        }
        read.into_iter().filter_map(|(name, verb)| Some((name, verb?))).collect()
    }

    fn read_node(&mut self, name: &str, json: Json, media: Media) -> Option<Verb> {
        match json.get("verb") {
            Some(Json::String(verb)) if Verb::NAMES.contains(&verb.as_str()) => {}
            Some(Json::String(verb)) => {
                let short: String = verb.chars().take(64).collect();
                self.add(
                    Some(name),
                    format!("unknown verb `{short}`; the verbs are {}", Verb::NAMES.join(", ")),
                );
                return None;
            }
            Some(_) | None => {
                self.add(Some(name), "`verb` is missing".to_owned());
                return None;
            }
        }
        match serde_json::from_value::<Verb>(json) {
            Ok(verb) => {
                let problems = verb.problems().into_iter().chain(verb.medium_problems(media));
                problems.for_each(|why| self.add(Some(name), why));
                Some(verb)
            }
            Err(error) => {
                self.add(Some(name), error.to_string());
                None
            }
        }
    }

    fn about_targets(&mut self, start: &str, human: Option<&str>, nodes: &BTreeMap<String, Verb>) {
        for (key, target) in [("start", Some(start)), ("human", human)] {
            if let Some(target) = target.filter(|target| !nodes.contains_key(*target)) {
                self.whole(format!("`{key}`: there is no node `{target}`"));
            }
        }
        for (name, verb) in nodes {
            for (key, target) in verb.exits() {
                if !nodes.contains_key(target) {
                    self.add(Some(name), format!("`{key}`: there is no node `{target}`"));
                }
            }
        }
    }
}

/// What is odd about each node in a flow that serves these media.
fn odd(flow: &str, nodes: &BTreeMap<String, Verb>, media: Media) -> Vec<Problem> {
    let of_node = |(name, verb): (&String, &Verb)| {
        let (flow, node) = (flow.to_owned(), Some(name.clone()));
        let problem = move |why| Problem { flow: flow.clone(), node: node.clone(), why };
        verb.oddities(media).into_iter().map(problem)
    };
    nodes.iter().flat_map(of_node).take(MAX_PROBLEMS).collect()
}

/// The nodes that no way from the start, or from somebody's asking for a human, leads to.
fn unreachable(flow: &str, start: &str, human: Option<&str>, nodes: &BTreeMap<String, Verb>) -> Vec<Problem> {
    let mut to_visit: Vec<&str> = human.into_iter().chain([start]).collect();
    let mut reached: BTreeSet<&str> = to_visit.iter().copied().collect();
    while let Some(verb) = to_visit.pop().and_then(|name| nodes.get(name)) {
        for (_, target) in verb.exits() {
            if reached.insert(target) {
                to_visit.push(target);
            }
        }
    }
    let left_over = nodes.keys().filter(|name| !reached.contains(name.as_str()));
    let problem = |name: &String| Problem {
        flow: flow.to_owned(),
        node: Some(name.clone()),
        why: "nothing leads to it".to_owned(),
    };
    left_over.map(problem).collect()
}

fn is_name(name: &str) -> bool {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-';
    (1..=64).contains(&name.len()) && name.bytes().all(fits)
}

fn is_node_name(name: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    (1..=64).contains(&name.len()) && name.bytes().all(fits)
}
