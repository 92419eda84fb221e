//! The only map between our causes and SIP's status codes.

use ngcc_proto::access::Cause;

/// The status that tells a caller why, before the call is up.
pub(crate) fn status(cause: Cause) -> u16 {
    match cause {
        Cause::Busy => 486,
        Cause::Declined => 603,
        Cause::NotFound => 404,
        Cause::NotAcceptable => 488,
        Cause::Forbidden => 403,
        Cause::Overloaded => 503,
        Cause::Cancelled => 487,
        Cause::Unreachable => 504,
        Cause::Failed | Cause::Lost => 500,
        Cause::Normal
        | Cause::NoAnswer
        | Cause::NotRegistered
        | Cause::TimedOut
        | Cause::AnsweredElsewhere => 480,
    }
}

/// What a callee's final refusal means.
pub(crate) fn cause(status: u16) -> Cause {
    match status {
        486 | 600 => Cause::Busy,
        603 | 607 | 608 => Cause::Declined,
        408 | 480 => Cause::NoAnswer,
        404 | 410 | 484 | 485 | 604 => Cause::NotFound,
        487 => Cause::Cancelled,
        401 | 403 | 407 => Cause::Forbidden,
        406 | 415 | 420 | 488 | 606 => Cause::NotAcceptable,
        500..=599 => Cause::Failed,
        _ => Cause::Unreachable,
    }
}

/// The status that tells how a transfer ended (RFC 3515 section 2.4.5).
pub(crate) fn transfer(ended: Cause) -> u16 {
    if matches!(ended, Cause::Normal | Cause::AnsweredElsewhere) { 200 } else { status(ended) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_callee_says_reaches_the_caller_as_it_was_said() {
        for code in [404, 480, 486, 487, 488, 603] {
            assert_eq!(status(cause(code)), code);
        }
    }
}
