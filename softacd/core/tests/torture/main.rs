//! Messages that were thought up to break SIP parsers: a corpus after the sections of RFC 4475 and
//! RFC 5118, what crosses a stream, and hundreds of thousands of mutations of all of it.

#[cfg(test)]
mod building;
#[cfg(test)]
mod invalid;
#[cfg(test)]
mod ipv6;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod mutation;
#[cfg(test)]
mod stream;
#[cfg(test)]
mod support;
#[cfg(test)]
mod valid;
