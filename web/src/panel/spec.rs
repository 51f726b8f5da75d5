//! Which panels there are, as data. A page is a list of these.

use rollcall_query::Dimension;

/// One panel.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spec {
    /// Its id on the page.
    pub(crate) id: &'static str,
    /// Its question; empty: the metric's own.
    pub(crate) title: &'static str,
    /// What it asks.
    pub(crate) ask: Ask,
    /// What must be there for it to make sense.
    pub(crate) needs: Needs,
    /// Whether it takes the whole width.
    pub(crate) wide: bool,
}

/// What a panel asks.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ask {
    /// A metric.
    Metric {
        /// Its name.
        metric: &'static str,
        /// Which figures, in which order; none: all of them. The first is the
        /// one that is shown where a panel is split.
        figures: &'static [&'static str],
        /// What it is split by.
        by: By,
        /// How it is drawn.
        shape: Shape,
    },
    /// A page's query, by its name in `listing`.
    Listing(&'static str),
    /// The process itself.
    Process(Process),
}

/// What the process is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Process {
    /// What its collectors do.
    Collectors,
    /// How its machine fares.
    Machine,
}

/// What a panel is split by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    /// Nothing, ever.
    Nothing,
    /// What the address says.
    Address,
    /// Always this.
    Always(Dimension),
}

/// How a panel is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Lines over time.
    Line,
    /// Stacked bars over time.
    Stack,
    /// A bar for every group, or every figure.
    Bars,
    /// Quantiles of every group.
    Dots,
    /// A small chart for every group.
    Multiples,
}

impl Shape {
    /// Every shape.
    pub(crate) const ALL: [Self; 5] =
        [Self::Line, Self::Stack, Self::Bars, Self::Dots, Self::Multiples];

    /// The word in addresses.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Stack => "stack",
            Self::Bars => "bars",
            Self::Dots => "dots",
            Self::Multiples => "multiples",
        }
    }

    /// Reads the word.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shape| shape.as_str() == word)
    }

    /// Whether it runs over time.
    pub(crate) const fn over_time(self) -> bool {
        matches!(self, Self::Line | Self::Stack | Self::Multiples)
    }
}

/// What must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    /// Events.
    Events,
    /// A directory.
    People,
    /// Nothing: it shows that there is nothing.
    Nothing,
}

/// A metric over events, half wide.
pub(crate) const fn metric(
    id: &'static str,
    metric: &'static str,
    figures: &'static [&'static str],
    by: By,
    shape: Shape,
) -> Spec {
    let ask = Ask::Metric { metric, figures, by, shape };
    Spec { id, title: "", ask, needs: Needs::Events, wide: false }
}

/// A listing over events, whole width.
pub(crate) const fn listing(name: &'static str) -> Spec {
    Spec { id: name, title: "", ask: Ask::Listing(name), needs: Needs::Events, wide: true }
}

/// What the process tells of itself, whole width.
pub(crate) const fn process(id: &'static str, which: Process) -> Spec {
    Spec { id, title: "", ask: Ask::Process(which), needs: Needs::Nothing, wide: true }
}

impl Spec {
    /// With a question of its own.
    pub(crate) const fn titled(self, title: &'static str) -> Self {
        Self { title, ..self }
    }

    /// Over the whole width.
    pub(crate) const fn wide(self) -> Self {
        Self { wide: true, ..self }
    }

    /// Needing something else than events.
    pub(crate) const fn needing(self, needs: Needs) -> Self {
        Self { needs, ..self }
    }
}
