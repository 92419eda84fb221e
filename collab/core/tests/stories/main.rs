//! Collaborations from their setting-up to their end, as cti and two pages see them.

mod board;
mod ends;
mod form;
mod leak;
mod page;
mod random;
mod rrweb;
mod world;
