//! What the intervals of a metric rest on.

use serde::Serialize;

use super::registry::Shape;

/// How sure a metric's figures are, and by which method that is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Statistic {
    /// Everyone is counted: bounds, where something can't be told.
    Census,
    /// Quantiles between order statistics; means clustered by person.
    OrderStatistics,
    /// The exact interval of a count.
    Poisson,
    /// What happened on one day resembles itself: days are the sample.
    ClusteredByDay,
    /// What one person does resembles itself: persons are the sample.
    ClusteredByPerson,
    /// How long cases last, those still open among them.
    KaplanMeier,
    /// How much has happened by a time, where something else may come before.
    CumulativeIncidence,
    /// The difference of two shares of people.
    Newcombe,
    /// Teams against teams.
    ByTeam,
    /// Segmented regression whose errors follow each other.
    NeweyWest,
}

impl Statistic {
    const WORDS: [(&'static str, Self); 10] = [
        ("census", Self::Census),
        ("order statistics", Self::OrderStatistics),
        ("poisson", Self::Poisson),
        ("clustered by day", Self::ClusteredByDay),
        ("clustered by person", Self::ClusteredByPerson),
        ("kaplan-meier", Self::KaplanMeier),
        ("cumulative incidence", Self::CumulativeIncidence),
        ("newcombe", Self::Newcombe),
        ("by team", Self::ByTeam),
        ("newey-west", Self::NeweyWest),
    ];

    /// Reads a header's words.
    pub(super) fn from_words(words: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(known, _)| *known == words).map(|(_, found)| *found)
    }

    /// That of a shape whose header names none.
    pub(super) const fn usual(shape: Shape) -> Self {
        match shape {
            Shape::Counts => Self::Census,
            Shape::Histogram => Self::OrderStatistics,
            Shape::Rate => Self::Poisson,
            Shape::Spells => Self::KaplanMeier,
            Shape::Compared => Self::ByTeam,
            Shape::Segmented => Self::NeweyWest,
        }
    }

    /// Whether it can be told from rows of a shape.
    #[cfg(test)]
    pub(super) const fn fits(self, shape: Shape) -> bool {
        matches!(
            (shape, self),
            (Shape::Counts, Self::Census)
                | (Shape::Histogram, Self::OrderStatistics | Self::Census)
                | (Shape::Rate, Self::Poisson | Self::ClusteredByDay | Self::ClusteredByPerson)
                | (Shape::Spells, Self::KaplanMeier | Self::CumulativeIncidence)
                | (Shape::Compared, Self::Newcombe | Self::ByTeam)
                | (Shape::Segmented, Self::NeweyWest)
        )
    }
}
