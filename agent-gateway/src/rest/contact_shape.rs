//! The shapes of requests and answers about customers.

use ngcc_proto::contact::Change;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::shape::{ClosedSession, described};

/// Whom to look for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Sought {
    /// What their name, identities or labels have in them, 1 to 128 bytes.
    pub(crate) q: String,
    /// `next_cursor` of the page before.
    pub(crate) cursor: Option<String>,
    /// How many, 1 to 50; 20 unless said.
    #[param(minimum = 1, maximum = 50)]
    pub(crate) limit: Option<u32>,
}

/// Which labels.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Starting {
    /// How they begin.
    pub(crate) prefix: Option<String>,
}

/// A change of what agents say of a customer; what is not named stays.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ChangeContact {
    /// The version that was seen.
    pub(crate) version: u64,
    /// `{name?, note?, attributes?: {<key>: <value> | null}, add_labels?, remove_labels?}`. An empty name or note takes it
    /// away; what is proved is not changed here.
    #[schema(value_type = Object)]
    pub(crate) change: Change,
}

/// With whom.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Merge {
    /// The version that was seen.
    pub(crate) version: u64,
    /// The contact that joins this one.
    pub(crate) other: String,
}

/// What leaves.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Split {
    /// The version that was seen.
    pub(crate) version: u64,
    /// The user URI that is somebody else's: it leaves with whatever was joined by it.
    pub(crate) identity: Option<String>,
    /// Or the contact that was merged into this one: it leaves as it was.
    pub(crate) contact: Option<String>,
}

/// Customers.
#[derive(Serialize, ToSchema)]
pub(crate) struct Contacts {
    /// Newest first.
    #[schema(value_type = Vec<Contact>)]
    pub(crate) data: Vec<ngcc_proto::contact::Contact>,
    /// For the next page; none on the last one.
    pub(crate) next_cursor: Option<String>,
}

/// A closed session of a customer's.
#[derive(Serialize, ToSchema)]
pub(crate) struct ContactSession {
    /// The session.
    #[schema(value_type = ClosedSession)]
    pub(crate) session: ngcc_proto::admin::ClosedSession,
    /// Whether the one who asks may read its transcript.
    pub(crate) readable: bool,
}

/// A customer's closed sessions.
#[derive(Serialize, ToSchema)]
pub(crate) struct ContactSessions {
    /// Newest first.
    pub(crate) data: Vec<ContactSession>,
    /// For the next page; none on the last one.
    pub(crate) next_cursor: Option<String>,
}

/// Labels in use.
#[derive(Serialize, ToSchema)]
pub(crate) struct Labels {
    /// By letter.
    pub(crate) labels: Vec<String>,
}

described! {
    /// A customer.
    Contact {
        /// Which: `con_…`.
        id: String,
        /// Counts its changes.
        version: u64,
        /// Their name, if anybody has said one.
        name: Option<String>,
        /// Who said it: `{is: proved | claimed | agent, agent?}`.
        #[schema(value_type = Option<Object>)]
        name_by: (),
        /// How they come: `{user, since, proved, shared?}`; `shared`: several customers were proved on it.
        #[schema(value_type = Vec<Object>)]
        identities: (),
        /// What is known of them: `{key, value, by, at}`; `by` as `name_by`.
        #[schema(value_type = Vec<Object>)]
        attributes: (),
        /// Their labels.
        labels: Vec<String>,
        /// What agents have written down: `{text, by?, at, own}`; the one that is `own` can be changed.
        #[schema(value_type = Vec<Object>)]
        notes: (),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use ngcc_proto::ContactId;
    use serde_json::Value;

    #[test]
    fn a_contact_is_described_as_it_is_written() {
        let contact = ngcc_proto::contact::Contact {
            id: ContactId(1),
            version: 1,
            name: None,
            name_by: None,
            identities: vec![],
            attributes: vec![],
            labels: vec![],
            notes: vec![],
        };
        let written = serde_json::to_value(contact).unwrap();
        let written: BTreeSet<String> = written.as_object().unwrap().keys().cloned().collect();
        let document: Value = serde_json::from_str(&super::super::document()).unwrap();
        let described = document["components"]["schemas"]["Contact"]["properties"].as_object().unwrap();
        assert_eq!(written, described.keys().cloned().collect());
    }
}
