//! Where addresses lead, by their text alone: nothing is looked up.

use super::vocabulary::{Network, Recipient};
use std::net::{IpAddr, Ipv4Addr};

/// The parts of an address that rules speak of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url<'t> {
    /// The scheme, as it is written.
    pub scheme: &'t str,
    /// The host without user, port and brackets; empty where a template stands in its place.
    pub host: &'t str,
    /// The names and values of the query, undecoded.
    pub query: Vec<(&'t str, &'t str)>,
}

impl<'t> Url<'t> {
    /// The parts of `text`, when it starts with a scheme and `://`.
    #[must_use]
    pub fn parse(text: &'t str) -> Option<Self> {
        let (scheme, rest) = text.trim_start().split_once("://")?;
        if scheme.is_empty() || !scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')) {
            return None;
        }
        let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or(rest);
        let host_port = authority.rsplit('@').next().unwrap_or(authority);
        let host = match host_port.strip_prefix('[') {
            Some(v6) => v6.split(']').next().unwrap_or(v6),
            None => host_port.split(':').next().unwrap_or(host_port),
        };
        let query = rest.split('#').next().and_then(|rest| rest.split_once('?')).map_or("", |parts| parts.1);
        let query = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('=').unwrap_or((pair, ""))).collect();
        Some(Self { scheme, host: host.trim_end_matches('.'), query })
    }
}

/// Top-level names that never lead to the internet.
const PRIVATE_SUFFIXES: [&str; 12] = [
    ".local",
    ".localhost",
    ".internal",
    ".lan",
    ".home",
    ".corp",
    ".intranet",
    ".private",
    ".home.arpa",
    ".svc",
    ".cluster.local",
    ".docker",
];

/// The longer top-level names that public services really use. Two letters are always a country; anything else at the end of a
/// host is taken for a private name, such as the namespace of a cluster.
const PUBLIC_SUFFIXES: [&str; 92] = [
    "com",
    "org",
    "net",
    "edu",
    "gov",
    "mil",
    "int",
    "info",
    "biz",
    "name",
    "pro",
    "mobi",
    "tel",
    "jobs",
    "travel",
    "museum",
    "aero",
    "coop",
    "cat",
    "asia",
    "app",
    "dev",
    "cloud",
    "online",
    "site",
    "website",
    "store",
    "shop",
    "tech",
    "space",
    "live",
    "world",
    "today",
    "news",
    "blog",
    "agency",
    "digital",
    "solutions",
    "services",
    "systems",
    "software",
    "network",
    "company",
    "group",
    "team",
    "email",
    "host",
    "hosting",
    "link",
    "click",
    "page",
    "pages",
    "one",
    "top",
    "xyz",
    "icu",
    "club",
    "fun",
    "life",
    "academy",
    "school",
    "university",
    "health",
    "care",
    "bank",
    "finance",
    "money",
    "credit",
    "insurance",
    "energy",
    "green",
    "design",
    "studio",
    "art",
    "media",
    "tools",
    "works",
    "zone",
    "center",
    "support",
    "help",
    "global",
    "run",
    "codes",
    "engineering",
    "consulting",
    "marketing",
    "sale",
    "vip",
    "wiki",
    "chat",
    "bot",
];

/// Where `host` leads.
#[must_use]
pub fn network(host: &str) -> Network {
    let host = host.to_ascii_lowercase();
    if is_placeholder_host(&host) {
        return Network::Unknown;
    }
    if let Ok(ip) = host.parse::<IpAddr>() {
        return ip_network(ip);
    }
    match host.as_str() {
        "localhost" | "host.docker.internal" | "host.containers.internal" => Network::Loopback,
        "metadata.google.internal" | "metadata.azure.internal" => Network::Metadata,
        _ if !host.contains('.') => Network::Private,
        _ if PRIVATE_SUFFIXES.iter().any(|suffix| host.ends_with(suffix)) => Network::Private,
        _ if host.contains(".svc.") => Network::Private,
        _ if has_public_suffix(&host) => Network::Public,
        _ => Network::Private,
    }
}

fn has_public_suffix(host: &str) -> bool {
    let last = host.rsplit('.').next().unwrap_or(host);
    last.len() == 2 && last.bytes().all(|byte| byte.is_ascii_alphabetic())
        || last.starts_with("xn--")
        || !last.is_ascii()
        || PUBLIC_SUFFIXES.contains(&last)
        || COMPANY_SUFFIXES.contains(&last)
}

/// Top-level names of single companies.
const COMPANY_SUFFIXES: [&str; 6] = ["google", "microsoft", "azure", "apple", "amazon", "aws"];

fn ip_network(ip: IpAddr) -> Network {
    match ip {
        IpAddr::V4(ip) if ip.octets() == [169, 254, 169, 254] || ip.octets() == [100, 100, 100, 200] => Network::Metadata,
        IpAddr::V4(ip) if ip.is_loopback() || ip.is_unspecified() => Network::Loopback,
        IpAddr::V4(ip) if ip.is_private() || ip.is_link_local() || is_shared(ip) => Network::Private,
        IpAddr::V6(ip) if ip.is_loopback() || ip.is_unspecified() => Network::Loopback,
        IpAddr::V6(ip) => match ip.to_ipv4_mapped() {
            Some(ip) => ip_network(IpAddr::V4(ip)),
            None if ip.segments() == [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254] => Network::Metadata,
            None if ip.is_unique_local() || ip.is_unicast_link_local() => Network::Private,
            None => Network::Public,
        },
        IpAddr::V4(_) => Network::Public,
    }
}

