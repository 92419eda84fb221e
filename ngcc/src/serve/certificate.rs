//! The certificate of the HTTPS listener: the operator's own files, or one made at the first start and kept in the
//! data directory. A browser gives a page the microphone over HTTPS or on this machine only.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::net::IpAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::failure::Failure;
use crate::settings::Https;

const DAY: Duration = Duration::from_secs(24 * 3600);
/// How long a certificate of our own is good: browsers take none that is good for longer than 825 days.
const GOOD: Duration = DAY.saturating_mul(800);
/// After what time the next start makes another.
const RENEW: Duration = DAY.saturating_mul(700);

/// TLS as the listener speaks it.
///
/// # Errors
/// The files cannot be read, or hold no certificate and its key; the text names the setting.
pub(super) fn tls(settings: &Https, data: &Path) -> Result<Arc<ServerConfig>, Failure> {
    let (certificate, key) = match (settings.certificate.as_str(), settings.key.as_str()) {
        ("", _) | (_, "") => own(data)?,
        (certificate, key) => (PathBuf::from(certificate), PathBuf::from(key)),
    };
    let unusable = |path: &Path, why: String| {
        Failure::Start(format!(
            "{} cannot be used ({why}): https.certificate and https.key name PEM files, or are empty for a \
             certificate of ngcc's own",
            path.display()
        ))
    };
    let chain = CertificateDer::pem_file_iter(&certificate).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let chain = chain.map_err(|e| unusable(&certificate, e.to_string()))?;
    let secret = PrivateKeyDer::from_pem_file(&key).map_err(|e| unusable(&key, e.to_string()))?;
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, secret);
    let mut config = config.map_err(|e| unusable(&certificate, e.to_string()))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// Our own certificate and its key, made if there is none or it is old.
fn own(data: &Path) -> Result<(PathBuf, PathBuf), Failure> {
    let keys = data.join("keys");
    let (certificate, key) = (keys.join("https.pem"), keys.join("https.key"));
    if !(fresh(&certificate) && key.exists()) {
        let failed = || format!("{} cannot be made", certificate.display());
        let (pem, secret) = make(&names()).map_err(|e| Failure::Start(format!("{}: {e}", failed())))?;
        fs::create_dir_all(&keys).map_err(Failure::io(failed()))?;
        // The key first: a certificate that is there has one.
        write(&key, &secret).map_err(Failure::io(failed()))?;
        write(&certificate, &pem).map_err(Failure::io(failed()))?;
        tracing::info!(file = %certificate.display(), "made a certificate for HTTPS; browsers ask once whether to take it");
    }
    Ok((certificate, key))
}

fn fresh(path: &Path) -> bool {
    let made = fs::metadata(path).and_then(|meta| meta.modified());
    made.is_ok_and(|made| made.elapsed().unwrap_or_default() < RENEW)
}

/// A self-signed certificate for `names` and its key, as PEM.
fn make(names: &[String]) -> Result<(String, String), rcgen::Error> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new(names)?;
    let now = SystemTime::now();
    params.not_before = (now - DAY).into();
    params.not_after = (now + GOOD).into();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "ngcc");
    let certificate = params.self_signed(&key)?;
    Ok((certificate.pem(), key.serialize_pem()))
}

/// Written beside and renamed, so that a crash leaves a whole file or none; its owner's only.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let beside = path.with_extension("new");
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, path)
}

/// By what this machine may be called: its name, `localhost` and its addresses.
fn names() -> Vec<String> {
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    let host =
        fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default().trim().to_ascii_lowercase();
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
    if !host.is_empty() && host.bytes().all(plain) {
        names.push(host);
    }
    let routes = fs::read_to_string("/proc/net/fib_trie").unwrap_or_default();
    names.extend(addresses_v4(&routes).iter().map(ToString::to_string));
    let interfaces = fs::read_to_string("/proc/net/if_inet6").unwrap_or_default();
    names.extend(addresses_v6(&interfaces).iter().map(ToString::to_string));
    names.sort();
    names.dedup();
    names
}

/// The local addresses of the routing trie: each stands in the line above its `host LOCAL`.
fn addresses_v4(trie: &str) -> Vec<IpAddr> {
    let lines: Vec<&str> = trie.lines().map(str::trim).collect();
    let pairs = lines.windows(2).filter(|pair| pair[1] == "/32 host LOCAL");
    pairs.filter_map(|pair| pair[0].strip_prefix("|-- ")?.parse().ok()).collect()
}

/// The addresses of the interfaces, in 32 hexadecimal digits each; those of one link (fe80::/10) are called by no
/// browser.
fn addresses_v6(interfaces: &str) -> Vec<IpAddr> {
    let words = interfaces.lines().filter_map(|line| line.split_whitespace().next());
    let values = words.filter_map(|word| u128::from_str_radix(word, 16).ok());
    values.filter(|value| value >> 118 != 0xfe80 >> 6).map(|value| IpAddr::V6(value.into())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_of_our_own_is_made_once_and_is_its_owners() {
        use std::os::unix::fs::PermissionsExt as _;
        // Tests of one process share the provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let dir = std::env::temp_dir().join(format!("ngcc-certificate-{}", std::process::id()));
        let settings = Https::default();
        tls(&settings, &dir).unwrap();
        let key = dir.join("keys/https.key");
        let first = fs::read(&key).unwrap();
        assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
        tls(&settings, &dir).unwrap();
        assert_eq!(fs::read(&key).unwrap(), first, "the same after the next start");

        let wrong =
            Https { certificate: "/nowhere.pem".to_owned(), key: "/nowhere.key".to_owned(), ..settings };
        let said = tls(&wrong, &dir).unwrap_err().to_string();
        assert!(said.contains("/nowhere.pem") && said.contains("https.certificate"), "{said}");
        fs::remove_dir_all(&dir).unwrap();
    }

    #[test]
    fn every_address_of_the_machine_is_a_name() {
        let trie = "Local:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 192.0.2.0\n        /24 link UNICAST\n     |-- 192.0.2.2\n        /32 host LOCAL\n";
        assert_eq!(addresses_v4(trie), ["192.0.2.2".parse::<IpAddr>().unwrap()]);
        let interfaces = "fe80000000000000021122fffe334455 02 40 20 80 eth0\n20010db8000000000000000000000001 02 40 00 80 eth0\n";
        assert_eq!(addresses_v6(interfaces), ["2001:db8::1".parse::<IpAddr>().unwrap()]);
        assert!(make(&["localhost".to_owned(), "192.0.2.2".to_owned()]).is_ok());
    }
}
