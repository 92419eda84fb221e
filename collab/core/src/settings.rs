//! What the core is given once, at its making.

use std::time::Duration;

/// Ceilings and times. What is over a ceiling is refused, never queued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most collaborations at once.
    pub collabs: usize,
    /// The most pages of one agent that take part in one collaboration.
    pub pages: usize,
    /// The most who look on at one collaboration, beside its two ends.
    pub viewers: u8,
    /// How long an end that was connected may be away before it counts as having left.
    pub grace: Duration,
    /// The most bytes of a shared page's last snapshot and what came behind it.
    pub page_bytes: usize,
    /// The most events of them.
    pub page_events: usize,
    /// The most bytes of a drawing or a text.
    pub board_bytes: usize,
    /// The most addresses that are suggested in one collaboration.
    pub links: usize,
    /// The most files in the tray of one collaboration …
    pub files: usize,
    /// … and their bytes together.
    pub tray_bytes: u64,
    /// The most bytes of one of them.
    pub file_bytes: u64,
    /// How long a change of a drawing, a text or a form may be in memory only.
    pub save: Duration,
    /// How often a customer's page is asked for a new snapshot, at the most.
    pub snap: Duration,
    /// How often an agent may ask for a capability, at the most, and how often their acts are noted.
    pub ask: Duration,
    /// Grants, resumptions, proposals, files and addresses taken of one collaboration: each stands in the record for ever …
    pub notes: usize,
    /// … within this time.
    pub within: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            collabs: 10_000,
            pages: 4,
            viewers: 8,
            grace: Duration::from_secs(30),
            page_bytes: 4 * 1024 * 1024,
            page_events: 5_000,
            board_bytes: 2 * 1024 * 1024,
            links: 100,
            files: 50,
            tray_bytes: 200 * 1024 * 1024,
            file_bytes: 25 * 1024 * 1024,
            save: Duration::from_secs(2),
            snap: Duration::from_secs(5),
            ask: Duration::from_secs(1),
            notes: 20,
            within: Duration::from_secs(10),
        }
    }
}
