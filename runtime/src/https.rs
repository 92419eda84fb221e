//! How a request came: the one thing about its connection that whoever answers it has to know.

/// Says that a request came by TLS: whoever serves a part's routes puts it among the request's extensions.
#[derive(Clone, Copy, Debug)]
pub struct Https;
