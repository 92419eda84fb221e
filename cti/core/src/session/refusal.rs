//! What an offer that was not taken means, for the record and for its agent.

use ngcc_proto::access::Cause;
use ngcc_proto::fact::OfferEnd;

/// How an offer that the agent's phone refused is told.
pub(crate) fn end_of(cause: Cause) -> OfferEnd {
    match cause {
        Cause::Busy => OfferEnd::Busy,
        // Offers that the centre takes back do not come here: a phone that says so refused by itself.
        Cause::Declined | Cause::Forbidden | Cause::Normal | Cause::Cancelled | Cause::AnsweredElsewhere => {
            OfferEnd::Declined
        }
        Cause::NoAnswer | Cause::TimedOut => OfferEnd::NoAnswer,
        Cause::NotFound
        | Cause::NotRegistered
        | Cause::Unreachable
        | Cause::NotAcceptable
        | Cause::Overloaded
        | Cause::Failed
        | Cause::Lost => OfferEnd::Unreachable,
    }
}

/// Whether a refusal is laid at the agent's door. A busy phone and a failure of ours are not.
pub(crate) fn is_missed(cause: Cause) -> bool {
    match cause {
        Cause::Declined
        | Cause::Forbidden
        | Cause::Normal
        | Cause::Cancelled
        | Cause::AnsweredElsewhere
        | Cause::NoAnswer
        | Cause::TimedOut
        | Cause::NotFound
        | Cause::NotRegistered
        | Cause::Unreachable => true,
        Cause::Busy | Cause::NotAcceptable | Cause::Overloaded | Cause::Failed | Cause::Lost => false,
    }
}
