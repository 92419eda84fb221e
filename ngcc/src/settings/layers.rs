//! Where a setting's value comes from: flag over environment over file over default, key by key, so that
//! `config print` can say which of them won and an error can say where the wrong one stands.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use thiserror::Error;
use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

use super::nearest::nearest;
use super::{KEYS, SECRETS, Settings, TOPICS};

/// The largest settings file that is read.
const MAX_FILE: u64 = 1 << 20;
/// What is shown of a secret that is set. It is too short to be taken for one where a print is used as a file.
const HIDDEN: &str = "***";

/// Why settings cannot be used. Every message is one line that says where and what to do.
#[derive(Debug, Error)]
pub(crate) enum SettingsError {
    /// A key nobody knows.
    #[error("{origin}: unknown setting `{key}`{}", hint.as_ref().map(|h| format!("; did you mean `{h}`?")).unwrap_or_default())]
    Unknown {
        /// As written.
        key: String,
        /// Where it stands.
        origin: Origin,
        /// The nearest known one.
        hint: Option<String>,
    },
    /// A value of the wrong kind.
    #[error("{origin}: `{key}` {why}")]
    Value {
        /// The key.
        key: String,
        /// Where it stands.
        origin: Origin,
        /// What is wrong.
        why: String,
    },
    /// Values that do not go together.
    #[error("{0}")]
    Together(String),
    /// The file cannot be read, or is no TOML.
    #[error("settings file {}: {why}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        why: String,
    },
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Nobody set it.
    Default,
    /// A command of its own defaults, such as `demo`.
    Command(&'static str),
    /// The file.
    File(PathBuf, usize),
    /// The environment.
    Env(String),
    /// A flag.
    Flag(String),
}

/// What is looked at, lowest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources {
    /// Defaults of the command that runs: its name, then `key`, `value`.
    pub(crate) command: Option<(&'static str, &'static [(&'static str, &'static str)])>,
    /// The settings file.
    pub(crate) file: Option<PathBuf>,
    /// The environment: only `NGCC_TOPIC__KEY` is looked at.
    pub(crate) env: Vec<(String, String)>,
    /// `key=value` from `--set` and from flags that stand for one, with the flag as typed.
    pub(crate) set: Vec<(String, String)>,
}

/// The settings in force, and where each value came from.
#[derive(Clone, Debug)]
pub(crate) struct Effective {
    /// The settings.
    pub(crate) settings: Settings,
    table: Table,
    origins: BTreeMap<String, Origin>,
}

impl Effective {
    /// Reads every source.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place.
    pub(crate) fn load(sources: &Sources) -> Result<Self, SettingsError> {
        let settings = Settings::default();
        let table = Table::try_from(&settings).map_err(|e| SettingsError::Together(e.to_string()))?;
        let mut effective = Self { settings, table, origins: BTreeMap::new() };
        if let Some((name, pairs)) = sources.command {
            for (key, text) in pairs {
                effective.put_text(key, text, Origin::Command(name))?;
            }
        }
        if let Some(path) = &sources.file {
            effective.put_file(path)?;
        }
        for (name, text) in &sources.env {
            let Some((topic, key)) = name.strip_prefix("NGCC_").and_then(|n| n.split_once("__")) else {
                continue;
            };
            let key = format!("{}.{}", topic.to_lowercase(), key.to_lowercase());
            effective.put_text(&key, text, Origin::Env(name.clone()))?;
        }
        for (flag, pair) in &sources.set {
            let Some((key, text)) = pair.split_once('=') else {
                let why = "needs a value: write key=value".to_owned();
                return Err(SettingsError::Value {
                    key: pair.clone(),
                    origin: Origin::Flag(flag.clone()),
                    why,
                });
            };
            effective.put_text(key.trim(), text.trim(), Origin::Flag(flag.clone()))?;
        }
        match effective.settings.problems().into_iter().next() {
            Some(problem) => Err(SettingsError::Together(problem)),
            None => Ok(effective),
        }
    }

