//! The headers of a message: in order, as they came, over one shared buffer. Typed reading stands in
//! `typed`.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use thiserror::Error;

use super::name::{self, Name};
use super::text::{element_end, lossy, trim_bytes};
use super::via::Via;

/// A header that cannot be used.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Unreadable {
    /// It is not there.
    #[error("no {0}")]
    Missing(&'static str),
    /// It is there and cannot be read.
    #[error("malformed {0}")]
    Malformed(&'static str),
}

/// Headers in the order in which they stand. Names compare without regard to case and compact forms are
/// their long ones; values keep their bytes, except that a folded value is unfolded and
/// one that we read and that is no UTF-8 is taken for Latin-1.
#[derive(Clone, Default)]
pub struct Headers {
    head: Bytes,
    list: Vec<Header>,
}

#[derive(Clone)]
struct Header {
    known: Option<Name>,
    name: Text,
    value: Text,
}

impl Header {
    fn new(name: &'static str, value: &[u8]) -> Self {
        Self { known: Name::of(name.as_bytes()), name: Text::Known(name), value: own(value) }
    }
}

/// Where a name or a value lies.
#[derive(Clone)]
enum Text {
    /// In the message's own buffer.
    At { start: u32, end: u32 },
    /// A compact name's long form.
    Known(&'static str),
    /// Set later.
    Own(Box<[u8]>),
}

/// A name that is looked for.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    known: Option<Name>,
    text: &'a str,
}

impl<'a> Wanted<'a> {
    fn new(name: &'a str) -> Self {
        let text = match name.as_bytes() {
            [letter] => name::long(*letter).unwrap_or(name),
            _ => name,
        };
        Self { known: Name::of(text.as_bytes()), text }
    }
}

impl Headers {
    /// No headers.
    pub fn new() -> Self {
        Self::default()
    }

    /// The first header `name`; `None` if there is none or it is not UTF-8.
    pub fn get(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(self.bytes(name)?).ok()
    }

    /// The first header `name`, as it came.
    pub fn bytes(&self, name: &str) -> Option<&[u8]> {
        let at = self.place(name)?;
        self.list.get(at).map(|h| self.resolve(&h.value))
    }

    /// Every header `name`, one item a line, as it came.
    pub fn lines<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.named(name).map(|h| self.resolve(&h.value))
    }

    /// Whether there is a header `name`.
    pub fn has(&self, name: &str) -> bool {
        self.place(name).is_some()
    }

    /// All headers in order: name and value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.list.iter().map(|h| (self.name(h), self.resolve(&h.value)))
    }

    /// How many lines there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Adds a header at the end.
    pub fn push(&mut self, name: &'static str, value: impl AsRef<[u8]>) {
        self.list.push(Header::new(name, value.as_ref()));
    }

    /// Adds a header in front of all others: a Via, a Route.
    pub fn push_front(&mut self, name: &'static str, value: impl AsRef<[u8]>) {
        self.list.insert(0, Header::new(name, value.as_ref()));
    }

    /// Makes `value` the only header `name`, in the place of the first one if there is any.
    pub fn set(&mut self, name: &'static str, value: impl AsRef<[u8]>) {
        let Some(at) = self.place(name) else {
            return self.push(name, value);
        };
        let header = Header::new(name, value.as_ref());
        self.remove(name);
        self.list.insert(at, header);
    }

    /// Takes every header `name` away.
    pub fn remove(&mut self, name: &str) {
        let mut list = std::mem::take(&mut self.list);
        let wanted = Wanted::new(name);
        list.retain(|h| !self.is_named(h, wanted));
        self.list = list;
    }

    /// Adds every header `name` of `from`, in order.
    pub fn copy(&mut self, name: &str, from: &Self) {
        // A fresh response shares its request's buffer, and copies no text.
        if self.list.is_empty() {
            self.head = from.head.clone();
        }
        let shared = self.head.as_ptr() == from.head.as_ptr() && self.head.len() == from.head.len();
        for h in from.named(name) {
            if shared {
                self.list.push(h.clone());
                continue;
            }
            let copied = |t: &Text| match t {
                Text::Known(name) => Text::Known(name),
                Text::At { .. } | Text::Own(_) => Text::Own(from.resolve(t).into()),
            };
            self.list.push(Header { known: h.known, name: copied(&h.name), value: copied(&h.value) });
        }
    }

    /// Puts `via` in the place of the topmost Via; what else its line lists stays.
    pub fn set_top_via(&mut self, via: &Via) {
        let Some(at) = self.place("Via") else {
            return self.push_front("Via", via.to_string());
        };
        let line = self.text(&self.list[at].value);
        let rest = line.get(element_end(&line)..).unwrap_or_default();
        let value = own(format!("{via}{rest}").as_bytes());
        self.list[at].value = value;
    }

    /// Takes the topmost Via away, as before a response goes on (RFC 3261 section 16.7).
    pub fn pop_via(&mut self) {
        let Some(at) = self.place("Via") else { return };
        let line = self.text(&self.list[at].value);
        match line.get(element_end(&line) + 1..).map(|rest| own(rest.as_bytes())) {
            Some(rest) => self.list[at].value = rest,
            None => drop(self.list.remove(at)),
        }
    }

    /// The first header `name` as text; bytes that are no UTF-8 are shown as replacement characters.
    pub(super) fn lossy(&self, name: &str) -> Option<Cow<'_, str>> {
        self.bytes(name).map(lossy)
    }

    /// Headers over `head`, filled by [`Headers::found`].
    pub(super) fn over(head: Bytes) -> Self {
        Self { head, list: Vec::with_capacity(16) }
    }

    /// Takes a header that lies in the buffer: a name (compact letters become long) and a value.
    pub(super) fn found(&mut self, name: (usize, usize), value: (usize, usize)) {
        let bytes = self.head.get(name.0..name.1).unwrap_or_default();
        let compact = if let [letter] = bytes { name::long(*letter) } else { None };
        let header = match compact {
            Some(long) => {
                Header { known: Name::of(long.as_bytes()), name: Text::Known(long), value: at(value) }
            }
            None => Header { known: Name::of(bytes), name: at(name), value: at(value) },
        };
        self.list.push(header);
    }

    /// Gives the last header found another value: the unfolded one.
    pub(super) fn replace_last(&mut self, value: &[u8]) {
        if let Some(last) = self.list.last_mut() {
            last.value = own(value);
        }
    }

    /// If the last header found is one we read and no UTF-8, takes it for Latin-1: old telephones write
    /// display names so. What is read and what is printed are then the same text.
    pub(super) fn mend_last(&mut self) {
        let Some(last) = self.list.last().filter(|h| h.known.is_some()) else { return };
        let value = self.resolve(&last.value);
        if std::str::from_utf8(value).is_err() {
            let text: String = value.iter().map(|b| char::from(*b)).collect();
            self.replace_last(text.as_bytes());
        }
    }

    /// The headers known by meaning, in order.
    pub(super) fn known(&self) -> impl Iterator<Item = (Name, &[u8])> {
        self.list.iter().filter_map(|h| Some((h.known?, self.resolve(&h.value))))
    }

    fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Header> {
        let wanted = Wanted::new(name);
        self.list.iter().filter(move |h| self.is_named(h, wanted))
    }

    fn place(&self, name: &str) -> Option<usize> {
        let wanted = Wanted::new(name);
        self.list.iter().position(|h| self.is_named(h, wanted))
    }

    fn is_named(&self, header: &Header, wanted: Wanted<'_>) -> bool {
        match (header.known, wanted.known) {
            (None, None) => self.resolve(&header.name).eq_ignore_ascii_case(wanted.text.as_bytes()),
            (known, other) => known == other,
        }
    }

    fn name<'a>(&'a self, header: &'a Header) -> &'a str {
        // Names are tokens, checked as they are found.
        std::str::from_utf8(self.resolve(&header.name)).unwrap_or_default()
    }

    fn resolve<'a>(&'a self, text: &'a Text) -> &'a [u8] {
        match text {
            Text::At { start, end } => self.head.get(*start as usize..*end as usize).unwrap_or_default(),
            Text::Known(text) => text.as_bytes(),
            Text::Own(text) => text,
        }
    }

    fn text<'a>(&'a self, text: &'a Text) -> Cow<'a, str> {
        lossy(self.resolve(text))
    }
}

fn at((start, end): (usize, usize)) -> Text {
    // A head is far shorter than 4 GiB.
    let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Text::At { start: narrow(start), end: narrow(end) }
}

/// A value of our own. Line ends become blanks, so that no value opens a header of its own.
fn own(value: &[u8]) -> Text {
    let blank = |b: &u8| if matches!(b, b'\r' | b'\n') { b' ' } else { *b };
    Text::Own(trim_bytes(value).iter().map(blank).collect())
}

/// The same names and the same values in the same order, wherever they lie.
impl PartialEq for Headers {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len()
            && self.iter().zip(other.iter()).all(|((n, v), (m, w))| n.eq_ignore_ascii_case(m) && v == w)
    }
}

impl Eq for Headers {}

/// Names only: values may carry digits, credentials and message text.
impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.list.iter().map(|h| self.name(h))).finish()
    }
}
