//! The flat XML of WeChat's family: one element whose children hold text.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::Event;

/// The largest that is read, in bytes.
const LONGEST: usize = 64 * 1024;
/// The most fields.
const MOST: usize = 64;

/// The fields by name; none if it is not of that form. References to entities other than XML's own are not resolved.
pub(super) fn fields(bytes: &[u8]) -> Option<BTreeMap<String, String>> {
    let text = std::str::from_utf8(bytes).ok().filter(|text| text.len() <= LONGEST)?;
    let mut reader = Reader::from_str(text);
    let (mut depth, mut name, mut all) = (0_usize, String::new(), BTreeMap::new());
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => {
                depth += 1;
                // Deeper ones (lists of pictures and the like) are passed over.
                if depth == 2 {
                    name = std::str::from_utf8(tag.local_name().as_ref()).ok()?.to_owned();
                    all.insert(name.clone(), String::new());
                }
            }
            Event::Text(text) if depth == 2 => all.get_mut(&name)?.push_str(&text.decode().ok()?),
            Event::CData(text) if depth == 2 => all.get_mut(&name)?.push_str(&text.decode().ok()?),
            Event::GeneralRef(reference) if depth == 2 => {
                let c = match (reference.resolve_char_ref().ok()?, &*reference.decode().ok()?) {
                    (Some(c), _) => c,
                    (None, "lt") => '<',
                    (None, "gt") => '>',
                    (None, "amp") => '&',
                    (None, "quot") => '"',
                    (None, "apos") => '\'',
                    (None, _) => return None,
                };
                all.get_mut(&name)?.push(c);
            }
            Event::End(_) => depth = depth.checked_sub(1)?,
            Event::DocType(_) => return None,
            Event::Eof => return (depth == 0 && !all.is_empty()).then_some(all),
            Event::Text(_)
            | Event::CData(_)
            | Event::GeneralRef(_)
            | Event::Empty(_)
            | Event::Comment(_)
            | Event::Decl(_)
            | Event::PI(_) => {}
        }
        if all.len() > MOST || depth > 8 {
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
        assert_eq!(fields(&[0xff; 10]), None);
        assert_eq!(fields(format!("<x><A>{}</A></x>", "y".repeat(70_000)).as_bytes()), None);
    }
}
