//! What the operator sets about collaborations.

use ngcc_collab_core::Limits;

/// Which pages may take part, and how much of everything there may be.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Origins of pages that may (`https://shop.example`), besides those of our own host.
    pub origins: Vec<String>,
    /// Whether clients that name no origin may. No browser is one.
    pub without_origin: bool,
    /// The most connections at once.
    pub connections: usize,
    /// The most bytes of one recording.
    pub recording: u64,
    /// What is shed and when.
    pub limits: Limits,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            origins: vec![],
            without_origin: false,
            connections: 20_000,
            recording: 64 * 1024 * 1024,
            limits: Limits::default(),
        }
    }
}
