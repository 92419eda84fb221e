//! How far a chat's customer has come in a form. What they answered is not in it: that is in the run's variables.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// See the module. Fields stand in it by their names: after a restart the form may be another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Filling {
    /// The field that was asked for last; none: the summary was shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) at: Option<String>,
    /// The fields that were answered; false: by leaving them out.
    #[serde(default)]
    answered: BTreeMap<String, bool>,
    /// Which of them are to be asked for once more.
    #[serde(default)]
    again: BTreeSet<String>,
}

impl Filling {
    /// A field has its answer: a value, or that it is left out.
    pub(crate) fn answer(&mut self, field: &str, value: bool) {
        self.answered.insert(field.to_owned(), value);
        self.again.remove(field);
    }

    /// Whether a field was answered with a value.
    pub(crate) fn has_value(&self, field: &str) -> bool {
        self.answered.get(field) == Some(&true)
    }

    /// Whether a field is still to be asked for.
    pub(crate) fn wants(&self, field: &str) -> bool {
        !self.answered.contains_key(field) || self.again.contains(field)
    }

    /// Everything that was answered is to be asked for once more.
    pub(crate) fn change(&mut self) {
        self.again = self.answered.keys().cloned().collect();
    }
}
