//! A trail's digests, signed as AWS signs them, against what was imported.

use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::rollcall::Rollcall;

const TRAIL: &str = "111122223333_CloudTrail-Digest_eu-central-1_all_eu-central-1";
const OUTCOME: &str = "cloudtrail-digest/111122223333_eu-central-1_all_eu-central-1";

fn openssl(arguments: &[&str]) -> Vec<u8> {
    let output = Command::new("openssl").args(arguments).output().expect("openssl runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// A bucket, and the key that signs for it.
struct Trail {
    folder: PathBuf,
    key: PathBuf,
    keys: PathBuf,
    /// Object, hash and signature of the last digest.
    last: Option<(String, String, String)>,
}

impl Trail {
    fn new(rollcall: &Rollcall) -> Self {
        let key = rollcall.file("key.pem", "");
        let path = key.to_str().expect("a path");
        let size = "rsa_keygen_bits:2048";
        openssl(&["genpkey", "-algorithm", "RSA", "-pkeyopt", size, "-out", path]);
        let der = openssl(&["rsa", "-in", path, "-RSAPublicKey_out", "-outform", "DER"]);
        let listed = json!({"PublicKeyList": [{"Value": STANDARD.encode(der),
            "Fingerprint": "31e8b5433410dfb61a9dc45cc65b22ff"}]});
        let keys = rollcall.file("keys.json", listed.to_string());
        let folder = key.with_file_name("bucket");
        std::fs::create_dir(&folder).expect("a folder");
        Self { folder, key, keys, last: None }
    }

    /// A log file of one event.
    fn log(&self, hour: usize) -> (String, PathBuf) {
        let name = format!("111122223333_CloudTrail_eu-central-1_20260301T{hour:02}05Z_Ab.json");
        let event = json!({"eventVersion": "1.09", "eventID": format!("event-{hour}"),
            "eventTime": format!("2026-03-01T{hour:02}:01:00Z"), "eventName": "ConsoleLogin",
            "eventSource": "signin.amazonaws.com", "awsRegion": "eu-central-1",
            "userIdentity": {"type": "IAMUser", "userName": "ada"},
            "responseElements": {"ConsoleLogin": "Success"},
            "additionalEventData": {"MFAUsed": "Yes"}, "sourceIPAddress": "203.0.113.9"});
        let path = self.folder.join(&name);
        std::fs::write(&path, json!({"Records": [event]}).to_string()).expect("a log");
        (name, path)
    }

    /// The digest of an hour that delivered some log files.
    fn digest(&mut self, hour: usize, logs: &[&(String, PathBuf)]) -> PathBuf {
        let name = format!("{TRAIL}_20260301T{hour:02}0000Z.json");
        let object = format!("AWSLogs/111122223333/CloudTrail-Digest/{name}");
        let files: Vec<Value> = logs
            .iter()
            .map(|(name, path)| {
                json!({"s3Bucket": "b", "s3Object": format!("AWSLogs/{name}"),
                    "hashValue": sha256(path), "hashAlgorithm": "SHA-256"})
            })
            .collect();
        let end = format!("2026-03-01T{hour:02}:00:00Z");
        let (previous, previous_hash, previous_signature) = match &self.last {
            Some((object, hash, signature)) => (json!(object), json!(hash), json!(signature)),
            None => (Value::Null, Value::Null, Value::Null),
        };
        let digest = json!({"awsAccountId": "111122223333",
            "digestStartTime": format!("2026-03-01T{:02}:00:00Z", hour - 1),
            "digestEndTime": end, "digestS3Bucket": "b", "digestS3Object": object,
            "digestPublicKeyFingerprint": "31e8b5433410dfb61a9dc45cc65b22ff",
            "digestSignatureAlgorithm": "SHA256withRSA",
            "previousDigestS3Bucket": "b", "previousDigestS3Object": previous,
            "previousDigestHashValue": previous_hash, "previousDigestHashAlgorithm": "SHA-256",
            "previousDigestSignature": previous_signature, "logFiles": files});
        let path = self.folder.join(&name);
        std::fs::write(&path, digest.to_string()).expect("a digest");
        let hash = sha256(&path);
        let before = previous_signature.as_str().unwrap_or("null");
        let text = self.key.with_file_name("text");
        std::fs::write(&text, format!("{end}\nb/{object}\n{hash}\n{before}")).expect("a text");
        let (key, text) = (self.key.to_str().expect("a path"), text.to_str().expect("a path"));
        let signature = hex::encode(openssl(&["dgst", "-sha256", "-sign", key, text]));
        self.last = Some((object, hash, signature));
        path
    }

    /// What the newest object's metadata says.
    fn newest_signature(&self) -> &str {
        self.last.as_ref().map(|(_, _, signature)| signature.as_str()).expect("a digest")
    }

    fn reconcile(&self, rollcall: &Rollcall, code: i32) -> String {
        let [folder, keys] = [&self.folder, &self.keys].map(|path| path.to_str().expect("a path"));
        let output = rollcall.output(&["reconcile", "--cloudtrail", folder, "--keys", keys]);
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        String::from_utf8(output.stdout).expect("text")
    }
}

fn sha256(path: &Path) -> String {
    hex::encode(Sha256::digest(std::fs::read(path).expect("a file")))
}

#[test]
fn what_signed_digests_name_is_compared_with_what_was_imported() {
    let rollcall = Rollcall::new();
    let mut trail = Trail::new(&rollcall);
    let logs: Vec<_> = (10..13).map(|hour| trail.log(hour)).collect();
    trail.digest(11, &[&logs[0]]);
    trail.digest(12, &[&logs[1]]);
    let newest = trail.digest(13, &[&logs[2]]);
    rollcall.ingest(&logs[0].1);
    // The newest isn't proved: what it names isn't asked for.
    let told = trail.reconcile(&rollcall, 1);
    let period = "2026-03-01T10:00:00Z to 2026-03-01T12:00:00Z";
    let wanted = format!("{OUTCOME}, {period}: 1 of 2 log files are stored (50.0%); 1 are missing");
    assert!(told.starts_with(&wanted) && told.contains(&logs[1].0), "{told}");
    rollcall.ingest(&logs[1].1);
    let told = trail.reconcile(&rollcall, 0);
    assert!(told.contains("2 of 2 log files are stored (100%)"), "{told}");
    rollcall.ingest(&logs[2].1);
    let name = format!("{}.signature", newest.file_name().expect("a name").to_string_lossy());
    std::fs::write(newest.with_file_name(name), trail.newest_signature()).expect("a signature");
    let told = trail.reconcile(&rollcall, 0);
    assert!(told.contains("T13:00:00Z: 3 of 3 log files"), "{told}");
    let query =
        "SELECT source, state, vendor, stored, missing FROM reconciliations ORDER BY reconciled";
    let wanted = [
        "cloudtrail,reconciled,2,1,1",
        "cloudtrail,reconciled,2,2,0",
        "cloudtrail,reconciled,3,3,0",
    ];
    assert_eq!(rollcall.sql(query), wanted);
    let verified = rollcall.output(&["verify"]);
    assert!(verified.status.success(), "{verified:?}");
}

#[test]
fn what_was_changed_or_taken_away_is_named() {
    let rollcall = Rollcall::new();
    let mut trail = Trail::new(&rollcall);
    let log = trail.log(10);
    let digests = [
        trail.digest(11, &[&log]),
        trail.digest(12, &[]),
        trail.digest(13, &[]),
        trail.digest(14, &[]),
    ];
    rollcall.ingest(&log.1);
    assert!(trail.reconcile(&rollcall, 0).contains("1 of 1 log files"), "as it was");
    let with = |path: &Path, content: &str, wanted: &[&str]| {
        let before = std::fs::read(path).expect("a file");
        std::fs::write(path, content).expect("written");
        let told = trail.reconcile(&rollcall, 1);
        assert!(told.contains("not reconciled"), "{told}");
        assert!(wanted.iter().all(|words| told.contains(words)), "{wanted:?}: {told}");
        std::fs::write(path, before).expect("written");
    };
    with(&log.1, "{\"Records\":[]}", &[&log.0, "isn't what CloudTrail delivered"]);
    let second = std::fs::read_to_string(&digests[1]).expect("a digest");
    let changed = second.replace("\"logFiles\":[]", "\"logFiles\": []");
    assert_ne!(changed, second);
    let name = digests[1].file_name().expect("a name").to_string_lossy().into_owned();
    with(&digests[1], &changed, &[&name, "its signature doesn't fit", "isn't what"]);
    with(&digests[1], "{\"logFiles\"", &[&name, "was cut off"]);
    let keys = std::fs::read_to_string(&trail.keys).expect("keys");
    let other =
        keys.replace("31e8b5433410dfb61a9dc45cc65b22ff", "00000000000000000000000000000000");
    with(&trail.keys, &other, &["its key 31e8b5433410dfb61a9dc45cc65b22ff is none of those given"]);
    std::fs::remove_file(&digests[1]).expect("removed");
    let told = trail.reconcile(&rollcall, 1);
    assert!(told.contains(&format!("{name}, which")) && told.contains("is missing"), "{told}");
}

#[test]
fn a_folder_without_digests_and_keys_that_are_none_are_refused() {
    let rollcall = Rollcall::new();
    let trail = Trail::new(&rollcall);
    let log = trail.log(10);
    rollcall.ingest(&log.1);
    let reconcile = || {
        let [folder, keys] =
            [&trail.folder, &trail.keys].map(|path| path.to_str().expect("a path"));
        rollcall.output(&["reconcile", "--cloudtrail", folder, "--keys", keys])
    };
    let output = reconcile();
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("no CloudTrail-Digest"), "{output:?}");
    std::fs::write(&trail.keys, "{}").expect("written");
    let output = reconcile();
    assert!(String::from_utf8_lossy(&output.stderr).contains("list-public-keys"), "{output:?}");
}
