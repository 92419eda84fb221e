//! From whom media is taken, and where it is sent: the signalled address, or behind a NAT another port of it, once.
//! A third address is never heard and never sent to.

use std::net::SocketAddr;

/// The address that stands for a browser's: its connection knows where it is, and has proved who it is.
pub const PEER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED), 0);

/// The remote side of a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guard {
    signalled: Option<SocketAddr>,
    proof: Proof,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Proof {
    /// Nothing has come yet.
    Unproven,
    /// Something has come from the signalled address itself: no other is taken any more.
    Signalled,
    /// Something has come from another port of the signalled host, before anything else.
    Latched(SocketAddr),
}

impl Guard {
    /// A remote side known by signalling only.
    pub fn new(signalled: Option<SocketAddr>) -> Self {
        Self { signalled, proof: Proof::Unproven }
    }

    /// What signalling says now; a changed address has to prove itself anew.
    pub fn signal(&mut self, signalled: Option<SocketAddr>) {
        if signalled != self.signalled {
            *self = Self::new(signalled);
        }
    }

    /// Whether there is a remote side now.
    pub fn is_signalled(&self) -> bool {
        self.signalled.is_some()
    }

    /// Whether a packet from `from` is taken.
    pub fn admits(&mut self, from: SocketAddr) -> bool {
        let Some(signalled) = self.signalled else { return false };
        if from == signalled {
            self.proof = Proof::Signalled;
            return true;
        }
        match self.proof {
            Proof::Unproven if from.ip() == signalled.ip() => {
                self.proof = Proof::Latched(from);
                true
            }
            Proof::Latched(latched) => from == latched,
            Proof::Unproven | Proof::Signalled => false,
        }
    }

    /// Whether a control packet from `from` is taken: of the right host, for ports of control are seldom signalled.
    pub fn admits_control(&self, from: SocketAddr) -> bool {
        self.target().is_some_and(|target| target.ip() == from.ip())
    }

    /// Where packets are sent.
    pub fn target(&self) -> Option<SocketAddr> {
        match self.proof {
            Proof::Latched(latched) => Some(latched),
            Proof::Unproven | Proof::Signalled => self.signalled,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_third_address_is_never_taken_and_never_sent_to() {
        let mut guard = Guard::new(Some(at("192.0.2.1:4000")));
        assert!(!guard.admits(at("192.0.2.9:4000")));
        assert!(guard.admits(at("192.0.2.1:4000")));
        assert!(!guard.admits(at("192.0.2.1:4002")), "proven: another port of the host comes too late");
        assert!(!guard.admits(at("192.0.2.9:4000")));
        assert_eq!(guard.target(), Some(at("192.0.2.1:4000")));
    }

    #[test]
    fn behind_a_nat_the_first_port_of_the_signalled_host_is_taken_once() {
        let mut guard = Guard::new(Some(at("192.0.2.1:4000")));
        assert!(guard.admits(at("192.0.2.1:61000")));
        assert!(!guard.admits(at("192.0.2.1:61001")));
        assert_eq!(guard.target(), Some(at("192.0.2.1:61000")));
        assert!(guard.admits(at("192.0.2.1:4000")), "the signalled address always wins");
        assert!(!guard.admits(at("192.0.2.1:61000")));
        assert_eq!(guard.target(), Some(at("192.0.2.1:4000")));
    }

    #[test]
    fn a_signalled_change_begins_anew_and_a_repeat_does_not() {
        let mut guard = Guard::new(Some(at("192.0.2.1:4000")));
        assert!(guard.admits(at("192.0.2.1:61000")));
        guard.signal(Some(at("192.0.2.1:4000")));
        assert_eq!(guard.target(), Some(at("192.0.2.1:61000")));
        guard.signal(Some(at("192.0.2.2:5000")));
        assert_eq!(guard.target(), Some(at("192.0.2.2:5000")));
        assert!(!guard.admits(at("192.0.2.1:61000")));
        guard.signal(None);
        assert!(!guard.admits(at("192.0.2.2:5000")), "a hold without address hears nobody");
    }
}
