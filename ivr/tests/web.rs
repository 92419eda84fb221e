//! The media server from outside, with browsers: a WebRTC peer of another making offers, proves who it is, speaks and
//! hears; phones are on the other side.

#[cfg(test)]
mod web {
    mod browser;
    mod calls;
    mod house;
    mod screens;
}
