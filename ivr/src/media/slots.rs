//! Numbered places that are used again: how a socket's token or a schedule's entry names what it belongs to.

/// Values by number.
#[derive(Debug)]
pub(super) struct Slots<T> {
    places: Vec<Option<T>>,
    free: Vec<usize>,
}

impl<T> Default for Slots<T> {
    fn default() -> Self {
        Self { places: vec![], free: vec![] }
    }
}

impl<T> Slots<T> {
    /// Sets a place aside; `put` fills it.
    pub(super) fn reserve(&mut self) -> usize {
        self.free.pop().unwrap_or_else(|| {
            self.places.push(None);
            self.places.len() - 1
        })
    }

    /// Fills a place.
    pub(super) fn put(&mut self, place: usize, value: T) {
        if let Some(slot) = self.places.get_mut(place) {
            *slot = Some(value);
        }
    }

    /// Empties a place; it is used again.
    pub(super) fn take(&mut self, place: usize) -> Option<T> {
        let value = self.places.get_mut(place)?.take()?;
        self.free.push(place);
        Some(value)
    }

    /// Every filled place.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &T)> {
        self.places.iter().enumerate().filter_map(|(place, value)| Some((place, value.as_ref()?)))
    }

    /// What is in a place.
    pub(super) fn at(&self, place: usize) -> Option<&T> {
        self.places.get(place)?.as_ref()
    }

    /// What is in a place, to be changed.
    pub(super) fn at_mut(&mut self, place: usize) -> Option<&mut T> {
        self.places.get_mut(place)?.as_mut()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_used_again_once_it_is_empty() {
        let mut slots = Slots::default();
        let mut add = |value| {
            let place = slots.reserve();
            slots.put(place, value);
            place
        };
        let places = [add('a'), add('b'), add('c')];
        assert_eq!(places, [0, 1, 2]);
        assert_eq!((slots.take(1), slots.take(1), slots.at(2)), (Some('b'), None, Some(&'c')));
        assert_eq!((slots.reserve(), slots.reserve()), (1, 3));
        assert_eq!(slots.at(3), None);
    }
}