    /// Every key as `(path, value, origin)`, in the order of the reference page, as it may be shown: a secret that is
    /// set is hidden, in its value and in the flag that set it.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&'static str, Value, Origin)> {
        KEYS.iter().filter_map(|info| {
            let (topic, key) = info.path.split_once('.')?;
            let value = self.table.get(topic)?.get(key)?.clone();
            let origin = self.origins.get(info.path).cloned().unwrap_or(Origin::Default);
            let secret = SECRETS.contains(&info.path) && value.as_str() != Some("");
            Some(match (secret, origin) {
                (false, origin) => (info.path, value, origin),
                (true, Origin::Flag(_)) => {
                    (info.path, HIDDEN.into(), Origin::Flag(format!("--set {}={HIDDEN}", info.path)))
                }
                (true, origin) => (info.path, HIDDEN.into(), origin),
            })
        })
    }

    /// The effective settings as a file, each line with where its value came from.
    pub(crate) fn to_toml(&self) -> String {
        let mut out = String::new();
        let mut topic = "";
        for (path, value, origin) in self.entries() {
            let (this, key) = path.split_once('.').unwrap_or((path, ""));
            if this != topic {
                topic = this;
                out.push_str(&format!("{}[{topic}]\n", if out.is_empty() { "" } else { "\n" }));
            }
            let line = format!("{key} = {value}");
            out.push_str(&format!("{line:<44} # {origin}\n"));
        }
        out
    }

    fn put_file(&mut self, path: &PathBuf) -> Result<(), SettingsError> {
        let file = |why: String| SettingsError::File { path: path.clone(), why };
        let size = std::fs::metadata(path).map_err(|e| file(e.to_string()))?.len();
        if size > MAX_FILE {
            return Err(file(format!("{size} bytes are more than the {MAX_FILE} that are read")));
        }
        let text = std::fs::read_to_string(path).map_err(|e| file(e.to_string()))?;
        let line = |at: usize| text.get(..at).unwrap_or("").matches('\n').count() + 1;
        let table = DeTable::parse(&text).map_err(|e| {
            let place = e.span().map(|s| format!("line {}: ", line(s.start))).unwrap_or_default();
            file(format!("{place}{}", e.message()))
        })?;
        let mut leaves = Vec::new();
        flatten("", table.get_ref(), &mut leaves);
        leaves.sort_by_key(|(_, at, _)| *at);
        for (key, at, value) in leaves {
            self.put(&key, value, Origin::File(path.clone(), line(at)))?;
        }
        Ok(())
    }

    /// A value given as text takes the kind its default has.
    fn put_text(&mut self, key: &str, text: &str, origin: Origin) -> Result<(), SettingsError> {
        let wrong = |why: &str| SettingsError::Value {
            key: key.to_owned(),
            origin: origin.clone(),
            why: why.to_owned(),
        };
        let value = match self.current(key) {
            Some(Value::Integer(_)) => {
                Value::Integer(text.parse().map_err(|_| wrong(&format!("is `{text}`: give a whole number")))?)
            }
            Some(Value::Boolean(_)) => {
                Value::Boolean(text.parse().map_err(|_| wrong(&format!("is `{text}`: give true or false")))?)
            }
            Some(Value::Array(_)) => {
                let inner = text.trim().trim_start_matches('[').trim_end_matches(']');
                let items = inner
                    .split(',')
                    .map(|item| item.trim().trim_matches('"'))
                    .filter(|item| !item.is_empty());
                Value::Array(items.map(|item| Value::String(item.to_owned())).collect())
            }
            Some(_) | None => Value::String(text.to_owned()),
        };
        self.put(key, value, origin)
    }

    fn current(&self, key: &str) -> Option<&Value> {
        let (topic, key) = key.split_once('.')?;
        self.table.get(topic)?.get(key)
    }

    fn put(&mut self, key: &str, value: Value, origin: Origin) -> Result<(), SettingsError> {
        if self.current(key).is_none() {
            let known = KEYS.iter().chain(TOPICS).map(|info| info.path);
            let hint = nearest(key, known).map(str::to_owned);
            return Err(SettingsError::Unknown { key: key.to_owned(), origin, hint });
        }
        let (topic, leaf) = key.split_once('.').unwrap_or((key, ""));
        let mut table = self.table.clone();
        if let Some(Value::Table(topic)) = table.get_mut(topic) {
            topic.insert(leaf.to_owned(), value);
        }
        match Settings::deserialize_table(table.clone()) {
            Ok(settings) => self.settings = settings,
            Err(why) => return Err(SettingsError::Value { key: key.to_owned(), origin, why }),
        }
        self.table = table;
        self.origins.insert(key.to_owned(), origin);
        Ok(())
    }
}

impl Settings {
    fn deserialize_table(table: Table) -> Result<Self, String> {
        table.try_into().map_err(|e: toml::de::Error| e.message().trim().replace('\n', " "))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Command(name) => write!(f, "default of `ngcc {name}`"),
            Self::File(path, line) => write!(f, "{} line {line}", path.display()),
            Self::Env(name) => write!(f, "environment {name}"),
            Self::Flag(flag) => f.write_str(flag),
        }
    }
}

/// Every leaf of a parsed file as `(dotted path, byte where its key stands, value)`.
fn flatten(prefix: &str, table: &DeTable<'_>, out: &mut Vec<(String, usize, Value)>) {
    for (key, value) in table {
        let path =
            if prefix.is_empty() { key.get_ref().to_string() } else { format!("{prefix}.{}", key.get_ref()) };
        if let (DeValue::Table(inner), true) = (value.get_ref(), prefix.is_empty()) {
            flatten(&path, inner, out);
        } else {
            out.push((path, key.span().start, plain(value)));
        }
    }
}

/// A parsed value without its places.
fn plain(value: &Spanned<DeValue<'_>>) -> Value {
    match value.get_ref() {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Integer(n) => i64::from_str_radix(&n.as_str().replace('_', ""), n.radix())
            .map_or_else(|_| Value::String(n.as_str().to_owned()), Value::Integer),
        DeValue::Float(x) => x
            .as_str()
            .replace('_', "")
            .parse()
            .map_or_else(|_| Value::String(x.as_str().to_owned()), Value::Float),
        DeValue::Boolean(b) => Value::Boolean(*b),
        DeValue::Datetime(when) => Value::Datetime(*when),
        DeValue::Array(items) => Value::Array(items.iter().map(plain).collect()),
        DeValue::Table(inner) => {
            Value::Table(inner.iter().map(|(key, value)| (key.get_ref().to_string(), plain(value))).collect())
        }
    }
}
