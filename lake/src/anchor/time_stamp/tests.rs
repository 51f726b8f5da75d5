//! Against an authority that the `openssl` command plays.

use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};
use std::sync::{Mutex, PoisonError};

use super::*;
use crate::anchor::tests::{Log, Server, runtime};

/// Keys and certificates of an authority, in a folder.
struct Keys {
    folder: tempfile::TempDir,
}

/// What kind of key or certificate.
#[derive(Clone, Copy)]
struct Kind {
    /// Arguments that make the key.
    key: &'static str,
    /// The hash in signatures.
    hash: &'static str,
    /// The signer's extended key usage.
    usage: &'static str,
    /// The hash that names the certificate.
    ess: &'static str,
}

const RSA: Kind = Kind {
    key: "-algorithm RSA -pkeyopt rsa_keygen_bits:2048",
    hash: "sha256",
    usage: "critical,timeStamping",
    ess: "sha256",
};
const P256: Kind = Kind { key: "-algorithm EC -pkeyopt ec_paramgen_curve:P-256", ..RSA };
const P384: Kind =
    Kind { key: "-algorithm EC -pkeyopt ec_paramgen_curve:P-384", hash: "sha384", ..RSA };

impl Keys {
    /// An authority below a root; `None` where there is no `openssl`.
    fn new(kind: Kind) -> Option<Self> {
        if Process::new("openssl").arg("version").output().is_err() {
            println!("skipped: the openssl command isn't installed");
            return None;
        }
        let keys = Self { folder: tempfile::tempdir().expect("a folder") };
        let Kind { hash, usage, ess, .. } = kind;
        keys.write("tsa.cnf", &format!(
            "[tsa]\ndefault_tsa=one\n[one]\ndir=.\nserial=serial\nsigner_cert=tsa.pem\ncerts=root.pem\nsigner_key=tsa.key\nsigner_digest={hash}\ndefault_policy=1.2.3.4\ndigests=sha256\naccuracy=secs:1\nordering=yes\ness_cert_id_chain=no\ness_cert_id_alg={ess}\n"
        ));
        keys.write("serial", "01\n");
        keys.write("tsa.ext", &format!(
            "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage={usage}\n"
        ));
        keys.root("root", kind);
        keys.run(&format!("genpkey {} -out tsa.key", kind.key));
        keys.run("req -new -key tsa.key -subj /O=Clock/CN=tsa -out tsa.csr -config /dev/null");
        keys.run(&format!(
            "x509 -req -in tsa.csr -CA root.pem -CAkey root.key -set_serial 77 -days 30 -{hash} -extfile tsa.ext -out tsa.pem"
        ));
        Some(keys)
    }

    fn root(&self, name: &str, kind: Kind) {
        self.run(&format!("genpkey {} -out {name}.key", kind.key));
        self.write("empty.cnf", "[req]\ndistinguished_name=dn\n[dn]\n");
        self.run(&format!(
            "req -x509 -new -key {name}.key -subj /O=Clock/CN={name} -days 30 -{} -config empty.cnf -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign -out {name}.pem",
            kind.hash
        ));
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("a file");
    }

    fn run(&self, args: &str) {
        run(self.folder.path(), args);
    }

    /// The answer to a request.
    fn reply(folder: &Path, query: &[u8]) -> Vec<u8> {
        std::fs::write(folder.join("query"), query).expect("a file");
        run(folder, "ts -reply -queryfile query -config tsa.cnf -out reply");
        std::fs::read(folder.join("reply")).expect("a reply")
    }

    /// An authority that answers with what these keys sign.
    fn serve(&self) -> Server {
        self.serve_altered(<[u8]>::to_vec, |reply| reply)
    }

    /// One that gets another request, or whose answer is altered.
    fn serve_altered(
        &self,
        query: impl Fn(&[u8]) -> Vec<u8> + Send + 'static,
        reply: impl Fn(Vec<u8>) -> Vec<u8> + Send + 'static,
    ) -> Server {
        let folder = self.folder.path().to_owned();
        Server::start(move |request| {
            assert_eq!(request.header("content-type"), Some("application/timestamp-query"));
            let answer = Self::reply(&folder, &query(&request.body));
            (200, "application/timestamp-reply", reply(answer))
        })
    }

    fn settings(&self, server: &Server, ca: Option<&str>) -> TimeStampSettings {
        TimeStampSettings {
            name: "tsa".to_owned(),
            url: server.url(),
            ca: ca.map(|name| self.path(name)),
            every_minutes: 60,
        }
    }
}

