//! Port pairs: an even one for RTP, the odd one above it for RTCP. A pair that was given back rests for a while, so
//! that late packets of its last call do not meet the next one.

use std::collections::VecDeque;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use mio::net::UdpSocket;

use super::MediaError;

/// Both sockets of a leg.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) port: u16,
    pub(super) rtp: UdpSocket,
    pub(super) rtcp: UdpSocket,
}

/// The pairs of one address.
#[derive(Debug)]
pub(super) struct Ports {
    ip: IpAddr,
    /// None: whatever the system gives.
    range: Option<RangeInclusive<u16>>,
    free: VecDeque<u16>,
    resting: VecDeque<(Instant, u16)>,
    rest: Duration,
}

/// How many pairs are tried before binding is given up: others on the machine may hold some.
const TRIES: usize = 64;
/// Expedited forwarding (RFC 3246), as the type-of-service byte.
const EXPEDITED: u32 = 46 << 2;

impl Ports {
    pub(super) fn new(ip: IpAddr, range: Option<RangeInclusive<u16>>, rest: Duration) -> Self {
        let free = range
            .iter()
            .flat_map(Clone::clone)
            .filter(|p| p % 2 == 0 && range_holds(&range, p + 1))
            .collect();
        Self { ip, range, free, resting: VecDeque::new(), rest }
    }

    /// A free pair, bound.
    pub(super) fn take(&mut self, now: Instant) -> Result<Pair, MediaError> {
        while let Some(&(_, port)) = self.resting.front().filter(|(until, _)| *until <= now) {
            self.resting.pop_front();
            self.free.push_back(port);
        }
        for _ in 0..TRIES {
            let port = match self.range {
                Some(_) => self.free.pop_front().ok_or(MediaError::NoPort)?,
                None => self.any_even()?,
            };
            match self.bind(port) {
                Err(MediaError::Io(e)) if e.kind() == io::ErrorKind::AddrInUse => self.give_back(port, now),
                Err(e) => {
                    self.give_back(port, now);
                    return Err(e);
                }
                Ok(pair) => return Ok(pair),
            }
        }
        Err(MediaError::NoPort)
    }

    /// This very pair: of a leg that outlived a restart.
    pub(super) fn take_this(&mut self, port: u16) -> Result<Pair, MediaError> {
        let pair = self.bind(port)?;
        self.free.retain(|&p| p != port);
        self.resting.retain(|&(_, p)| p != port);
        Ok(pair)
    }

    /// The pair is closed; it rests, then it is free.
    pub(super) fn give_back(&mut self, port: u16, now: Instant) {
        if self.range.is_some() && range_holds(&self.range, port) {
            self.resting.push_back((now + self.rest, port));
        }
    }

    fn bind(&self, port: u16) -> Result<Pair, MediaError> {
        let above = port.checked_add(1).ok_or(MediaError::NoPort)?;
        Ok(Pair { port, rtp: self.socket(port)?, rtcp: self.socket(above)? })
    }

    fn socket(&self, port: u16) -> Result<UdpSocket, MediaError> {
        let socket = UdpSocket::bind(SocketAddr::new(self.ip, port))?;
        if self.ip.is_ipv4() {
            // A network that does not know precedence carries the packets all the same.
            let _ = socket2::SockRef::from(&socket).set_tos_v4(EXPEDITED);
        }
        Ok(socket)
    }

    fn any_even(&self) -> Result<u16, MediaError> {
        let given = std::net::UdpSocket::bind(SocketAddr::new(self.ip, 0))?.local_addr()?.port();
        Ok(given & !1)
    }
}

fn range_holds(range: &Option<RangeInclusive<u16>>, port: u16) -> bool {
    range.as_ref().is_some_and(|range| range.contains(&port))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    /// A range of `pairs` pairs that nobody holds now.
    fn range(pairs: u16) -> RangeInclusive<u16> {
        let first = Ports::new(HERE, None, Duration::ZERO).take(Instant::now()).unwrap().port;
        first..=first + 2 * pairs - 1
    }

    #[test]
    fn pairs_are_even_and_odd_and_end_with_the_range() {
        let range = range(3);
        let mut ports = Ports::new(HERE, Some(range.clone()), Duration::from_secs(1));
        let pairs: Vec<Pair> = std::iter::from_fn(|| ports.take(Instant::now()).ok()).collect();
        assert!(!pairs.is_empty() && pairs.len() <= 3);
        for pair in &pairs {
            assert!(pair.port % 2 == 0 && range.contains(&pair.port));
            assert_eq!(pair.rtp.local_addr().unwrap().port(), pair.port);
            assert_eq!(pair.rtcp.local_addr().unwrap().port(), pair.port + 1);
        }
        assert!(matches!(ports.take(Instant::now()), Err(MediaError::NoPort)));
    }

    #[test]
    fn a_pair_given_back_rests_before_it_is_taken_again() {
        let mut ports = Ports::new(HERE, Some(range(1)), Duration::from_secs(1));
        let now = Instant::now();
        let pair = ports.take(now).unwrap();
        let port = pair.port;
        drop(pair);
        ports.give_back(port, now);
        assert!(matches!(ports.take(now + Duration::from_millis(999)), Err(MediaError::NoPort)));
        assert_eq!(ports.take(now + Duration::from_secs(1)).unwrap().port, port);
    }

    #[test]
    fn a_pair_of_before_the_restart_is_given_to_nobody_else() {
        let range = range(2);
        let mut ports = Ports::new(HERE, Some(range.clone()), Duration::ZERO);
        let held = ports.take_this(*range.start()).unwrap();
        assert!(ports.take_this(*range.start()).is_err(), "it is bound");
        while let Ok(pair) = ports.take(Instant::now()) {
            assert_ne!(pair.port, held.port);
        }
    }
}
