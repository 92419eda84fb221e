//! Forms that an agent and a customer fill together.

use serde::{Deserialize, Serialize};

/// The most fields of one form.
pub const MAX_FIELDS: usize = 64;
/// The most options of one field.
pub const MAX_OPTIONS: usize = 64;
/// The most bytes that a field takes.
pub const MAX_VALUE: usize = 4096;

/// A form that an agent and a customer fill together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// Its name.
    pub name: String,
    /// What both see above it.
    #[serde(default)]
    pub label: String,
    /// Its fields, in order.
    pub fields: Vec<Field>,
}

/// One field of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its name, unique in the form.
    pub name: String,
    /// What both see beside it.
    #[serde(default)]
    pub label: String,
    /// What it takes.
    #[serde(default)]
    pub kind: FieldKind,
    /// What may be chosen, where `kind` is `choice`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// Whether the form can be confirmed without it.
    #[serde(default)]
    pub required: bool,
    /// Who may fill it.
    #[serde(default)]
    pub by: FieldBy,
}

/// What a field takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// One line.
    #[default]
    Text,
    /// Several lines.
    Lines,
    /// A whole or decimal number.
    Number,
    /// A day, `2026-01-31`.
    Date,
    /// One of `options`.
    Choice,
    /// Yes or no.
    Tick,
    /// Something that the agent must not see: it shows there only that it is filled.
    Secret,
}

/// Who may fill a field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldBy {
    /// Agent and customer.
    #[default]
    Both,
    /// The customer alone; a secret field is always the customer's.
    Customer,
    /// The agent alone; the customer sees it.
    Agent,
}
