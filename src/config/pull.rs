//! `[[pull]]`: vendors whose logs are asked for.

use rollcall_ingest::pull::KEYS;

/// What is wrong with the keys of the tables. It is said without anything of the file: a
/// secret that was put where none belongs would stand in it.
pub(super) fn check_keys(tables: &toml::Value) -> Result<(), String> {
    let Some(tables) = tables.as_array() else {
        return Err("pull is a list of tables, [[pull]]".to_owned());
    };
    for table in tables {
        let Some(table) = table.as_table() else {
            return Err("pull is a list of tables, [[pull]]".to_owned());
        };
        if let Some(key) = table.keys().find(|key| !KEYS.contains(&key.as_str())) {
            return Err(format!(
                "there is no pull.{key}; [[pull]] has {} (a token is named by where it is)",
                KEYS.join(", ")
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_in_the_file_is_refused_without_being_told() {
        let text = "[[pull]]\nname = 'okta'\ntoken = 't0ps3cret'\n";
        let table: toml::Table = text.parse().expect("TOML");
        let refused = check_keys(&table["pull"]).expect_err("refused");
        assert!(refused.contains("token_env") && !refused.contains("t0ps3cret"), "{refused}");
    }
}
