//! Forms (`application/x-www-form-urlencoded`), whose values may be in any charset.

use std::collections::BTreeMap;

/// The most fields that are read.
const MOST: usize = 64;

/// The fields by name, as the bytes they are; none if it is no form, or a name comes twice.
pub(super) fn read(body: &[u8]) -> Option<BTreeMap<String, Vec<u8>>> {
    let mut all = BTreeMap::new();
    for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
        let at = pair.iter().position(|byte| *byte == b'=')?;
        let name = String::from_utf8(plain(&pair[..at])?).ok()?;
        if all.len() == MOST || all.insert(name, plain(&pair[at + 1..])?).is_some() {
            return None;
        }
    }
    Some(all)
}

/// A form of these fields.
pub(super) fn write(fields: &[(&str, &str)]) -> String {
    let mut form = String::new();
    for (name, value) in fields {
        if !form.is_empty() {
            form.push('&');
        }
        form.push_str(name);
        form.push('=');
        for byte in value.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => form.push(byte.into()),
                byte => form.push_str(&format!("%{byte:02X}")),
            }
        }
    }
    form
}

fn plain(coded: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(coded.len());
    let mut rest = coded;
    while let Some((&byte, behind)) = rest.split_first() {
        rest = behind;
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let (digits, behind) = rest.split_at_checked(2)?;
                rest = behind;
                *super::adapter::unhex(std::str::from_utf8(digits).ok()?)?.first()?
            }
            byte => byte,
        });
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_what_is_no_form_is_not() {
        let form = write(&[("a", "1 + 1 = 2&你"), ("b", "")]);
        let read_back = read(form.as_bytes()).unwrap();
        assert_eq!((read_back["a"].as_slice(), read_back["b"].len()), ("1 + 1 = 2&你".as_bytes(), 0));
        assert_eq!(read(b"x=%C4%E3+y").unwrap()["x"], [0xc4, 0xe3, b' ', b'y'], "bytes of any charset");
        for bad in ["x", "x=%", "x=%1", "x=%zz", "x=1&x=2", "%ff=1"] {
            assert_eq!(read(bad.as_bytes()), None, "{bad}");
        }
        let many: Vec<_> = (0..65).map(|n| format!("n{n}=1")).collect();
        assert_eq!(read(many.join("&").as_bytes()), None);
    }
}
