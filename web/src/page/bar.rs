//! The bar of period and filters: links and one GET form.

use rollcall_query::{Dimension, Grain};

use crate::address::{Address, Period, Preset, View};
use crate::text;

/// A link that is on or off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    pub(crate) label: String,
    pub(crate) value: &'static str,
    pub(crate) href: String,
    pub(crate) on: bool,
}

/// A field of the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) label: String,
    pub(crate) value: String,
}

/// The bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bar {
    pub(crate) path: String,
    pub(crate) presets: Vec<Choice>,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) words: String,
    pub(crate) zone: &'static str,
    /// Whether the address names the zone.
    pub(crate) zone_said: bool,
    pub(crate) before: String,
    pub(crate) after: String,
    pub(crate) grains: Vec<Choice>,
    pub(crate) splits: Vec<Choice>,
    /// Filters that are on: what they say, and the address without.
    pub(crate) chips: Vec<Choice>,
    pub(crate) fields: Vec<Field>,
    pub(crate) notes: Vec<String>,
    /// Parameters of the page that the form has to keep.
    pub(crate) own: Vec<(String, String)>,
    /// The address with every time absolute.
    pub(crate) frozen: String,
}

impl Bar {
    /// The bar of a page.
    pub(crate) fn new(path: &str, view: &View) -> Self {
        let address = &view.address;
        let href = |address: &Address| format!("{path}{}", address.query());
        let fields = Dimension::ALL.map(|dimension| Field {
            name: dimension.as_str(),
            label: text::words(dimension.as_str()),
            value: address.only(dimension).unwrap_or_default().to_owned(),
        });
        let chips = address.only.iter().map(|(dimension, value)| Choice {
            label: format!("{}: {}", text::words(dimension.as_str()), text::visible(value)),
            value: dimension.as_str(),
            href: href(&address.with_only(*dimension, None)),
            on: true,
        });
        Self {
            path: path.to_owned(),
            presets: presets(address, path),
            from: view.days.from.to_string(),
            to: view.days.last.to_string(),
            words: view.period_words(),
            zone: view.zone.name(),
            zone_said: address.zone.is_some(),
            before: href(&view.beside(-1)),
            after: href(&view.beside(1)),
            grains: grains(view),
            splits: splits(address),
            chips: chips.collect(),
            fields: fields.to_vec(),
            notes: view.notes.clone(),
            own: address.own.iter().filter(|(name, _)| name != "before").cloned().collect(),
            frozen: href(&view.frozen()),
        }
    }
}

fn presets(address: &Address, path: &str) -> Vec<Choice> {
    let choice = |preset: Preset| {
        let on = match address.period {
            Period::Default => preset == Preset::FourWeeks,
            Period::Preset(chosen) => preset == chosen,
            Period::Days(_) => false,
        };
        let to = address.with_period(Period::Preset(preset));
        Choice {
            label: preset.label().to_owned(),
            value: preset.as_str(),
            href: format!("{path}{}", to.query()),
            on,
        }
    };
    Preset::ALL.map(choice).to_vec()
}

fn grains(view: &View) -> Vec<Choice> {
    let choice = |grain: Grain| Choice {
        label: format!("by {}", grain.as_str()),
        value: grain.as_str(),
        href: String::new(),
        on: view.grain == grain,
    };
    [Grain::Day, Grain::Week, Grain::Month, Grain::Quarter].map(choice).to_vec()
}

fn splits(address: &Address) -> Vec<Choice> {
    let choice = |dimension: Dimension| Choice {
        label: text::words(dimension.as_str()),
        value: dimension.as_str(),
        href: String::new(),
        on: address.by == Some(dimension),
    };
    Dimension::ALL.map(choice).to_vec()
}
