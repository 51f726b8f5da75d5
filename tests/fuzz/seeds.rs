//! What inputs are made of: the fixtures of every source, record by record and whole;
//! for other parsers what is theirs.

use std::io::Write;
use std::path::{Path, PathBuf};

use rollcall_ingest::probe::{Target, log_file};

use crate::found;

/// Longest file that is a seed as a whole.
const WHOLE: usize = 32 * 1024;

/// Files of a folder within `ingest/`, in order of name.
fn files(folder: &str) -> Vec<Vec<u8>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("ingest").join(folder);
    let entries = std::fs::read_dir(path).into_iter().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    // What ends the process isn't tried again here, but in ingest's tests.
    paths.retain(|path| !found::ends_the_process(path));
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).expect("a file")).collect()
}

/// A source's records, and its files.
fn of_source(name: &str) -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for file in files(&format!("src/source/{name}/fixtures")) {
        let lines = file.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        seeds.extend(lines.map(<[u8]>::to_vec));
        if file.len() <= WHOLE {
            seeds.push(file);
        }
    }
    seeds
}

/// Every source's: what pieces are borrowed from.
pub fn of_all_sources() -> Vec<Vec<u8>> {
    Target::all()
        .into_iter()
        .filter(|target| matches!(target, Target::Source(_)))
        .flat_map(|target| of_source(target.name()))
        .collect()
}

/// A parser's; what broke it before is among them.
pub fn of(target: Target, all: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut seeds = match (target, target.name()) {
        (Target::Source(source), _) => of_source(source.name),
        (_, "compressed") => all.iter().step_by(7).flat_map(|seed| packed(seed)).collect(),
        (_, "splunk") => all.iter().map(|seed| in_envelopes(seed)).collect(),
        (_, "envelope") => all.iter().flat_map(|seed| in_headers(seed)).collect(),
        (_, "redact") => all.iter().flat_map(|seed| [seed.clone(), confession(seed)]).collect(),
        (_, "syslog") => all.chunks(3).map(in_a_stream).collect(),
        (_, "log") => all
            .chunks(5)
            .map(|some| log_file(&some.iter().map(Vec::as_slice).collect::<Vec<_>>()))
            .collect(),
        _ => all.to_vec(),
    };
    seeds.extend(files(&target.folder()));
    seeds
}

fn packed(seed: &[u8]) -> Vec<Vec<u8>> {
    let level = flate2::Compression::fast();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), level);
    gzip.write_all(seed).expect("memory");
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), level);
    zlib.write_all(seed).expect("memory");
    vec![
        gzip.finish().expect("memory"),
        zlib.finish().expect("memory"),
        zstd::encode_all(seed, 3).expect("memory"),
        // A hundred times as long.
        zstd::encode_all(&*seed.repeat(100), 1).expect("memory"),
    ]
}

/// A body of Splunk's collector.
fn in_envelopes(seed: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(seed);
    let quoted = serde_json::to_string(&text).expect("text");
    let event = if text.starts_with('{') { &*text } else { &*quoted };
    format!("{{\"event\":{event},\"time\":1772445700.25,\"host\":\"h\"}}{{\"event\":{quoted}}}")
        .into_bytes()
}

fn in_headers(seed: &[u8]) -> Vec<Vec<u8>> {
    let text = String::from_utf8_lossy(seed);
    vec![
        in_envelopes(seed),
        format!("<134>1 2026-03-01T10:00:00.5Z h app 7 - [a@1 k=\"]\\\"\"] {text}").into_bytes(),
        format!("<134>Mar  1 10:00:00 h app[7]: {text}").into_bytes(),
    ]
}

/// Messages behind each other, in both framings.
fn in_a_stream(seeds: &[Vec<u8>]) -> Vec<u8> {
    let messages = seeds.iter().flat_map(|seed| in_headers(seed)).enumerate();
    let framed = messages.flat_map(|(number, message)| match number % 3 {
        0 => [message, b"\n".to_vec()].concat(),
        _ => [format!("{} ", message.len()).into_bytes(), message].concat(),
    });
    framed.collect()
}

/// With secrets in it, in several forms.
fn confession(seed: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(seed);
    let secrets = "\"password\":\"p\\u0041\\\"ss\",\"otp\":123456,\"token\":[\"a\",{\"b\":-1.5e3}],\"url\":\"https://x/?token=a%26b&c=d\",\"body\":\"{\\\"secret\\\":\\\"s\\\",\\\"otp\\\":7}\",\"h\":\"Authorization: Basic abc==\\r\\nCookie: a=b; c\"";
    match text.strip_prefix('{') {
        Some(rest) => format!("{{{secrets},{rest}").into_bytes(),
        None => format!("{text} password='a b' --token x GITHUB_TOKEN=ghp_{}", "a".repeat(36))
            .into_bytes(),
    }
}
