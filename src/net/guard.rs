//! Which addresses may be connected to: those on the public internet, and the operator's own
//! exceptions. The guard is the client's resolver too, so the address that was checked is the one
//! that is connected to, whatever a name resolves to a moment later.

use crate::domain::problem::Problem;
use ipnet::IpNet;
use ipnet::Ipv4Net;
use ipnet::Ipv6Net;
use reqwest::dns::Addrs;
use reqwest::dns::Name;
use reqwest::dns::Resolve;
use reqwest::dns::Resolving;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use url::Host;
use url::Url;

/// IPv4 blocks with a special purpose (IANA IPv4 Special-Purpose Address Registry) and multicast.
const SPECIAL_V4: [Ipv4Net; 18] = [
    v4([0, 0, 0, 0], 8),       // this network
    v4([10, 0, 0, 0], 8),      // private
    v4([100, 64, 0, 0], 10),   // shared by carriers
    v4([127, 0, 0, 0], 8),     // loopback
    v4([169, 254, 0, 0], 16),  // link-local, metadata services of clouds
    v4([172, 16, 0, 0], 12),   // private
    v4([192, 0, 0, 0], 24),    // protocol assignments
    v4([192, 0, 2, 0], 24),    // documentation
    v4([192, 31, 196, 0], 24), // AS112
    v4([192, 52, 193, 0], 24), // multicast tunnelling
    v4([192, 88, 99, 0], 24),  // 6to4 relays, deprecated
    v4([192, 168, 0, 0], 16),  // private
    v4([192, 175, 48, 0], 24), // AS112
    v4([198, 18, 0, 0], 15),   // benchmarking
    v4([198, 51, 100, 0], 24), // documentation
    v4([203, 0, 113, 0], 24),  // documentation
    v4([224, 0, 0, 0], 4),     // multicast
    v4([240, 0, 0, 0], 4),     // reserved, broadcast
];

/// All of IPv6 that is handed out for use on the internet (IANA IPv6 Global Unicast Allocations):
/// outside lie loopback, unique-local, link-local, site-local, multicast and discard.
const GLOBAL_V6: Ipv6Net = v6([0x2000, 0, 0], 3);

/// Blocks of it with a special purpose (IANA IPv6 Special-Purpose Address Registry).
const SPECIAL_V6: [Ipv6Net; 5] = [
    v6([0x2001, 0, 0], 23),           // protocol assignments: Teredo, benchmarking, ORCHID
    v6([0x2001, 0x0db8, 0], 32),      // documentation
    v6([0x2002, 0, 0], 16),           // 6to4: leads to any IPv4 address
    v6([0x2620, 0x004f, 0x8000], 48), // AS112
    v6([0x3fff, 0, 0], 20),           // documentation
];

/// NAT64 (RFC 6052): the way to IPv4 in networks without it; the last 32 bits are the address.
const NAT64: Ipv6Net = v6([0x0064, 0xff9b, 0], 96);

const fn v4(octets: [u8; 4], prefix: u8) -> Ipv4Net {
    let [a, b, c, d] = octets;
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(segments: [u16; 3], prefix: u8) -> Ipv6Net {
    let [a, b, c] = segments;
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0), prefix)
}

/// What looking a name up comes to.
pub(super) type Looking = Pin<Box<dyn Future<Output = std::io::Result<Vec<SocketAddr>>> + Send>>;

/// Decides which addresses may be connected to.
#[derive(Clone, Debug)]
pub(super) struct Guard {
    allowed: Arc<[IpNet]>,
    /// Looks a name up; what it answers is checked.
    look_up: fn(String) -> Looking,
}

/// Why a name led nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unresolved {
    #[error("the name has no address")]
    NotFound,
    #[error("the name has no public address")]
    Private,
}

impl Unresolved {
    pub(super) const fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::HostNotFound,
            Self::Private => Problem::PrivateAddress,
        }
    }
}

impl Guard {
    /// A guard that lets the public internet and `allowed` pass.
    pub(super) fn new(allowed: &[IpNet]) -> Self {
        Self::asking(allowed, |name| {
            // Port 0: the client puts in the one of the address.
            Box::pin(async move { Ok(tokio::net::lookup_host((name.as_str(), 0)).await?.collect()) })
        })
    }

    /// The same, with names that are looked up in this way.
    pub(super) fn asking(allowed: &[IpNet], look_up: fn(String) -> Looking) -> Self {
        Self { allowed: allowed.into(), look_up }
    }

