//! The edge on the wire: two parties, virtual time, raw SIP text in, bytes asserted out.

mod arriving;
mod calling;
mod in_dialog;
mod refusing;
mod registering;
mod restarting;
mod streams;
mod world;
