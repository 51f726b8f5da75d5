//! 470-byte events in GitHub's form, the same for the same number.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const ACTIONS: [&str; 5] =
    ["git.fetch", "git.push", "git.clone", "pull_request.merge", "repo.access"];

/// One event, a line.
pub fn line(number: u64, random: &mut ChaCha8Rng) -> String {
    let person = random.random_range(0..400_u32);
    let time = 1_780_000_000_000 + number * 9 + u64::from(random.random_range(0..9_u32));
    let id: u128 = random.random();
    let request: u128 = random.random();
    // A person has three tokens, as long as the measurement lasts.
    let token = person * 3 + random.random_range(0..3_u32);
    let repo = random.random_range(0..40_u32);
    format!(
        "{{\"@timestamp\":{time},\"_document_id\":\"{:022x}\",\"action\":\"{}\",\"actor\":\"dev-{person:03}\",\"actor_id\":{},\"actor_ip\":\"198.51.{}.{}\",\"actor_location\":{{\"country_code\":\"DE\"}},\"created_at\":{time},\"hashed_token\":\"{:043x}=\",\"operation_type\":\"access\",\"org\":\"corp-example\",\"org_id\":90482117,\"programmatic_access_type\":\"Personal access token (classic)\",\"repo\":\"corp-example/r{repo:02}\",\"request_id\":\"{:08x}\",\"transport_protocol_name\":\"http\",\"user_agent\":\"git/2.51.0\"}}\n",
        id >> 40,
        ACTIONS[random.random_range(0..ACTIONS.len())],
        100_000 + person,
        person % 4,
        person % 251,
        u128::from(token) * 0x9e37_79b9_7f4a_7c15_f39c,
        request >> 96,
    )
}

/// A file of them.
pub fn write(path: &Path, count: u64) {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let mut out = BufWriter::new(File::create(path).expect("a file"));
    for number in 0..count {
        out.write_all(line(number, &mut random).as_bytes()).expect("written");
    }
    out.flush().expect("written");
}
