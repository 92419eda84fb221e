//! The server's own picture of a customer's page: which nodes there are, what each is, and what holds where it
//! stands. Nothing that a page says of itself later makes a node less masked than what it was known to be.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::card;
use super::element::{self, Field, Marks, Scope, Tag};
use super::kin::Kin;

/// The most nodes of one page.
const MOST: usize = 200_000;
/// How deeply nodes lie within each other, at the most.
pub(super) const DEEPEST: usize = 1024;

/// An event that cannot be understood, or is about what is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Odd;

/// What a node is.
#[derive(Clone, Debug)]
pub(super) enum What {
    /// A document.
    Document,
    /// A text; `piece`: its text, where it may be a part of a card number that is split.
    Text {
        /// Digits, blanks and dashes.
        piece: Option<Box<str>>,
    },
    /// An element.
    Element(Element),
    /// Something that shows nothing.
    Silent,
}

/// An element.
#[derive(Clone, Debug)]
pub(super) struct Element {
    pub(super) tag: Tag,
    pub(super) name: Box<str>,
    pub(super) svg: bool,
    pub(super) marks: Marks,
    pub(super) field: Option<Box<Field>>,
}

#[derive(Debug)]
struct Node {
    parent: Option<u64>,
    children: Kin,
    /// Whether it is the top of a shadow root.
    shadow: bool,
    what: What,
}

/// The nodes of a page.
#[derive(Debug, Default)]
pub(super) struct Mirror {
    nodes: BTreeMap<u64, Node>,
    /// Fields that were secret once: a node keeps its number when it is moved.
    secrets: BTreeSet<u64>,
}

impl Mirror {
    pub(super) fn has(&self, id: u64) -> bool {
        self.nodes.contains_key(&id)
    }

    pub(super) fn what(&self, id: u64) -> Option<&What> {
        self.nodes.get(&id).map(|node| &node.what)
    }

    pub(super) fn element(&self, id: u64) -> Option<&Element> {
        match self.what(id)? {
            What::Element(element) => Some(element),
            What::Document | What::Text { .. } | What::Silent => None,
        }
    }

    pub(super) fn parent(&self, id: u64) -> Option<u64> {
        self.nodes.get(&id)?.parent
    }

    /// Puts a node in; one of the same number is taken out first, with what is in it.
    ///
    /// # Errors
    /// Its parent is not there or takes nothing, or there are too many.
    pub(super) fn insert(
        &mut self,
        id: u64,
        parent: Option<u64>,
        shadow: bool,
        mut what: What,
    ) -> Result<(), Odd> {
        self.remove(id);
        if let What::Element(Element { field: Some(field), .. }) = &mut what {
            field.secret |= self.secrets.contains(&id);
            if field.secret {
                self.secrets.insert(id);
            }
        }
        if let Some(parent) = parent {
            let takes = self.nodes.get_mut(&parent).ok_or(Odd)?;
            match takes.what {
                What::Document | What::Element(_) => takes.children.insert(id),
                What::Text { .. } | What::Silent => return Err(Odd),
            };
        }
        if self.nodes.len() >= MOST || self.secrets.len() > MOST {
            return Err(Odd);
        }
        self.nodes.insert(id, Node { parent, children: Kin::default(), shadow, what });
        Ok(())
    }

    /// Takes a node out, with what is in it.
    pub(super) fn remove(&mut self, id: u64) {
        let Some(node) = self.nodes.remove(&id) else { return };
        if let Some(parent) = node.parent.and_then(|parent| self.nodes.get_mut(&parent)) {
            parent.children.remove(id);
        }
        let mut left: Vec<u64> = node.children.iter().collect();
        while let Some(id) = left.pop() {
            if let Some(node) = self.nodes.remove(&id) {
                left.extend(node.children.iter());
            }
        }
    }

    /// The documents that a frame holds.
    pub(super) fn documents(&self, frame: u64) -> Vec<u64> {
        let children = self.nodes.get(&frame).map(|node| &node.children);
        let document = |id: &u64| matches!(self.what(*id), Some(What::Document));
        children.into_iter().flat_map(Kin::iter).filter(document).collect()
    }

    /// What holds for what stands in `id`; everything is masked where that cannot be said.
    pub(super) fn scope(&self, id: u64) -> Scope {
        let mut chain = vec![];
        let mut at = Some(id);
        while let Some(node) = at.and_then(|id| self.nodes.get(&id)) {
            chain.push(node);
            at = node.parent;
            if chain.len() > DEEPEST {
                return Scope { masked: true, ..Scope::default() };
            }
        }
        chain.iter().rev().fold(Scope::default(), |scope, node| {
            let scope = if node.shadow { scope.across() } else { scope };
            match &node.what {
                What::Document => scope.across(),
                What::Element(element) => scope.within(element.marks),
                What::Text { .. } | What::Silent => scope,
            }
        })
    }

    /// An element's attributes change: what it is from now on.
    pub(super) fn remark(&mut self, id: u64, changed: &Map<String, Value>) {
        let Some(Node { what: What::Element(element), .. }) = self.nodes.get_mut(&id) else { return };
        element.marks = element::remarked(element.marks, changed);
        if let Some(field) = &mut element.field
            && element::is_secret(changed)
        {
            field.secret = true;
            self.secrets.insert(id);
        }
    }

    /// A text changes.
    pub(super) fn retext(&mut self, id: u64, text: &str) {
        if let Some(Node { what: What::Text { piece }, .. }) = self.nodes.get_mut(&id) {
            *piece = card::is_part(text).then(|| text.into());
        }
    }

    /// The texts around a changed one that together are a card number: near it on the page, and only those that
    /// may be parts of one.
    pub(super) fn split_around(&self, id: u64) -> Vec<u64> {
        /// How far up, and how many texts, a number that is split is looked for.
        const UP: usize = 3;
        const TEXTS: usize = 64;
        let Some(What::Text { piece: Some(_) }) = self.what(id) else { return vec![] };
        let mut top = id;
        for _ in 0..UP {
            top = self.parent(top).unwrap_or(top);
        }
        let mut pieces: Vec<(u64, &str)> = vec![];
        let mut left = vec![top];
        let mut seen = 0;
        while let Some(at) = left.pop() {
            let Some(node) = self.nodes.get(&at) else { continue };
            seen += 1;
            if pieces.len() >= TEXTS || seen > TEXTS * TEXTS {
                break;
            }
            if let What::Text { piece: Some(piece) } = &node.what {
                pieces.push((at, piece));
            }
            left.extend(node.children.iter().rev());
        }
        let texts: Vec<&str> = pieces.iter().map(|(_, piece)| *piece).collect();
        let masked = card::split(&texts);
        pieces.iter().zip(masked).filter(|(_, masked)| *masked).map(|((id, _), _)| *id).collect()
    }
}
