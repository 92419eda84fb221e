//! One record's bytes: length u32, CRC-32C u32, then version u8, operation u8, kind u8, id u128, n u32,
//! sequence u64 and the core's own bytes. All numbers little-endian; length and checksum cover what follows them.

use ngcc_proto::{Key, Kind};

/// The version this build writes.
const VERSION: u8 = 1;
/// Length and checksum.
pub(super) const HEAD: usize = 8;
/// From the version to the sequence.
const META: usize = 31;
/// The most bytes of a core's own in one record.
pub(super) const MAX_BYTES: usize = 8 << 20;

/// What a record does to its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    /// Gives it these bytes.
    Persist,
    /// Ends it.
    Forget,
}

/// A record as read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Record<'a> {
    pub(super) op: Op,
    pub(super) key: Key,
    pub(super) seq: u64,
    pub(super) bytes: &'a [u8],
}

/// Why there is no record.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Bad {
    /// The bytes are no whole record.
    Broken,
    /// A whole record that this build cannot read, of so many bytes.
    Unknown(usize),
}

/// Appends a record; its length in bytes.
pub(super) fn encode(out: &mut Vec<u8>, op: Op, key: Key, seq: u64, bytes: &[u8]) -> usize {
    let start = out.len();
    // MAX_BYTES keeps it far below 4 GiB.
    let len = u32::try_from(META + bytes.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&len.to_le_bytes());
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&[VERSION, if op == Op::Persist { 1 } else { 2 }, key.kind.code()]);
    out.extend_from_slice(&key.id.to_le_bytes());
    out.extend_from_slice(&key.n.to_le_bytes());
    out.extend_from_slice(&seq.to_le_bytes());
    out.extend_from_slice(bytes);
    let crc = crc32c::crc32c(&out[start + HEAD..]);
    out[start + 4..start + HEAD].copy_from_slice(&crc.to_le_bytes());
    out.len() - start
}

/// Reads the record at the beginning of `from`, and its length in bytes.
pub(super) fn decode(from: &[u8]) -> Result<(Record<'_>, usize), Bad> {
    let (len, crc) = head(from).ok_or(Bad::Broken)?;
    let body = from.get(HEAD..HEAD + len).ok_or(Bad::Broken)?;
    if crc32c::crc32c(body) != crc {
        return Err(Bad::Broken);
    }
    let unknown = Bad::Unknown(HEAD + len);
    let op = match (body[0], body[1]) {
        (VERSION, 1) => Op::Persist,
        (VERSION, 2) => Op::Forget,
        _ => return Err(unknown),
    };
    let Some(kind) = Kind::from_code(body[2]) else { return Err(unknown) };
    let id = u128::from_le_bytes(array(&body[3..19]));
    let n = u32::from_le_bytes(array(&body[19..23]));
    let seq = u64::from_le_bytes(array(&body[23..31]));
    Ok((Record { op, key: Key { kind, id, n }, seq, bytes: &body[META..] }, HEAD + len))
}

/// The length and checksum, if a record of that length can stand there.
pub(super) fn head(from: &[u8]) -> Option<(usize, u32)> {
    let head = from.get(..HEAD)?;
    let len = u32::from_le_bytes(array(&head[..4])) as usize;
    let possible = (META..=META + MAX_BYTES).contains(&len);
    possible.then(|| (len, u32::from_le_bytes(array(&head[4..]))))
}

/// Whether a record this build wrote may begin here: cheap enough to ask at every byte of a damaged segment.
pub(super) fn plausible(from: &[u8]) -> bool {
    let Some((len, _)) = head(from) else { return false };
    let fits = from.len() >= HEAD + len;
    fits && from[HEAD] == VERSION
        && matches!(from[HEAD + 1], 1 | 2)
        && Kind::from_code(from[HEAD + 2]).is_some()
}

fn array<const N: usize>(from: &[u8]) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(from);
    out
}
