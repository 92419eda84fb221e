//! Every leg, and by what it is found: its id, our tag in its dialog, the call its INVITE belongs to.

use std::collections::{BTreeMap, HashMap};

use ngcc_proto::LegId;

use super::Leg;

/// All legs.
#[derive(Debug, Default)]
pub(crate) struct Legs {
    all: BTreeMap<LegId, Leg>,
    tags: HashMap<u64, LegId>,
    merged: HashMap<u64, LegId>,
}

impl Legs {
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    pub(crate) fn get(&self, id: LegId) -> Option<&Leg> {
        self.all.get(&id)
    }

    pub(crate) fn get_mut(&mut self, id: LegId) -> Option<&mut Leg> {
        self.all.get_mut(&id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Leg> {
        self.all.values()
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Leg> {
        self.all.values_mut()
    }

    /// The leg with our tag `tag`.
    pub(crate) fn by_tag(&self, tag: u64) -> Option<LegId> {
        self.tags.get(&tag).copied()
    }

    /// The leg whose INVITE has the same Call-ID and From tag.
    pub(crate) fn by_call(&self, merged: u64) -> Option<LegId> {
        self.merged.get(&merged).copied()
    }

    pub(crate) fn insert(&mut self, leg: Leg) {
        let id = leg.who().id;
        self.tags.insert(leg.tag(), id);
        if let Some(merged) = leg.merged() {
            self.merged.insert(merged, id);
        }
        self.all.insert(id, leg);
    }

    /// Lets `act` take the leg one step on: what it gives back stays, and where it gives nothing the leg is gone.
    pub(crate) fn step(&mut self, id: LegId, act: impl FnOnce(Leg) -> Option<Leg>) {
        let Some(leg) = self.all.remove(&id) else { return };
        let (tag, merged) = (leg.tag(), leg.merged());
        let next = act(leg);
        if next.as_ref().and_then(Leg::merged).is_none()
            && let Some(merged) = merged.filter(|m| self.merged.get(m) == Some(&id))
        {
            self.merged.remove(&merged);
        }
        match next {
            Some(leg) => {
                self.all.insert(id, leg);
            }
            None => {
                self.tags.remove(&tag);
            }
        }
    }
}
