//! Inputs that are broken: bits and bytes, pieces doubled and moved, other inputs'
//! pieces, numbers, text that isn't UTF-8, words that parsers look for.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::json;

/// Longest input that is made.
const LONGEST: usize = 256 * 1024;
/// Longest of nearly all of them.
const USUAL: usize = 16 * 1024;

/// Words and bytes that mean something to a parser.
const WORDS: &[&[u8]] = &[
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b"\\",
    b",",
    b":",
    b"\n",
    b"\r\n",
    b"\0",
    b" ",
    b"\t",
    b"\xff",
    b"\xc0\x80",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\xe2\x80\xae",
    b"\xef\xbb\xbf",
    b"\\ud800",
    b"\\udc00\\ud800",
    b"\\u0000",
    b"\\u00e",
    b"null",
    b"true",
    b"-",
    b"NaN",
    b"1e999",
    b"-9223372036854775808",
    b"18446744073709551616",
    b"99999999999999",
    b"0",
    b"-0",
    b"60",
    b"2026-02-29T23:59:60Z",
    b"9999-12-31T23:59:59.999999999Z",
    b"0000-00-00T00:00:00+99:99",
    b"Feb 29 23:59:60 ",
    b"<134>1 ",
    b"<34>",
    b"@cee:",
    b"=",
    b"'",
    b";",
    b"#012",
    b"%00",
    b"::1",
    b"255.255.255.255:65535",
    b"0.0.0.0",
    b"[",
    b"password=",
    b"\"token\":",
    b"otp: ",
    b"message repeated 1000 times: [ ",
    b" times: [ ",
    b"]",
    b"Records",
    b"\"events\":[",
    b"\"value\":[",
    b"\"detail\":{",
    b"\"event\":",
    b"\"time\":",
    b"type=LOGIN, ",
    b"realmId=",
    "\u{130}\u{149}\u{1e9e}".as_bytes(),
    "é".as_bytes(),
    "𝕬".as_bytes(),
];

/// Makes an input of another; `others` are what pieces are borrowed from.
pub fn mutate(seed: &[u8], others: &[Vec<u8>], random: &mut ChaCha8Rng) -> Vec<u8> {
    let mut input = seed.to_vec();
    let times = 1 + random.random_range(0..6_u32).min(random.random_range(0..6));
    for _ in 0..times {
        let other = &others[random.random_range(0..others.len())];
        // As JSON half of the time, where it is any.
        let as_json = random.random_bool(0.5);
        match as_json.then(|| json::mutate(&input, other, random)).flatten() {
            Some(changed) => input = changed,
            None => bytes(&mut input, other, random),
        }
        input.truncate(LONGEST);
    }
    if random.random_bool(0.01) {
        grow(&mut input, random);
    } else if input.len() > USUAL && random.random_bool(0.9) {
        input.truncate(USUAL);
    }
    input
}

/// A place in it, its end too.
fn place(input: &[u8], random: &mut ChaCha8Rng) -> usize {
    random.random_range(0..=input.len())
}

/// A stretch of it; mostly a short one.
fn stretch(input: &[u8], random: &mut ChaCha8Rng) -> std::ops::Range<usize> {
    let from = place(input, random);
    let most = if random.random_bool(0.8) { 32 } else { input.len() };
    let length = random.random_range(0..=most.min(input.len() - from));
    from..from + length
}

fn bytes(input: &mut Vec<u8>, other: &[u8], random: &mut ChaCha8Rng) {
    match random.random_range(0..12_u32) {
        0 if !input.is_empty() => {
            let at = random.random_range(0..input.len());
            input[at] ^= 1 << random.random_range(0..8_u32);
        }
        1 if !input.is_empty() => {
            let at = random.random_range(0..input.len());
            input[at] = random.random();
        }
        2 => drop(input.drain(stretch(input, random))),
        3 => {
            let copy = input[stretch(input, random)].to_vec();
            let at = place(input, random);
            input.splice(at..at, copy);
        }
        4 => input.truncate(place(input, random)),
        5 => {
            let piece = other[stretch(other, random)].to_vec();
            input.splice(stretch(input, random), piece);
        }
        6 => {
            // The one's beginning with the other's end.
            input.truncate(place(input, random));
            input.extend_from_slice(&other[place(other, random)..]);
        }
        7 => {
            let times = random.random_range(2..20);
            let copy = input[stretch(input, random)].repeat(times);
            let at = place(input, random);
            input.splice(at..at, copy);
        }
        8 => number(input, random),
        9 => {
            let noise: Vec<u8> = (0..random.random_range(1..8)).map(|_| random.random()).collect();
            let at = place(input, random);
            input.splice(at..at, noise);
        }
        10 => {
            // Two records, one behind the other.
            input.push(b'\n');
            input.extend_from_slice(other);
        }
        _ => {
            let word = WORDS[random.random_range(0..WORDS.len())].to_vec();
            let over = if random.random_bool(0.5) { stretch(input, random) } else { 0..0 };
            let at = if over.is_empty() { place(input, random) } else { over.start };
            input.splice(at..at + over.len(), word);
        }
    }
}

/// Another number for one that stands there.
fn number(input: &mut Vec<u8>, random: &mut ChaCha8Rng) {
    let from = place(input, random);
    let Some(start) = input[from..].iter().position(u8::is_ascii_digit) else { return };
    let start = from + start;
    let length = input[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let number = json::number(random);
    input.splice(start..start + length, number.into_bytes());
}

/// Long by a stretch that comes again and again: what takes the square of its length
/// shows only here.
fn grow(input: &mut Vec<u8>, random: &mut ChaCha8Rng) {
    let stretch = if random.random_bool(0.3) { 0..input.len() } else { stretch(input, random) };
    let copy = input[stretch.clone()].to_vec();
    if copy.is_empty() {
        return;
    }
    let room = LONGEST.saturating_sub(input.len());
    input.splice(stretch.start..stretch.start, copy.repeat(room / copy.len()));
}
