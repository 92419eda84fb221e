//! The flat XML of WeChat's family: one element whose children hold text.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::Event;

/// The largest that is read, in bytes.
const LONGEST: usize = 64 * 1024;
/// The most fields.
const MOST: usize = 64;

/// How deep elements may lie in one another.
const DEEPEST: usize = 8;

/// The fields by name; none if it is not of that form. References to entities other than XML's own are not resolved.
/// Deeper ones (lists of pictures and the like) are passed over.
pub(super) fn fields(bytes: &[u8]) -> Option<BTreeMap<String, String>> {
    read(std::str::from_utf8(bytes).ok()?, 2)
}

/// The same of XML whose fields lie in groups: every element, however deep, with the text directly in it.
pub(super) fn leaves(text: &str) -> Option<BTreeMap<String, String>> {
    read(text, DEEPEST)
}

/// The elements below the first, those no deeper than `deepest`.
fn read(text: &str, deepest: usize) -> Option<BTreeMap<String, String>> {
    if text.len() > LONGEST {
        return None;
    }
    let mut reader = Reader::from_str(text);
    let (mut open, mut all): (Vec<String>, BTreeMap<String, String>) = (vec![], BTreeMap::new());
    loop {
        let mut more = |text: &str| match open.last().filter(|_| (2..=deepest).contains(&open.len())) {
            Some(name) => all.get_mut(name).map(|field| field.push_str(text)),
            None => Some(()),
        };
        match reader.read_event().ok()? {
            Event::Start(tag) => {
                open.push(std::str::from_utf8(tag.local_name().as_ref()).ok()?.to_owned());
                if (2..=deepest).contains(&open.len()) {
                    all.insert(open.last()?.clone(), String::new());
                }
            }
            Event::Text(text) => more(&text.decode().ok()?)?,
            Event::CData(text) => more(&text.decode().ok()?)?,
            Event::GeneralRef(reference) => {
                let c = match (reference.resolve_char_ref().ok()?, &*reference.decode().ok()?) {
                    (Some(c), _) => c,
                    (None, "lt") => '<',
                    (None, "gt") => '>',
                    (None, "amp") => '&',
                    (None, "quot") => '"',
                    (None, "apos") => '\'',
                    (None, _) => return None,
                };
                more(c.encode_utf8(&mut [0; 4]))?;
            }
            Event::End(_) => drop(open.pop()?),
            Event::DocType(_) => return None,
            Event::Eof => return (open.is_empty() && !all.is_empty()).then_some(all),
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
        if all.len() > MOST || open.len() > DEEPEST {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_and_anything_else_is_not() {
        let xml = "<xml><A><![CDATA[<你好>]]></A><B>1 &lt; 2 &#x4f60;</B><C><D>x</D></C></xml>";
        let read = fields(xml.as_bytes()).unwrap();
        assert_eq!((read["A"].as_str(), read["B"].as_str(), read["C"].as_str()), ("<你好>", "1 < 2 你", ""));
        for bad in
            ["", "x", "<xml>", "<xml><A>", "<!DOCTYPE x [<!ENTITY a 'b'>]><xml><A>&a;</A></xml>", "<a></b>"]
        {
            assert_eq!(fields(bad.as_bytes()), None, "{bad}");
        }
        let deep = leaves("<x><A><B>1</B></A><C>2</C></x>").unwrap();
        assert_eq!((deep["A"].as_str(), deep["B"].as_str(), deep["C"].as_str()), ("", "1", "2"));
        assert_eq!(leaves(&"<x>".repeat(9)), None);
        assert_eq!(fields(&[0xff; 10]), None);
        assert_eq!(fields(format!("<x><A>{}</A></x>", "y".repeat(70_000)).as_bytes()), None);
    }
}