/// One at a time: the clock's folder has one serial number.
static ONE: Mutex<()> = Mutex::new(());

fn run(folder: &Path, args: &str) {
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let output = Process::new("openssl")
        .current_dir(folder)
        .args(args.split(' '))
        .stdin(Stdio::null())
        .output()
        .expect("openssl");
    assert!(output.status.success(), "{args}: {}", String::from_utf8_lossy(&output.stderr));
}

fn token(proof: &Proof) -> &str {
    let Proof::TimeStamp { token, .. } = proof else { panic!("a token") };
    token
}

fn log() -> Log {
    let mut log = Log::new();
    log.grow(3);
    log
}

fn note(log: &Log) -> String {
    String::from_utf8(log.checkpoint()).expect("text")
}

#[test]
fn tokens_of_every_usual_kind_of_key_are_verified() {
    let log = log();
    for kind in [
        RSA,
        Kind { hash: "sha384", ..RSA },
        Kind { hash: "sha512", ess: "sha1", ..RSA },
        P256,
        P384,
    ] {
        let Some(keys) = Keys::new(kind) else { return };
        let (runtime, server) = (runtime(), keys.serve());
        let of = keys.settings(&server, Some("root.pem"));
        let authority = Authority::open(&of, runtime.handle().clone()).expect("an authority");
        let proof = log.submit(&authority, 0).expect(kind.key);
        let signed = check(&note(&log), token(&proof), Some(&of)).expect("holds");
        assert!(signed.but.is_none() && signed.by.starts_with("CN=tsa,O=Clock"), "{}", signed.by);
        assert!(signed.time.is_some_and(|time| (Utc::now() - time).num_minutes().abs() < 5));
    }
}

#[test]
fn without_a_ca_the_signature_is_checked_and_the_certificate_said_to_be_unchecked() {
    let (log, Some(keys)) = (log(), Keys::new(P256)) else { return };
    let (runtime, server) = (runtime(), keys.serve());
    let of = keys.settings(&server, None);
    let authority = Authority::open(&of, runtime.handle().clone()).expect("an authority");
    let proof = log.submit(&authority, 0).expect("a token");
    for of in [Some(&of), None] {
        let signed = check(&note(&log), token(&proof), of).expect("holds");
        assert!(signed.but.is_some_and(|why| why.contains("not checked against a CA")));
    }
    // The certificate itself may be named too, in PEM or in DER.
    keys.run("x509 -in tsa.pem -outform DER -out tsa.der");
    for name in ["tsa.pem", "tsa.der"] {
        let of = keys.settings(&server, Some(name));
        let signed = check(&note(&log), token(&proof), Some(&of)).expect("holds");
        assert!(signed.but.is_none(), "{name}");
    }
}

#[test]
fn another_authority_is_not_believed() {
    let (log, Some(keys)) = (log(), Keys::new(P256)) else { return };
    keys.root("other", P256);
    let (runtime, server) = (runtime(), keys.serve());
    let of = keys.settings(&server, Some("other.pem"));
    let authority = Authority::open(&of, runtime.handle().clone()).expect("an authority");
    let refused = log.submit(&authority, 0).expect_err("refused");
    assert!(refused.to_string().contains("vouches for its certificate"), "{refused}");
    // One that only calls itself the same.
    let Some(impostor) = Keys::new(P256) else { return };
    let server = impostor.serve();
    let of = TimeStampSettings { ca: Some(keys.path("root.pem")), ..keys.settings(&server, None) };
    let authority = Authority::open(&of, runtime.handle().clone()).expect("an authority");
    assert!(matches!(log.submit(&authority, 0), Err(AnchorError::BadAnswer { .. })));
}

#[test]
fn a_certificate_for_anything_else_stamps_no_time() {
    let log = log();
    // openssl itself refuses to sign with these: the right one is put in for a moment.
    for usage in ["critical,timeStamping,serverAuth", "timeStamping", "critical,serverAuth"] {
        let Some(keys) = Keys::new(P256) else { return };
        let token = forged_by(&keys, usage, &note(&log));
        let hash = request::imprint(note(&log).as_bytes());
        let trusted = certificate::read_certificates(&keys.path("root.pem")).expect("a root");
        for trusted in [None, Some(trusted.as_slice())] {
            let refused = signer::verify(&token, &hash, trusted).expect_err("refused");
            assert!(refused.contains("isn't one for time stamps"), "{usage}: {refused}");
        }
    }
}

