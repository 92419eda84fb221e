//! The edge on the wire: two parties, virtual time, raw SIP text in, bytes asserted out.

#[cfg(test)]
mod arriving;
#[cfg(test)]
mod calling;
#[cfg(test)]
mod channels;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod in_dialog;
#[cfg(test)]
mod refusing;
#[cfg(test)]
mod registering;
#[cfg(test)]
mod restarting;
#[cfg(test)]
mod streams;
#[cfg(test)]
mod texting;
#[cfg(test)]
mod torture;
#[cfg(test)]
mod world;