    /// Checks all of `url` that can be checked without looking up its name; the resolver does the rest.
    pub(super) fn check(&self, url: &Url) -> Result<(), Problem> {
        let is_web = matches!(url.scheme(), "http" | "https");
        if !is_web || !url.username().is_empty() || url.password().is_some() {
            return Err(Problem::AddressNotAllowed);
        }
        let address = match url.host() {
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
            Some(Host::Domain(_)) => return Ok(()),
            None => return Err(Problem::NotAnAddress),
        };
        if self.permits(address) { Ok(()) } else { Err(Problem::PrivateAddress) }
    }

    /// Whether `address` may be connected to.
    pub(super) fn permits(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.allowed.iter().any(|net| net.contains(&address))
            || match address {
                IpAddr::V4(address) => is_public_v4(address),
                IpAddr::V6(address) => is_public_v6(address),
            }
    }

    fn keep_permitted(&self, found: impl Iterator<Item = SocketAddr>) -> Result<Vec<SocketAddr>, Unresolved> {
        let found: Vec<SocketAddr> = found.collect();
        if found.is_empty() {
            return Err(Unresolved::NotFound);
        }
        let kept: Vec<SocketAddr> = found.into_iter().filter(|address| self.permits(address.ip())).collect();
        if kept.is_empty() { Err(Unresolved::Private) } else { Ok(kept) }
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let found = (guard.look_up)(name.as_str().to_owned()).await.map_err(|_| Unresolved::NotFound)?;
            let kept: Addrs = Box::new(guard.keep_permitted(found.into_iter())?.into_iter());
            Ok(kept)
        })
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    !SPECIAL_V4.iter().any(|net| net.contains(&address))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if NAT64.contains(&address) {
        let [.., a, b, c, d] = address.octets();
        return is_public_v4(Ipv4Addr::new(a, b, c, d));
    }
    GLOBAL_V6.contains(&address) && !SPECIAL_V6.iter().any(|net| net.contains(&address))
}

#[cfg(test)]
mod tests {
    use super::Guard;
    use super::Unresolved;
    use crate::domain::problem::Problem;
    use std::net::IpAddr;
    use url::Url;

    fn check(typed: &str) -> Result<(), Problem> {
        Guard::new(&[]).check(&Url::parse(typed).unwrap())
    }

    #[test]
    fn addresses_with_a_special_purpose_are_refused() {
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.255",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:2::1",
            "2001:20::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:808:808::1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!Guard::new(&[]).permits(address.parse::<IpAddr>().unwrap()), "{address}");
        }
    }

    #[test]
    fn addresses_of_the_internet_pass() {
        for address in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.1",
            "100.63.255.255",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "198.17.0.1",
            "198.20.0.1",
            "223.255.255.255",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "2001:200::1",
            "2001:4860:4860::8888",
            "2606:4700::1111",
            "2a00:1450::1",
        ] {
            assert!(Guard::new(&[]).permits(address.parse::<IpAddr>().unwrap()), "{address}");
        }
    }

    #[test]
    fn the_operators_networks_pass_also_where_an_ipv6_address_maps_them() {
        let guard = Guard::new(&["127.0.0.1/32".parse().unwrap(), "fd00::/8".parse().unwrap()]);
        for address in ["127.0.0.1", "::ffff:127.0.0.1", "fd00::7"] {
            assert!(guard.permits(address.parse().unwrap()), "{address}");
        }
        assert!(!guard.permits("127.0.0.2".parse().unwrap()));
    }

    #[test]
    fn other_ways_to_write_a_private_address_are_seen_through() {
        for typed in [
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0177.0.0.1/",
            "http://127.1/",
            "http://0/",
            "http://[::1]/",
            "http://[::ffff:7f00:1]/",
            "http://[0:0:0:0:0:ffff:169.254.169.254]/",
            "http://１２７.0.0.1/",
        ] {
            assert_eq!(check(typed), Err(Problem::PrivateAddress), "{typed}");
        }
    }

    #[test]
    fn other_schemes_and_user_information_are_refused() {
        for typed in ["ftp://a.example/", "file:///etc/passwd", "data:text/html,x", "http://joy@a.example/", "https://:pw@a.example/"] {
            assert_eq!(check(typed), Err(Problem::AddressNotAllowed), "{typed}");
        }
        assert_eq!(check("https://a.example:8443/feed"), Ok(()));
    }

    #[test]
    fn of_a_names_addresses_only_the_public_ones_are_kept() {
        let guard = Guard::new(&[]);
        let addresses = ["10.0.0.1:0".parse().unwrap(), "1.1.1.1:0".parse().unwrap()];
        assert_eq!(guard.keep_permitted(addresses.into_iter()), Ok(vec![addresses[1]]));
        assert_eq!(guard.keep_permitted(addresses[..1].iter().copied()), Err(Unresolved::Private));
        assert_eq!(guard.keep_permitted(std::iter::empty()), Err(Unresolved::NotFound));
    }
}
