//! The media server from outside, over real sockets: a caller hears a flow speak, presses keys, is
//! asked to an agent, and goes on hearing after a restart of the server.

#[cfg(test)]
mod flow {
    mod caller;
    mod calls;
}
