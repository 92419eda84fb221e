//! Parameters behind a URI, an address or a Via: kept as they came and read on demand.

use std::borrow::Cow;
use std::fmt;

use super::MAX_PARAMS;
use super::text::{Set, decode, is_token_byte, quoted, skip_blanks, trim, unescape, write_quoted};

/// `;name=value;flag…`. Prints exactly what came.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Params(String);

impl Params {
    /// No parameters.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of `name`, without regard to the case of the name: as written, of a quoted string what
    /// stands between the quotes; empty for a flag. `None` when it is not there.
    pub fn get(&self, name: &str) -> Option<&str> {
        find(&self.0, name)
    }

    /// Whether `name` is there, with or without a value.
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The value of `name` with the escapes of a quoted string resolved.
    pub fn unquoted(&self, name: &str) -> Option<Cow<'_, str>> {
        self.get(name).map(unescape)
    }

    /// The value of `name` with percent escapes resolved, as URI parameters have them.
    pub fn decoded(&self, name: &str) -> Option<Cow<'_, str>> {
        self.get(name).map(decode)
    }

    /// Names and values in order; a flag has no value. Quotes are kept.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        Split(&self.0).map_while(|p| p)
    }

    /// Sets `name`, in its old place if it was there. A value that is no token is written quoted,
    /// unless it is an address.
    pub fn set(&mut self, name: &str, value: &str) {
        let mut written = String::new();
        let plain = |b: u8| is_token_byte(b) || b":[]/&$()".contains(&b);
        if !value.is_empty() && value.bytes().all(plain) {
            written.push_str(value);
        } else {
            write_quoted(&mut written, value);
        }
        self.put(name, Some(&written));
    }

    /// Sets the flag `name`.
    pub fn flag(&mut self, name: &str) {
        self.put(name, None);
    }

    /// Takes `name` away.
    pub fn remove(&mut self, name: &str) {
        if self.has(name) {
            let mut kept = String::with_capacity(self.0.len());
            self.iter()
                .filter(|(n, _)| !n.eq_ignore_ascii_case(name))
                .for_each(|(n, v)| append(&mut kept, n, v));
            self.0 = kept;
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As they came, with the semicolon in front.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn put(&mut self, name: &str, value: Option<&str>) {
        if !self.has(name) {
            return append(&mut self.0, name, value);
        }
        let mut out = String::with_capacity(self.0.len() + value.map_or(0, str::len));
        for (n, v) in self.iter() {
            append(&mut out, n, if n.eq_ignore_ascii_case(name) { value } else { v });
        }
        self.0 = out;
    }

    /// Takes text that [`check`] has found good.
    pub(super) fn of_checked(text: &str) -> Self {
        Self(trim(text).to_owned())
    }
}

impl fmt::Display for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn append(out: &mut String, name: &str, value: Option<&str>) {
    out.push(';');
    out.push_str(name);
    if let Some(value) = value {
        out.push('=');
        out.push_str(value);
    }
}

/// The value of `name` in `text`, see [`Params::get`].
pub(super) fn find<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let is_it =
        |n: &str| n.eq_ignore_ascii_case(name) || (n.contains('%') && decode(n).eq_ignore_ascii_case(name));
    let (_, value) = Split(text).map_while(|p| p).find(|(n, _)| is_it(n))?;
    let value = value.unwrap_or_default();
    Some(quoted(value).map_or(value, |(inner, _)| inner))
}

/// Whether `text` is empty or a run of `;name[=value]`, with blanks allowed around the separators.
pub(super) fn check(text: &str) -> bool {
    let mut n = 0;
    Split(text).all(|param| {
        n += 1;
        param.is_some() && n <= MAX_PARAMS
    })
}

type Param<'a> = (&'a str, Option<&'a str>);

/// Walks over the parameters. An item `None` is what is malformed; nothing follows it.
struct Split<'a>(&'a str);

impl<'a> Iterator for Split<'a> {
    type Item = Option<Param<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        let text = skip_blanks(self.0);
        if text.is_empty() {
            return None;
        }
        let param = one(text);
        self.0 = param.map_or("", |(_, rest)| rest);
        Some(param.map(|(param, _)| param))
    }
}

/// Splits one parameter off the front.
fn one(text: &str) -> Option<(Param<'_>, &str)> {
    let text = skip_blanks(text.strip_prefix(';')?);
    let (name, rest) = word(text)?;
    let Some(value) = skip_blanks(rest).strip_prefix('=') else {
        return Some(((name, None), rest));
    };
    let value = skip_blanks(value);
    let rest = match quoted(value) {
        Some((_, rest)) => rest,
        None => word(value)?.1,
    };
    Some(((name, Some(&value[..value.len() - rest.len()])), rest))
}

/// What ends a name or an unquoted value.
static SEPARATES: Set = Set::new(false, b";,=\\\"<>").and_controls();

/// Splits off a name or an unquoted value. More than tokens are let through (`received=[::1]`,
/// values with `@` or letters outside ASCII): all but what separates.
fn word(text: &str) -> Option<(&str, &str)> {
    let end = text.bytes().position(|b| SEPARATES.has(b)).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_found_as_they_came() {
        let text =
            " ;   tag    = 1918181833n;flag ; +sip.instance=\"<urn:uuid:1;2>\";n%61me=v%61lue;received=[::1]";
        assert!(check(text));
        let params = Params::of_checked(text);
        assert_eq!(params.get("TAG"), Some("1918181833n"));
        assert_eq!(params.get("flag"), Some(""));
        assert_eq!(params.get("+sip.instance"), Some("<urn:uuid:1;2>"));
        assert_eq!(params.decoded("name").as_deref(), Some("value"));
        assert_eq!(params.get("received"), Some("[::1]"));
        assert_eq!(params.get("rport"), None);
        assert_eq!(params.to_string(), text.trim());
    }

    #[test]
    fn a_parameter_is_changed_in_its_place_and_taken_away() {
        let mut params = Params::of_checked(";branch=z9hG4bK1;rport;x=\"a;b\"");
        params.set("rport", "5060");
        params.set("received", "192.0.2.1");
        params.set("note", "two \"words\"");
        assert_eq!(
            params.as_str(),
            ";branch=z9hG4bK1;rport=5060;x=\"a;b\";received=192.0.2.1;note=\"two \\\"words\\\"\""
        );
        assert_eq!(params.unquoted("note").as_deref(), Some("two \"words\""));
        params.remove("Branch");
        params.remove("x");
        assert_eq!(params.get("branch"), None);
        assert!(params.as_str().starts_with(";rport=5060;received="));
    }

    #[test]
    fn what_is_no_parameter_list_is_refused() {
        for bad in [";;", ";", ";=1", "a=1", ";a=", ";a=\"open", ";a=1 b", ";a,b"] {
            assert!(!check(bad), "{bad}");
        }
        assert!(!check(&";a".repeat(MAX_PARAMS + 1)), "too many");
        assert!(check(&";a".repeat(MAX_PARAMS)));
    }
}
