//! The numbers of what stands in a node. Most nodes of a page hold one or none, and a page has thousands: only those
//! that hold more pay for a set.

use std::collections::BTreeSet;

/// The children of a node, in the order of their numbers.
#[derive(Debug, Default)]
pub(super) enum Kin {
    #[default]
    None,
    One(u64),
    Many(BTreeSet<u64>),
}

impl Kin {
    pub(super) fn insert(&mut self, id: u64) {
        match self {
            Self::None => *self = Self::One(id),
            Self::One(only) if *only == id => {}
            Self::One(only) => *self = Self::Many(BTreeSet::from([*only, id])),
            Self::Many(all) => {
                all.insert(id);
            }
        }
    }

    pub(super) fn remove(&mut self, id: u64) {
        match self {
            Self::None => {}
            Self::One(only) if *only == id => *self = Self::None,
            Self::One(_) => {}
            Self::Many(all) => {
                all.remove(&id);
            }
        }
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = u64> {
        let (one, many) = match self {
            Self::None => (None, None),
            Self::One(only) => (Some(*only), None),
            Self::Many(all) => (None, Some(all)),
        };
        one.into_iter().chain(many.into_iter().flat_map(|all| all.iter().copied()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_holds_what_a_set_would_hold() {
        let (mut kin, mut set) = (Kin::default(), BTreeSet::new());
        for (step, id) in [5, 5, 3, 9, 3, 5, 9, 1, 1, 3].into_iter().enumerate() {
            if step % 3 == 2 {
                kin.remove(id);
                set.remove(&id);
            } else {
                kin.insert(id);
                set.insert(id);
            }
            assert!(kin.iter().eq(set.iter().copied()), "{kin:?} {set:?}");
            assert!(kin.iter().rev().eq(set.iter().rev().copied()));
        }
        let mut only = Kin::One(4);
        only.remove(7);
        assert_eq!(only.iter().collect::<Vec<_>>(), [4]);
        only.remove(4);
        assert_eq!(only.iter().count(), 0);
    }
}
