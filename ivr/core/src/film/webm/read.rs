//! What is read of a file of ours when a recording goes on after a restart, or comes to its end.

use ngcc_proto::{SessionId, Wall};

use super::{BLOCK, BLOCK_HEAD, CLUSTER, CLUSTER_HEAD, DATE, EBML, EPOCH_MS, INFO, SEGMENT, TIMESTAMP, UUID};

/// An element's head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element {
    /// Its id.
    pub id: u32,
    /// How long the head is.
    pub head: usize,
    /// How long what is in it is; none where that is not known.
    pub size: Option<u64>,
}

/// What a file says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beginning {
    /// Of which session it is.
    pub session: SessionId,
    /// When it began.
    pub since: Wall,
}

/// A block's head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// How long it is, with its head.
    pub length: u64,
    /// How many milliseconds it is behind its cluster's time.
    pub after: u64,
    /// Whether it is a key frame.
    pub is_key: bool,
}

/// Reads an element's head; none if it is not whole, or none.
pub fn element(bytes: &[u8]) -> Option<Element> {
    let first = *bytes.first()?;
    let width = first.leading_zeros() as usize + 1;
    let id = bytes.get(..width).filter(|_| width <= 4)?.iter().fold(0, |id, byte| id << 8 | u32::from(*byte));
    let lead = *bytes.get(width)?;
    let long = lead.leading_zeros() as usize + 1;
    let rest = bytes.get(width + 1..width + long).filter(|_| long <= 8)?;
    // Below the bit that says how many bytes there are.
    let value = u64::from(lead) & ((1 << (8 - long)) - 1);
    let size = rest.iter().fold(value, |size, byte| size << 8 | u64::from(*byte));
    let is_unknown = size == (1 << (7 * long)) - 1;
    Some(Element { id, head: width + long, size: (!is_unknown).then_some(size) })
}

/// Reads everything in front of the first cluster; none if it is not of our form.
pub fn beginning(head: &[u8]) -> Option<Beginning> {
    let (_, rest) = inner(head, EBML)?;
    let segment = element(rest).filter(|segment| segment.id == SEGMENT)?;
    let (mut info, _) = inner(rest.get(segment.head..)?, INFO)?;
    let (mut session, mut since) = (None, None);
    while !info.is_empty() {
        let id = element(info)?.id;
        let (value, rest) = inner(info, id)?;
        if id == UUID {
            session = Some(SessionId(u128::from_be_bytes(value.try_into().ok()?)));
        } else if id == DATE {
            let nanoseconds = i64::from_be_bytes(value.try_into().ok()?);
            since = Some(Wall(EPOCH_MS + nanoseconds / 1_000_000));
        }
        info = rest;
    }
    (head.len() == super::head_length()).then_some(Beginning { session: session?, since: since? })
}

/// What is in the element with this id that stands first, and what is behind it.
fn inner(bytes: &[u8], id: u32) -> Option<(&[u8], &[u8])> {
    let found = element(bytes).filter(|element| element.id == id)?;
    let size = usize::try_from(found.size?).ok()?;
    bytes.get(found.head..)?.split_at_checked(size)
}

/// The time of a cluster of ours, in milliseconds; none if these bytes do not begin one.
pub fn cluster_time(bytes: &[u8]) -> Option<u64> {
    let head = bytes.get(..CLUSTER_HEAD)?;
    element(head).filter(|element| element.id == CLUSTER)?;
    let (value, _) = inner(&head[12..], TIMESTAMP)?;
    Some(u64::from(u32::from_be_bytes(value.try_into().ok()?)))
}

/// A block of ours; none if these bytes do not begin one.
pub fn block_head(bytes: &[u8]) -> Option<Block> {
    let head = bytes.get(..BLOCK_HEAD)?;
    let block = element(head).filter(|element| element.id == BLOCK && element.head == 5)?;
    let after = u64::from(u16::from_be_bytes([head[6], head[7]]));
    Some(Block { length: block.size? + block.head as u64, after, is_key: head[8] & 0x80 != 0 })
}
