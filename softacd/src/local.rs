//! Which addresses this machine has: what a request URI may name where we listen on all interfaces.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

/// The addresses of all interfaces, as far as the system tells.
pub(crate) fn addresses() -> Vec<IpAddr> {
    let v4 = std::fs::read_to_string("/proc/net/fib_trie").unwrap_or_default();
    let v6 = std::fs::read_to_string("/proc/net/if_inet6").unwrap_or_default();
    let mut all: Vec<IpAddr> = of_trie(&v4).map(IpAddr::V4).chain(of_list(&v6).map(IpAddr::V6)).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// The address this machine speaks to others from. Nothing is sent to find it out.
pub(crate) fn outward() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    // A documentation address: connecting a UDP socket only asks the routing table.
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    socket.local_addr().ok().map(|a: SocketAddr| a.ip()).filter(|a| !a.is_unspecified())
}

/// `|-- 192.0.2.7` in a line before one that ends in `host LOCAL`.
fn of_trie(text: &str) -> impl Iterator<Item = Ipv4Addr> {
    let lines = text.lines().zip(text.lines().skip(1));
    let local = lines.filter(|(_, kind)| kind.trim_end().ends_with("host LOCAL"));
    local.filter_map(|(line, _)| line.split_whitespace().last()?.parse().ok())
}

/// The first column: 32 hexadecimal digits.
fn of_list(text: &str) -> impl Iterator<Item = Ipv6Addr> {
    text.lines()
        .filter_map(|line| u128::from_str_radix(line.split_whitespace().next()?, 16).ok())
        .map(Ipv6Addr::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_addresses_are_read_from_the_systems_tables() {
        let trie = "  +-- 127.0.0.0/8 2 0 2\n     |-- 127.0.0.1\n        /32 host LOCAL\n     |-- 192.0.2.255\n        /32 link BROADCAST\n";
        assert_eq!(of_trie(trie).collect::<Vec<_>>(), [Ipv4Addr::LOCALHOST]);
        let list = "00000000000000000000000000000001 01 80 10 80       lo\n";
        assert_eq!(of_list(list).collect::<Vec<_>>(), [Ipv6Addr::LOCALHOST]);
    }
}
