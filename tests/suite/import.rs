//! Files come in, every line is accounted for, and twice is as once.

use crate::rollcall::{Rollcall, shared};

#[test]
fn a_real_servers_auth_log_adds_up() {
    let Some(log) = shared("sshd/aws-sshd.log.gz") else { return };
    let rollcall = Rollcall::new();
    let log = log.to_str().expect("a path");
    let sum = rollcall.run(&["ingest", log]);
    let (parts, total) = sum.trim().split_once(" = ").expect("a sum");
    assert_eq!(total, "7,121");
    let added: i64 = parts
        .split(" + ")
        .map(|part| part.split(' ').next().expect("a number").replace(',', ""))
        .map(|number| number.parse::<i64>().expect("a number"))
        .sum();
    assert_eq!(added, 7_121);
    assert_eq!(rollcall.run(&["ingest", log]).trim(), "nothing new");
}
