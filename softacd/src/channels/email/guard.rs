//! Letters that begin no session: automation answering automation would never end, and who a letter is from is only
//! written on it.

use mail_parser::Message;

/// Why a letter is put aside. It stays in the mailbox, as one that was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// A program has sent it, or it is a report that no letter of ours is known by.
    Automatic,
    /// It went to a list.
    List,
    /// It is from the account itself.
    Own,
    /// The account's server says that it is not from where it claims to be.
    Forged,
    /// Its sender has sent too many lately.
    TooMany,
    /// It names no sender that can be answered, or is nothing that can be read.
    Unreadable,
}

impl Why {
    /// As a label of a metric.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Automatic => "automatic",
            Self::List => "list",
            Self::Own => "own",
            Self::Forged => "forged",
            Self::TooMany => "too_many",
            Self::Unreadable => "unreadable",
        }
    }
}

/// The values of the header `name`, as they stand.
pub(super) fn headers<'a>(letter: &'a Message<'_>, name: &'a str) -> impl Iterator<Item = &'a str> {
    letter
        .headers_raw()
        .filter(move |(given, _)| given.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim())
}

/// Whether a letter that a person seems to have sent is to be put aside, by its headers (RFC 3834 and what lists write).
pub(super) fn puts_aside(letter: &Message<'_>, checked_by: &str) -> Option<Why> {
    let is =
        |name, of: &dyn Fn(&str) -> bool| headers(letter, name).any(|value| of(&value.to_ascii_lowercase()));
    let word = |value: &str| value.split([';', ' ', '\t', '\r', '\n']).next().unwrap_or_default().to_owned();
    if is("auto-submitted", &|value| word(value) != "no") || is("return-path", &|value| value == "<>") {
        return Some(Why::Automatic);
    }
    if is("precedence", &|value| ["bulk", "list", "junk"].contains(&word(value).as_str()))
        || is("list-id", &|_| true)
    {
        return Some(Why::List);
    }
    (!checked_by.is_empty() && fails(letter, checked_by)).then_some(Why::Forged)
}

/// Whether the server called `checked_by` has found that the letter fails its domain's policy (DMARC). Only the topmost
/// header of that name counts: the server puts its own above whatever came with the letter.
fn fails(letter: &Message<'_>, checked_by: &str) -> bool {
    let found = headers(letter, "authentication-results").map(bare).find(|found| {
        let by = found.split(';').next().unwrap_or_default();
        by.split_whitespace().next().is_some_and(|by| by.eq_ignore_ascii_case(checked_by))
    });
    let fails = |result: &str| {
        let result: String = result.chars().filter(|c| !c.is_whitespace()).take(11).collect();
        result.eq_ignore_ascii_case("dmarc=fail")
            || result.get(..10).is_some_and(|begin| begin.eq_ignore_ascii_case("dmarc=fail"))
    };
    found.is_some_and(|found| found.split(';').skip(1).any(fails))
}

/// A value without its comments and quoted strings, in which whoever sent the letter may have written anything.
fn bare(value: &str) -> String {
    let (mut out, mut deep, mut quoted, mut escaped) = (String::new(), 0_usize, false, false);
    for c in value.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted || deep > 0 => escaped = true,
            '"' if deep == 0 => quoted = !quoted,
            '(' if !quoted => deep += 1,
            ')' if !quoted => deep = deep.saturating_sub(1),
            _ if !quoted && deep == 0 => out.push(c),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use mail_parser::MessageParser;

    use super::*;

    fn of(headers: &str) -> Option<Why> {
        let raw = format!("From: ann@x.example\r\n{headers}\r\nhello\r\n");
        let Some(letter) = MessageParser::default().parse(&raw) else { panic!("{raw} is no letter") };
        puts_aside(&letter, "mx.shop.example")
    }

    #[test]
    fn what_programs_and_lists_send_is_put_aside() {
        for automatic in [
            "Auto-Submitted: auto-replied\r\n",
            "AUTO-SUBMITTED: auto-generated; owner=x\r\n",
            "Return-Path: <>\r\n",
        ] {
            assert_eq!(of(automatic), Some(Why::Automatic), "{automatic}");
        }
        for list in [
            "Precedence: bulk\r\n",
            "Precedence: List\r\n",
            "Precedence: junk\r\n",
            "List-Id: <l.x.example>\r\n",
        ] {
            assert_eq!(of(list), Some(Why::List), "{list}");
        }
        for fine in
            ["", "Auto-Submitted: No\r\n", "Precedence: first-class\r\n", "Return-Path: <ann@x.example>\r\n"]
        {
            assert_eq!(of(fine), None, "{fine}");
        }
    }

    #[test]
    fn only_what_the_accounts_own_server_has_found_counts() {
        let found = |by: &str, what: &str| of(&format!("Authentication-Results: {by};\r\n {what}\r\n"));
        for fails in [
            "dmarc=fail",
            "spf=pass smtp.mailfrom=x; dmarc=fail (p=NONE) header.from=x",
            "DMARC = Fail action=none",
            "spf=none (\"; dmarc=pass) smtp.mailfrom=\"a;dmarc=pass\"@x; dmarc=fail",
        ] {
            assert_eq!(found("mx.shop.example", fails), Some(Why::Forged), "{fails}");
        }
        assert_eq!(found("MX.shop.example 1", "dmarc=fail"), Some(Why::Forged));
        for fine in [
            "dmarc=pass",
            "spf=fail; dmarc=none",
            "spf=pass (a; dmarc=fail)",
            "spf=pass smtp.mailfrom=\"; dmarc=fail\"",
        ] {
            assert_eq!(found("mx.shop.example", fine), None, "{fine}");
        }
        assert_eq!(found("mx.elsewhere.example", "dmarc=fail"), None);
        let two = "Authentication-Results: mx.shop.example; dmarc=pass\r\nAuthentication-Results: mx.shop.example; dmarc=fail\r\n";
        assert_eq!(of(two), None, "the lower one came with the letter");
    }
}