/// A token whose signer's certificate has another usage: the TSTInfo of a good token,
/// signed anew as CMS.
fn forged_by(keys: &Keys, usage: &str, note: &str) -> Vec<u8> {
    // Before the time that is to be within it.
    keys.write("tsa.ext", &format!("extendedKeyUsage={usage}\n"));
    keys.run("x509 -req -in tsa.csr -CA root.pem -CAkey root.key -set_serial 78 -days 30 -sha256 -extfile tsa.ext -out bad.pem");
    let query = request::query(request::imprint(note.as_bytes()), 5).expect("a query");
    let reply = Keys::reply(keys.folder.path(), &query);
    let good = request::token_of(&reply).expect("read").expect("granted");
    let info = token::Token::read(good).expect("a token").info.to_vec();
    std::fs::write(keys.path("info"), info).expect("a file");
    keys.run("cms -sign -binary -nodetach -cades -md sha256 -econtent_type 1.2.840.113549.1.9.16.1.4 -signer bad.pem -inkey tsa.key -outform DER -in info -out bad.token");
    std::fs::read(keys.path("bad.token")).expect("a token")
}

#[test]
fn a_token_made_by_cms_with_the_right_certificate_would_pass() {
    // Otherwise the test above could fail for any reason.
    let (log, Some(keys)) = (log(), Keys::new(P256)) else { return };
    let token = forged_by(&keys, "critical,timeStamping", &note(&log));
    let hash = request::imprint(note(&log).as_bytes());
    let trusted = certificate::read_certificates(&keys.path("root.pem")).expect("a root");
    signer::verify(&token, &hash, Some(&trusted)).expect("holds");
}

#[test]
fn another_nonce_or_other_bytes_are_refused() {
    let (log, Some(keys)) = (log(), Keys::new(P256)) else { return };
    let runtime = runtime();
    let hash = request::imprint(note(&log).as_bytes());
    for (query, says) in [
        (request::query(hash, 5).expect("a query"), "nonce"),
        (request::query([7; 32], 5).expect("a query"), "other bytes"),
    ] {
        let server = keys.serve_altered(move |_| query.clone(), |reply| reply);
        let of = keys.settings(&server, Some("root.pem"));
        let authority = Authority::open(&of, runtime.handle().clone()).expect("an authority");
        let refused = log.submit(&authority, 0).expect_err("refused");
        assert!(matches!(refused, AnchorError::BadAnswer { .. }), "{refused}");
        assert!(refused.to_string().contains(says), "{refused}");
    }
}

#[test]
fn a_certificate_is_valid_at_the_time_of_the_stamp_or_not_at_all() {
    let (log, Some(keys)) = (log(), Keys::new(P256)) else { return };
    keys.run("x509 -req -in tsa.csr -CA root.pem -CAkey root.key -set_serial 79 -days -1 -sha256 -extfile tsa.ext -out tsa.pem");
    let (runtime, server) = (runtime(), keys.serve());
    let of = keys.settings(&server, Some("root.pem"));
    let authority = Authority::open(&of, runtime.handle().clone()).expect("an authority");
    let refused = log.submit(&authority, 0).expect_err("refused");
    assert!(refused.to_string().contains("vouches for its certificate"), "{refused}");
}

#[test]
fn no_altered_byte_of_a_token_passes() {
    let (log, Some(keys)) = (log(), Keys::new(P256)) else { return };
    let hash = request::imprint(note(&log).as_bytes());
    let query = request::query(hash, 5).expect("a query");
    let reply = Keys::reply(keys.folder.path(), &query);
    let good = request::token_of(&reply).expect("read").expect("granted").to_vec();
    let trusted = certificate::read_certificates(&keys.path("root.pem")).expect("a root");
    let read = |token: &[u8]| {
        signer::verify(token, &hash, Some(&trusted)).map(|stamp| (stamp.time, stamp.nonce))
    };
    let said = read(&good).expect("holds");
    assert!(signer::verify(&good, &[0; 32], Some(&trusted)).is_err(), "of other bytes");
    for place in 0..good.len() {
        let mut altered = good.clone();
        altered[place] ^= 0x11;
        // What isn't signed (a version, the signer's identifier, the root that came
        // along) may differ; what the token says may not.
        assert!(read(&altered).is_err() || read(&altered) == Ok(said), "byte {place}");
    }
    for end in 0..good.len() {
        assert!(read(&good[..end]).is_err(), "{end} bytes of it");
    }
    assert!(read(&[good.as_slice(), b"x"].concat()).is_err());
}

