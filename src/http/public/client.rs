//! From whom a request comes, where proxies stand before us: only what our own proxies say is believed.

use axum::http::HeaderMap;
use axum::http::HeaderName;
use axum::http::header::FORWARDED;
use ipnet::IpNet;
use std::net::IpAddr;
use std::net::Ipv6Addr;
use std::net::SocketAddr;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address of whoever sent a request that came from `peer`: the last one in the chain that is no
/// proxy of ours. Where the two headers say different things, one of them came from outside, and neither
/// is believed.
pub(super) fn address(peer: SocketAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let peer = peer.ip().to_canonical();
    if !is_trusted(peer, trusted) {
        return peer;
    }
    let listed = chain(headers, &X_FORWARDED_FOR).map(|text| last_stranger(text.split(','), trusted, bare));
    let forwarded = chain(headers, &FORWARDED).map(|text| last_stranger(text.split(','), trusted, forwarded_for));
    match (listed, forwarded) {
        (Some(one), Some(other)) => one.filter(|_| one == other),
        (one, other) => one.or(other).flatten(),
    }
    .unwrap_or(peer)
}

/// The same for all addresses that one customer of a provider has.
pub(super) fn neighbourhood(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
    }
}

fn is_trusted(address: IpAddr, trusted: &[IpNet]) -> bool {
    trusted.iter().any(|network| network.contains(&address))
}

/// All lines of a header as one list; none where there is none.
fn chain(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let lines: Vec<&str> = headers.get_all(name).iter().map(|value| value.to_str().unwrap_or("unknown")).collect();
    (!lines.is_empty()).then(|| lines.join(","))
}

/// The last address that is none of our proxies'; none where one cannot be read before it is found.
fn last_stranger<'a>(
    chain: impl DoubleEndedIterator<Item = &'a str>,
    trusted: &[IpNet],
    read: fn(&str) -> Option<IpAddr>,
) -> Option<IpAddr> {
    let mut last = None;
    for element in chain.rev() {
        let address = read(element.trim())?.to_canonical();
        last = Some(address);
        if !is_trusted(address, trusted) {
            break;
        }
    }
    last
}

/// `192.0.2.7`, `192.0.2.7:4711`, `2001:db8::7` or `[2001:db8::7]:4711`.
fn bare(text: &str) -> Option<IpAddr> {
    let with_port = || text.parse().map(|address: SocketAddr| address.ip()).ok();
    let in_brackets = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    text.parse().ok().or_else(with_port).or_else(in_brackets)
}

/// The `for` of one element of the header Forwarded (RFC 7239).
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let pairs = element.split(';').filter_map(|pair| pair.trim().split_once('='));
    let (_, node) = pairs.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("for"))?;
    bare(node.trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::address;
    use super::neighbourhood;
    use axum::http::HeaderMap;
    use axum::http::HeaderName;
    use proptest::prelude::proptest;
    use std::net::IpAddr;

    fn asks(peer: &str, lines: &[(&'static str, &str)]) -> String {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(HeaderName::from_static(name), value.parse().unwrap());
        }
        let trusted = ["127.0.0.0/8", "::1/128", "10.0.0.0/8"].map(|network| network.parse().unwrap());
        address(format!("{peer}:4711").parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn a_stranger_is_not_believed() {
        assert_eq!(asks("192.0.2.7", &[("x-forwarded-for", "192.0.2.9"), ("forwarded", "for=192.0.2.9")]), "192.0.2.7");
    }

    #[test]
    fn a_proxy_of_ours_says_who_it_is() {
        for said in ["192.0.2.7", "192.0.2.7:80", "6.6.6.6, 192.0.2.7", "6.6.6.6,192.0.2.7 , 10.0.0.3"] {
            assert_eq!(asks("127.0.0.1", &[("x-forwarded-for", said)]), "192.0.2.7", "{said}");
        }
        for said in
            ["for=192.0.2.7", "For=\"192.0.2.7:80\";proto=https", "for=6.6.6.6, proto=https;for=192.0.2.7", "for=192.0.2.7, for=10.0.0.3"]
        {
            assert_eq!(asks("127.0.0.1", &[("forwarded", said)]), "192.0.2.7", "{said}");
        }
        assert_eq!(asks("[::1]", &[("x-forwarded-for", "2001:db8::7")]), "2001:db8::7");
        assert_eq!(asks("[::ffff:127.0.0.1]", &[("forwarded", "for=\"[2001:db8::7]:4711\"")]), "2001:db8::7");
        assert_eq!(asks("127.0.0.1", &[("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "192.0.2.7")]), "192.0.2.7");
    }

    #[test]
    fn what_cannot_be_read_or_contradicts_itself_counts_as_the_proxy() {
        for said in ["", "unknown", "192.0.2.7, unknown", "_hidden"] {
            assert_eq!(asks("127.0.0.1", &[("x-forwarded-for", said)]), "127.0.0.1", "{said}");
            assert_eq!(asks("127.0.0.1", &[("forwarded", &format!("for={said}"))]), "127.0.0.1", "{said}");
        }
        assert_eq!(asks("127.0.0.1", &[]), "127.0.0.1");
        assert_eq!(asks("127.0.0.1", &[("x-forwarded-for", "192.0.2.7"), ("forwarded", "for=6.6.6.6")]), "127.0.0.1");
        assert_eq!(asks("127.0.0.1", &[("x-forwarded-for", "192.0.2.7"), ("forwarded", "for=192.0.2.7")]), "192.0.2.7");
    }

    #[test]
    fn one_customer_has_many_addresses() {
        let near = |text: &str| neighbourhood(text.parse::<IpAddr>().unwrap());
        assert_eq!(near("2001:db8:1:2:3:4:5:6"), near("2001:db8:1:2::"));
        assert_ne!(near("2001:db8:1:2::"), near("2001:db8:1:3::"));
        assert_ne!(near("192.0.2.7"), near("192.0.2.8"));
    }

    proptest! {
        #[test]
        fn nothing_that_is_said_makes_it_fail(said in "[ -~]{0,60}") {
            asks("127.0.0.1", &[("x-forwarded-for", &said)]);
            asks("127.0.0.1", &[("forwarded", &said)]);
        }
    }
}
