//! The header of a metric's file: comment lines `-- key: value` above its SQL.

/// The value of a header line; empty where there is none.
pub(super) fn header(sql: &'static str, key: &str) -> &'static str {
    sql.lines()
        .map_while(|line| line.strip_prefix("-- "))
        .find_map(|line| line.strip_prefix(key)?.strip_prefix(": "))
        .unwrap_or_default()
}

/// The words of a list with commas.
pub(super) fn words(list: &'static str) -> Vec<&'static str> {
    list.split(", ").filter(|word| !word.is_empty()).collect()
}

/// What stands below the header.
pub(super) fn body(sql: &str) -> String {
    let lines: Vec<&str> = sql.lines().skip_while(|line| line.starts_with("--")).collect();
    lines.join("\n")
}