#[test]
fn a_forged_time_needs_the_authoritys_key() {
    let (log, Some(keys)) = (log(), Keys::new(P256)) else { return };
    let hash = request::imprint(note(&log).as_bytes());
    let query = request::query(hash, 5).expect("a query");
    let reply = Keys::reply(keys.folder.path(), &query);
    let good = request::token_of(&reply).expect("read").expect("granted").to_vec();
    let trusted = certificate::read_certificates(&keys.path("root.pem")).expect("a root");
    let verify = |token: &[u8]| signer::verify(token, &hash, Some(&trusted));
    let parts = token::Token::read(&good).expect("a token");
    // The year, and the hash of the content that is signed, put right again.
    let time = verify(&good).expect("holds").time.format("%Y%m%d").to_string();
    let info = replace(parts.info, time.as_bytes(), format!("1999{}", &time[4..]).as_bytes());
    let digest = |info: &[u8]| request::imprint(info);
    let forged = replace(&good, parts.info, &info);
    let forged = replace(&forged, &digest(parts.info), &digest(&info));
    assert_eq!(verify(&forged).expect_err("refused"), "its signature is wrong");
    for place in 0..parts.signature.len() {
        let mut signature = parts.signature.to_vec();
        signature[place] ^= 1;
        let refused = verify(&replace(&good, parts.signature, &signature)).expect_err("refused");
        assert_eq!(refused, "its signature is wrong", "byte {place}");
    }
}

/// Puts bytes in the place of others, of which there is one occurrence.
fn replace(bytes: &[u8], was: &[u8], is: &[u8]) -> Vec<u8> {
    let mut found = bytes.windows(was.len()).enumerate().filter(|(_, part)| *part == was);
    let (Some((place, _)), None) = (found.next(), found.next()) else { panic!("not once") };
    [&bytes[..place], is, &bytes[place + was.len()..]].concat()
}

#[test]
fn a_certificate_of_the_same_key_that_is_not_named_does_not_count() {
    let (log, Some(keys)) = (log(), Keys::new(P256)) else { return };
    forged_by(&keys, "critical,timeStamping", &note(&log));
    keys.run("cms -sign -binary -nodetach -cades -nocerts -md sha256 -econtent_type 1.2.840.113549.1.9.16.1.4 -signer bad.pem -inkey tsa.key -outform DER -in info -out bad.token");
    let token = std::fs::read(keys.path("bad.token")).expect("a token");
    let hash = request::imprint(note(&log).as_bytes());
    // It came without certificates; one of the settings may be the one that it names.
    let other = certificate::read_certificates(&keys.path("tsa.pem")).expect("one");
    let named = certificate::read_certificates(&keys.path("bad.pem")).expect("one");
    let refused = signer::verify(&token, &hash, Some(&other)).expect_err("refused");
    assert!(refused.contains("the certificate that its signature names"), "{refused}");
    signer::verify(&token, &hash, Some(&named)).expect("holds");
}

#[test]
fn an_authority_that_refuses_is_told_in_its_words() {
    let (log, Some(keys)) = (log(), Keys::new(P256)) else { return };
    keys.write("tsa.cnf", "[tsa]\ndefault_tsa=one\n[one]\ndir=.\nserial=serial\nsigner_cert=tsa.pem\nsigner_key=tsa.key\nsigner_digest=sha256\ndefault_policy=1.2.3.4\ndigests=sha512\n");
    let (runtime, server) = (runtime(), keys.serve());
    let of = keys.settings(&server, Some("root.pem"));
    let authority = Authority::open(&of, runtime.handle().clone()).expect("an authority");
    let refused = log.submit(&authority, 0).expect_err("refused");
    assert!(matches!(refused, AnchorError::Refused { .. }), "{refused}");
    assert!(refused.to_string().contains("status 2"), "{refused}");
    for (status, body) in [(200, b"<html>".to_vec()), (200, Vec::new()), (404, Vec::new())] {
        let server = Server::start(move |_| (status, "text/html", body.clone()));
        let of = keys.settings(&server, None);
        let authority = Authority::open(&of, runtime.handle().clone()).expect("an authority");
        assert!(log.submit(&authority, 0).is_err());
    }
}

#[test]
fn a_file_that_holds_no_certificate_is_told_at_the_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ca.pem");
    assert!(certificate::read_certificates(&path).is_err());
    for text in ["", "nonsense", "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n"] {
        std::fs::write(&path, text).expect("a file");
        assert!(certificate::read_certificates(&path).is_err(), "{text}");
    }
}
