//! What the functions are, for people who write SQL.

use serde::Serialize;

/// A function.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct FunctionHelp {
    /// Its name.
    pub name: &'static str,
    /// What it takes, as it is written.
    pub call: &'static str,
    /// What it gives.
    pub doc: &'static str,
}

const fn help(name: &'static str, call: &'static str, doc: &'static str) -> FunctionHelp {
    FunctionHelp { name, call, doc }
}

const FUNCTIONS: &[FunctionHelp] = &[
    help(
        "wilson_low",
        "wilson_low(k, n)",
        "lower end of a share's 95% interval (Wilson); null where n is 0",
    ),
    help("wilson_high", "wilson_high(k, n)", "upper end of it"),
    help(
        "exact_low",
        "exact_low(k, n)",
        "lower end of a share's exact 95% interval (Clopper-Pearson), never too narrow",
    ),
    help("exact_high", "exact_high(k, n)", "upper end of it"),
    help("poisson_low", "poisson_low(k)", "lower end of a count's exact 95% interval"),
    help("poisson_high", "poisson_high(k)", "upper end of it"),
    help(
        "newcombe_low",
        "newcombe_low(k1, n1, k2, n2)",
        "lower end of the 95% interval of k1/n1 - k2/n2 (Newcombe's method 10)",
    ),
    help("newcombe_high", "newcombe_high(k1, n1, k2, n2)", "upper end of it"),
    help(
        "haversine_km",
        "haversine_km(lat_e6, lon_e6, lat_e6, lon_e6)",
        "kilometres between two places along the Earth, in millionths of a degree",
    ),
    help(
        "strength",
        "strength(factor)",
        "0 password, 1 question, mail or code, 2 SMS or call, 3 push or one-time code, 4 push \
         with number, 5 phishing-resistant; null where it can't be told",
    ),
    help(
        "in_network",
        "in_network(ip, '192.0.2.0/24')",
        "whether an address lies in a network; null where one can't be read",
    ),
    help(
        "json_text",
        "json_text(object, name)",
        "a member of a JSON object as text; null where there is none",
    ),
    help(
        "place",
        "place(ip)",
        "where an address is by your GeoIP databases: place(ip)['country'], …; nulls without them",
    ),
    help(
        "bucket",
        "bucket('week', time, 'Europe/Berlin')",
        "first day of the day, week, month or quarter, in a time zone; null for 'total'",
    ),
    help("epoch_ms", "epoch_ms(time)", "milliseconds since 1970 UTC"),
    help("date_trunc", "date_trunc('hour', time)", "start of the hour, day, …, in UTC"),
    help("raw_text", "raw_text(raw)", "a record as text; what isn't UTF-8 becomes \u{fffd}"),
    help(
        "json_changes",
        "json_changes(before, after)",
        "where two JSON texts differ, as JSON pointers, a line each; null: nowhere",
    ),
];

/// The functions that SQL has beside those of DataFusion.
pub const fn functions() -> &'static [FunctionHelp] {
    FUNCTIONS
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::functions;

    #[test]
    fn every_function_is_explained() {
        let mut registered: BTreeSet<String> =
            super::super::all().iter().map(|function| function.name().to_owned()).collect();
        // It is made for each catalog, with the databases of the user.
        registered.insert("place".to_owned());
        let explained: BTreeSet<String> =
            functions().iter().map(|help| help.name.to_owned()).collect();
        assert_eq!(registered, explained);
        assert!(functions().iter().all(|help| help.call.starts_with(help.name)));
    }
}
