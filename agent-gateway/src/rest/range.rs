//! Which bytes of a file are asked for (RFC 9110 section 14): players ask for one range after another.

use axum::http::{HeaderMap, header};

/// What of a file is to be given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// All of it.
    Whole,
    /// From the first byte to the last, both of them too.
    Part {
        /// The first.
        first: u64,
        /// The last.
        last: u64,
    },
    /// None of what is asked for is there.
    Beyond,
}

/// What a request asks for of a file of `size` bytes. What is no single range of bytes is not taken into account, as the
/// standard has it.
pub(super) fn asked(headers: &HeaderMap, size: u64) -> Asked {
    let value = headers.get(header::RANGE).and_then(|value| value.to_str().ok());
    value.and_then(|value| one(value, size)).unwrap_or(Asked::Whole)
}

fn one(value: &str, size: u64) -> Option<Asked> {
    let (first, last) = value.trim().strip_prefix("bytes=")?.split_once('-')?;
    let (first, last) = (first.trim(), last.trim());
    if first.is_empty() {
        // So many of the last bytes.
        let count = number(last)?;
        let is_there = count > 0 && size > 0;
        let part = Asked::Part { first: size.saturating_sub(count), last: size.saturating_sub(1) };
        return Some(if is_there { part } else { Asked::Beyond });
    }
    let first = number(first)?;
    let last = if last.is_empty() { u64::MAX } else { number(last)? };
    if last < first {
        return None;
    }
    Some(if first < size { Asked::Part { first, last: last.min(size - 1) } } else { Asked::Beyond })
}

/// Digits alone, of which a number is made that may be too large to be told from others as large.
fn number(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn of(value: &str, size: u64) -> Asked {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, HeaderValue::from_str(value).unwrap());
        asked(&headers, size)
    }

    #[test]
    fn one_range_is_read_in_each_of_its_forms() {
        assert_eq!(of("bytes=0-", 10), Asked::Part { first: 0, last: 9 });
        assert_eq!(of("bytes=3-5", 10), Asked::Part { first: 3, last: 5 });
        assert_eq!(of("bytes=3-99999999999999999999999", 10), Asked::Part { first: 3, last: 9 });
        assert_eq!(of("bytes=-4", 10), Asked::Part { first: 6, last: 9 });
        assert_eq!(of("bytes=-40", 10), Asked::Part { first: 0, last: 9 });
    }

    #[test]
    fn what_is_not_there_is_beyond_and_what_is_no_range_is_everything() {
        for beyond in ["bytes=10-", "bytes=99999999999999999999999-", "bytes=-0"] {
            assert_eq!(of(beyond, 10), Asked::Beyond, "{beyond}");
        }
        assert_eq!(of("bytes=0-", 0), Asked::Beyond);
        for whole in
            ["bytes=5-3", "bytes=0-1,3-4", "bytes=", "bytes=-", "lines=1-2", "bytes=a-b", "bytes=+1-2"]
        {
            assert_eq!(of(whole, 10), Asked::Whole, "{whole}");
        }
        assert_eq!(asked(&HeaderMap::new(), 10), Asked::Whole);
    }
}