/// 100.64.0.0/10: carriers and overlay networks (RFC 6598).
fn is_shared(ip: Ipv4Addr) -> bool {
    let octets = ip.octets();
    octets[0] == 100 && octets[1] & 0b1100_0000 == 64
}

/// Whether a host is a stand-in that the reader of a template is to replace.
#[must_use]
pub fn is_placeholder_host(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    let domain = ["example.com", "example.org", "example.net", "domain.com", "yourdomain.com", "mydomain.com", "company.com", "test.com"];
    host.is_empty()
        || host.contains(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':')))
        || domain.iter().any(|domain| host.strip_suffix(domain).is_some_and(|sub| sub.is_empty() || sub.ends_with('.')))
        || [".example", ".test", ".invalid"].iter().any(|reserved| host.ends_with(reserved))
        || ["your", "xxx", "placeholder", "<", "replace", "my-", "example"].iter().any(|word| host.starts_with(word))
        || [".your", "-your", "yourserver", "your_", "your-", "_host", "_url", "_ip"].iter().any(|word| host.contains(word))
}

/// Domains where anyone gets a mailbox.
const FREE_MAIL: [&str; 22] = [
    "gmail.com",
    "googlemail.com",
    "outlook.com",
    "hotmail.com",
    "live.com",
    "msn.com",
    "yahoo.com",
    "ymail.com",
    "icloud.com",
    "me.com",
    "aol.com",
    "gmx.net",
    "gmx.de",
    "gmx.com",
    "web.de",
    "mail.com",
    "mail.ru",
    "yandex.ru",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "163.com",
];

/// Whose address `address` is, without a policy; `None` where it is no address or a stand-in for one.
#[must_use]
pub fn recipient(address: &str) -> Option<Recipient> {
    let (local, domain) = mail_parts(address)?;
    let domain = domain.to_ascii_lowercase();
    let local = local.to_ascii_lowercase();
    let stand_in = ["your", "user@", "example", "test", "john", "jane", "name", "email", "mail", "someone", "me", "xxx", "foo", "user"];
    if is_placeholder_host(&domain)
        || stand_in.iter().any(|word| local == *word || word.len() > 3 && local.starts_with(word) && local.len() < word.len() + 9)
    {
        return None;
    }
    Some(if FREE_MAIL.contains(&domain.as_str()) { Recipient::FreeMail } else { Recipient::Unknown })
}

/// The local part and the domain of a mail address, which may stand in angle brackets behind a name.
#[must_use]
pub fn mail_parts(address: &str) -> Option<(&str, &str)> {
    let address = address.rsplit_once('<').map_or(address, |parts| parts.1.trim_end_matches('>')).trim();
    let (local, domain) = address.split_once('@')?;
    let plain = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '+'));
    (plain(local) && plain(domain) && domain.contains('.')).then_some((local, domain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_lead_where_their_names_say() {
        let cases = [
            ("api.contoso.com", Network::Public),
            ("8.8.8.8", Network::Public),
            ("qdrant", Network::Private),
            ("prometheus.monitoring", Network::Private),
            ("srv1.hosting.cloud", Network::Public),
            ("10.0.0.7", Network::Private),
            ("100.64.1.1", Network::Private),
            ("nas.local", Network::Private),
            ("api.prod.svc.cluster.local", Network::Private),
            ("localhost", Network::Loopback),
            ("0.0.0.0", Network::Loopback),
            ("::1", Network::Loopback),
            ("::ffff:10.0.0.1", Network::Private),
            ("169.254.169.254", Network::Metadata),
            ("metadata.google.internal", Network::Metadata),
            ("your-server.com", Network::Unknown),
            ("<host>", Network::Unknown),
        ];
        for (host, expected) in cases {
            assert_eq!(network(host), expected, "{host}");
        }
    }

    #[test]
    fn an_address_is_cut_into_its_parts() {
        let url = Url::parse("http://u:p@Api.Contoso.com:8080/a?key=1&b#x?y=2").expect("an address");
        assert_eq!((url.scheme, url.host, url.query), ("http", "Api.Contoso.com", vec![("key", "1"), ("b", "")]));
        assert_eq!(Url::parse("http://[::1]:80/").expect("an address").host, "::1");
        assert_eq!(Url::parse("no address"), None);
    }

    #[test]
    fn recipients_are_told_apart_and_stand_ins_are_none() {
        assert_eq!(recipient("Olga <olga.k@gmail.com>"), Some(Recipient::FreeMail));
        assert_eq!(recipient("team@contoso.com"), Some(Recipient::Unknown));
        for stand_in in ["your.email@gmail.com", "user@example.com", "YOUR GMAIL ADDRESS", "test@gmail.com"] {
            assert_eq!(recipient(stand_in), None, "{stand_in}");
        }
    }
}
