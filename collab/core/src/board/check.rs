//! Whether bytes have the shape of a Yjs update (version 1), read without recursion and without believing a
//! number: before a library reads them, it is known that nothing nests deeply and no clock runs over.

/// The largest clock, and the longest item: both fit a 32-bit number together with room.
const MAX_CLOCK: u64 = 1 << 30;
/// The largest client number: what a double of JavaScript holds.
const MAX_CLIENT: u64 = 1 << 53;
/// How deeply a value inside an item may nest.
const DEEPEST: usize = 64;

/// Whether `bytes` are one whole update.
pub(super) fn is_sound(bytes: &[u8]) -> bool {
    let mut reader = Reader(bytes);
    reader.update().is_some() && reader.0.is_empty()
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn update(&mut self) -> Option<()> {
        for _ in 0..self.number(MAX_CLOCK)? {
            let items = self.number(MAX_CLOCK)?;
            self.number(MAX_CLIENT)?;
            let mut clock = self.number(MAX_CLOCK)?;
            for _ in 0..items {
                let length = self.item()?;
                clock += length;
                if length == 0 || clock > MAX_CLOCK {
                    return None;
                }
            }
        }
        for _ in 0..self.number(MAX_CLOCK)? {
            self.number(MAX_CLIENT)?;
            for _ in 0..self.number(MAX_CLOCK)? {
                if self.number(MAX_CLOCK)? + self.number(MAX_CLOCK)? > MAX_CLOCK {
                    return None;
                }
            }
        }
        Some(())
    }

    /// One item: how many clock ticks it takes.
    fn item(&mut self) -> Option<u64> {
        let info = self.byte()?;
        // Collected garbage and gaps.
        if info == 0 || info == 10 {
            return self.number(MAX_CLOCK);
        }
        let (left, right) = (info & 0x80 != 0, info & 0x40 != 0);
        for _ in 0..u8::from(left) + u8::from(right) {
            self.id()?;
        }
        if !left && !right {
            match self.number(1)? {
                1 => self.string().map(|_| ())?,
                _ => self.id()?,
            }
            if info & 0x20 != 0 {
                self.string()?;
            }
        }
        self.content(info & 0x1f)
    }

    fn content(&mut self, kind: u8) -> Option<u64> {
        match kind {
            1 => self.number(MAX_CLOCK),
            2 => {
                let n = self.number(MAX_CLOCK)?;
                (0..n).try_for_each(|_| self.string().map(|_| ()))?;
                Some(n)
            }
            3 => self.take().map(|_| 1),
            4 => u64::try_from(self.string()?.encode_utf16().count()).ok(),
            5 => self.string().map(|_| 1),
            6 => {
                self.string()?;
                self.string().map(|_| 1)
            }
            7 => {
                // An array, a map, a text, a fragment, a text with formats; an element and a hook have a name.
                match self.number(6)? {
                    3 | 5 => self.string().map(|_| ())?,
                    _ => {}
                }
                Some(1)
            }
            8 => {
                let n = self.number(MAX_CLOCK)?;
                (0..n).try_for_each(|_| self.any())?;
                Some(n)
            }
            9 => {
                self.string()?;
                self.any()?;
                Some(1)
            }
            _ => None,
        }
    }

    /// A value, however it nests within [`DEEPEST`].
    fn any(&mut self) -> Option<()> {
        // How many values are still to come at each depth, and whether each has a name before it.
        let mut open = vec![(1_u64, false)];
        while let Some((left, named)) = open.last_mut() {
            if *left == 0 {
                open.pop();
                continue;
            }
            *left -= 1;
            if *named {
                self.string()?;
            }
            match self.byte()? {
                127 | 126 | 121 | 120 => {}
                125 => self.signed()?,
                124 => self.skip(4)?,
                123 | 122 => self.skip(8)?,
                119 => self.string().map(|_| ())?,
                118 => open.push((self.count()?, true)),
                117 => open.push((self.count()?, false)),
                116 => self.take().map(|_| ())?,
                _ => return None,
            }
            if open.len() > DEEPEST {
                return None;
            }
        }
        Some(())
    }

    fn id(&mut self) -> Option<()> {
        self.number(MAX_CLIENT)?;
        self.number(MAX_CLOCK).map(|_| ())
    }

    /// How many values follow: each takes a byte at least.
    fn count(&mut self) -> Option<u64> {
        self.number(u64::try_from(self.0.len()).ok()?)
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    /// A number of 7 bits a byte, the lowest first, at most `most`.
    fn number(&mut self, most: u64) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..63).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return (value <= most).then_some(value);
            }
        }
        None
    }

    /// A number with a sign: only its length matters.
    fn signed(&mut self) -> Option<()> {
        for _ in 0..10 {
            if self.byte()? & 0x80 == 0 {
                return Some(());
            }
        }
        None
    }

    fn skip(&mut self, n: usize) -> Option<()> {
        self.0 = self.0.get(n..)?;
        Some(())
    }

    fn take(&mut self) -> Option<&'a [u8]> {
        let n = usize::try_from(self.count()?).ok()?;
        let (taken, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(taken)
    }

    fn string(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.take()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use yrs::{Any, Array, Doc, Map, ReadTxn, StateVector, Text, Transact, WriteTxn, XmlFragment};

    use super::*;

    fn update(change: impl FnOnce(&mut yrs::TransactionMut<'_>)) -> Vec<u8> {
        let doc = Doc::with_client_id(77);
        let mut transaction = doc.transact_mut();
        change(&mut transaction);
        transaction.encode_state_as_update_v1(&StateVector::default())
    }

    #[test]
    fn what_editors_write_is_sound_and_less_or_more_of_it_is_not() {
        let written = update(|t| {
            let text = t.get_or_insert_text("text");
            text.insert(t, 0, "some grüß 😀 Gott");
            text.remove_range(t, 2, 3);
            let map = t.get_or_insert_map("map");
            map.insert(t, "k", Any::from(vec![Any::from(1.5), Any::Null, Any::from("x")]));
            map.insert(t, "k", yrs::MapPrelim::from([("inner", true)]));
            let list = t.get_or_insert_array("list");
            list.push_back(t, yrs::ArrayPrelim::from([1, 2, 3]));
            list.push_back(t, Any::from(vec![1_u8, 2, 3].as_slice()));
            t.get_or_insert_xml_fragment("xml").push_back(t, yrs::XmlElementPrelim::empty("p"));
        });
        assert!(is_sound(&written));
        assert!(is_sound(&[0, 0]));
        for cut in 0..written.len() {
            assert!(!is_sound(&written[..cut]), "{cut}");
        }
        assert!(!is_sound(&[written, vec![0]].concat()));
    }

    #[test]
    fn deep_values_and_clocks_that_run_over_are_refused() {
        let item = |content: &[u8]| [&[1, 1, 7, 0, 8, 1, 1, b't'], content, &[0]].concat();
        let nested = |n: usize| [&[1][..], &[117, 1].repeat(n), &[126]].concat();
        assert!(is_sound(&item(&nested(60))));
        assert!(!is_sound(&item(&nested(64))));
        assert!(!is_sound(&item(&nested(500_000))));
        // A gap of 2^31.
        assert!(!is_sound(&[1, 1, 7, 0, 10, 0x80, 0x80, 0x80, 0x80, 8, 0]));
        assert!(!is_sound(&[1, 1, 7, 0, 10, 0, 0]), "an item without length");
        assert!(is_sound(&[1, 1, 7, 0, 10, 5, 0]));
    }

    proptest! {
        #[test]
        fn no_bytes_make_reading_or_merging_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if is_sound(&bytes) {
                let _ = yrs::merge_updates_v1([&bytes[..], &[0, 0]]);
            }
        }

        #[test]
        fn nor_do_bytes_that_were_an_update(
            changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        ) {
            let mut bytes = update(|t| {
                let text = t.get_or_insert_text("t");
                text.insert(t, 0, "some text to be broken");
                text.remove_range(t, 3, 4);
                t.get_or_insert_map("m").insert(t, "k", Any::from(vec![Any::from(true)]));
            });
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            if is_sound(&bytes) {
                let other = update(|t| t.get_or_insert_text("t").insert(t, 0, "other"));
                let _ = yrs::merge_updates_v1([&bytes[..], &other]);
            }
        }
    }
}
