//! An event's columns set by their names, for readers that are told at run time which
//! column takes what.

use std::borrow::Cow;

use crate::Event;
use crate::column::{Kind, for_each_event_column, kind_of};
use crate::vocabulary::{
    Activity, Credential, DurationBasis, Factor, Mfa, Outcome, Platform, PolicyMode, PolicyResult,
    Reason,
};

/// A value for a column. One of another kind than the column's leaves it as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Assigned<'a> {
    /// For columns of text and of words; a word that isn't one of the column's becomes
    /// its unknown arm.
    Text(Cow<'a, str>),
    /// For columns of yes and no.
    Bool(bool),
    /// For columns of numbers; one that is too large for its column is left out.
    Number(i64),
}

/// A column of an event that can be set by its name.
pub struct Assignable {
    /// Its name in SQL.
    pub name: &'static str,
    /// How it is stored; lists can't be set.
    pub kind: Kind,
    /// Its words, where it takes words of a closed vocabulary.
    pub words: &'static [&'static str],
    /// Sets it.
    pub assign: for<'a> fn(&mut Event<'a>, Assigned<'a>),
}

impl std::fmt::Debug for Assignable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Assignable").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The columns that an adapter fills.
pub const fn assignable() -> &'static [Assignable] {
    COLUMNS
}

macro_rules! words {
    (word($t:ident)) => {
        $t::WORDS
    };
    (opt_word($t:ident)) => {
        $t::WORDS
    };
    ($($other:tt)+) => {
        &[]
    };
}

macro_rules! set {
    ($event:ident $value:ident $name:ident text) => {
        if let Assigned::Text(text) = $value {
            $event.$name = Some(text);
        }
    };
    ($event:ident $value:ident $name:ident word($t:ident)) => {
        if let Assigned::Text(word) = $value {
            $event.$name = $t::from_word(&word);
        }
    };
    ($event:ident $value:ident $name:ident opt_word($t:ident)) => {
        if let Assigned::Text(word) = $value {
            $event.$name = Some($t::from_word(&word));
        }
    };
    ($event:ident $value:ident $name:ident bool) => {
        if let Assigned::Bool(truth) = $value {
            $event.$name = Some(truth);
        }
    };
    ($event:ident $value:ident $name:ident i64) => {
        if let Assigned::Number(number) = $value {
            $event.$name = Some(number);
        }
    };
    ($event:ident $value:ident $name:ident i16) => {
        if let Assigned::Number(number) = $value {
            $event.$name = i16::try_from(number).ok();
        }
    };
    ($event:ident $value:ident $name:ident i32) => {
        if let Assigned::Number(number) = $value {
            $event.$name = i32::try_from(number).ok();
        }
    };
    ($event:ident $value:ident $name:ident $list:ident) => {
        let _ = (&$event.$name, $value);
    };
}

macro_rules! columns {
    ($($id:literal $name:ident $kind:ident $(($word:ident))? $group:ident $doc:literal)+) => {
        const COLUMNS: &[Assignable] = &[$(Assignable {
            name: stringify!($name),
            kind: kind_of!($kind $(($word))?),
            words: words!($kind $(($word))?),
            assign: |event, value| { set!(event value $name $kind $(($word))?); },
        },)+];
    };
}
for_each_event_column!(columns);

#[cfg(test)]
mod tests {
    use super::*;

    fn set(name: &str, value: Assigned<'static>) -> Event<'static> {
        let mut event = Event::default();
        let column = assignable().iter().find(|column| column.name == name).expect(name);
        (column.assign)(&mut event, value);
        event
    }

    #[test]
    fn a_column_takes_values_of_its_kind_and_leaves_others_out() {
        let text = |text: &'static str| Assigned::Text(Cow::Borrowed(text));
        assert_eq!(set("user_name", text("ada")).user_name.as_deref(), Some("ada"));
        assert_eq!(set("user_name", Assigned::Bool(true)).user_name, None);
        assert_eq!(set("outcome", text("denied")).outcome, Outcome::Denied);
        assert_eq!(set("outcome", text("teleported")).outcome, Outcome::Unknown);
        assert_eq!(set("factor", text("totp")).factor, Some(Factor::Totp));
        assert_eq!(set("blocked", Assigned::Bool(false)).blocked, Some(false));
        assert_eq!(set("duration_ms", Assigned::Number(7)).duration_ms, Some(7));
        assert_eq!(set("score", Assigned::Number(70_000)).score, None);
        assert_eq!(set("factors", text("totp")), Event::default());
    }

    #[test]
    fn columns_of_words_name_them() {
        for column in assignable() {
            assert_eq!(column.kind == Kind::Word, !column.words.is_empty(), "{}", column.name);
        }
    }
}
