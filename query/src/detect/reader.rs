//! Arrow columns into rows: only the columns that detectors need, each text looked at once.

use datafusion::arrow::array::{
    Array, AsArray, BooleanArray, Int32Array, Int64Array, RecordBatch, StringViewArray,
    TimestampMicrosecondArray,
};
use datafusion::arrow::datatypes::{Int32Type, Int64Type, TimestampMicrosecondType};
use rollcall_schemas::{Activity, Credential, Factor, Mfa, Outcome, Platform, PolicyMode, Reason};

use super::accounts::Accounts;
use super::id::{ById, Id, Ids, mix};
use super::meaning;
use super::names::Names;
use super::places::{Places, asn_id};
use super::row::{At, Kind, Row, Step};

/// The columns that are read.
pub(crate) const COLUMNS: &[&str] = &[
    "shard",
    "seq",
    "part",
    "revises_shard",
    "revises_seq",
    "revises_part",
    "source",
    "time",
    "activity",
    "outcome",
    "reason",
    "operation",
    "interactive",
    "user_id",
    "user_name",
    "user_type",
    "actor",
    "platform",
    "service",
    "environment",
    "credential",
    "mfa",
    "factor",
    "factor_id",
    "flow_id",
    "session_id",
    "policy_id",
    "policy_name",
    "policy_mode",
    "ip",
    "country",
    "lat_e6",
    "lon_e6",
    "asn",
    "as_org",
    "is_proxy",
    "user_agent",
    "browser",
    "os",
    "device_id",
];

/// Agents of which the stem is remembered.
const MOST_AGENTS: usize = 20_000;

/// What reading needs to know.
#[derive(Debug)]
pub(crate) struct Reader {
    pub(crate) ids: Ids,
    pub(crate) names: Names,
    pub(crate) accounts: Accounts,
    pub(crate) places: Places,
    /// The source of rollcall's own events, which aren't looked at.
    own: Id,
    agents: ById<Id>,
}

impl Reader {
    /// Reads nothing yet.
    pub(crate) fn new(ids: Ids, names: Names, places: Places) -> Self {
        let own = ids.of("rollcall");
        let (accounts, agents) = (Accounts::default(), ById::default());
        Self { ids, names, accounts, places, own, agents }
    }

    /// Takes a newer directory.
    pub(crate) fn know(&mut self, accounts: Accounts) {
        for (person, name) in &accounts.persons {
            self.names.keep(*person, name);
        }
        self.accounts = accounts;
    }

    /// Adds the rows of a batch for which `wanted` holds. Events of rollcall's own are
    /// never among them.
    pub(crate) fn read(
        &mut self,
        batch: &RecordBatch,
        wanted: &mut dyn FnMut(usize, At) -> bool,
        rows: &mut Vec<Row>,
    ) {
        let Some(columns) = Columns::of(batch) else { return };
        for number in 0..batch.num_rows() {
            if wanted(number, columns.at(number))
                && let Some(row) = self.row(&columns, number)
            {
                rows.push(row);
            }
        }
    }

    fn row(&mut self, columns: &Columns<'_>, n: usize) -> Option<Row> {
        let source_name = text(columns.source, n)?;
        let source = self.ids.of(source_name);
        if source == self.own {
            return None;
        }
        let mut row = Row {
            time: columns.time.value(n),
            at: columns.at(n),
            revises: columns.revises(n),
            source,
            activity: text(columns.activity, n).map(Activity::from_word).unwrap_or_default(),
            outcome: text(columns.outcome, n).map(Outcome::from_word).unwrap_or_default(),
            reason: text(columns.reason, n).map(Reason::from_word),
            mfa: text(columns.mfa, n).map(Mfa::from_word).unwrap_or_default(),
            factor: text(columns.factor, n).map(Factor::from_word),
            credential: text(columns.credential, n).map(Credential::from_word),
            platform: text(columns.platform, n).map(Platform::from_word).unwrap_or_default(),
            factor_id: self.id(columns.factor_id, n),
            flow: self.id(columns.flow_id, n),
            session: self.id(columns.session_id, n),
            device: self.id(columns.device_id, n),
            service: self.named(columns.service, n),
            actor: self.named(columns.actor, n),
            policy: self.policy(columns, n),
            ..Row::default()
        };
        self.names.keep(source, source_name);
        self.judge_operation(&mut row, columns, n, source_name);
        row.step = row.judged();
        self.who(&mut row, columns, n, source_name);
        self.place(&mut row, columns, n);
        row.agent = self.agent(columns, n);
        Some(row)
    }

    fn id(&self, column: Option<&StringViewArray>, n: usize) -> Id {
        text(column, n).map_or(0, |text| self.ids.of(text))
    }

    fn named(&mut self, column: Option<&StringViewArray>, n: usize) -> Id {
        text(column, n).map_or(0, |text| {
            let id = self.ids.of(text);
            self.names.keep(id, text);
            id
        })
    }

    fn policy(&mut self, columns: &Columns<'_>, n: usize) -> Id {
        let id = text(columns.policy_id, n).or_else(|| text(columns.policy_name, n));
        let Some(id) = id else { return 0 };
        let number = self.ids.of(id);
        self.names.keep(number, text(columns.policy_name, n).unwrap_or(id));
        number
    }

    fn judge_operation(&mut self, row: &mut Row, columns: &Columns<'_>, n: usize, source: &str) {
        let operation = text(columns.operation, n).unwrap_or_default();
        if !operation.is_empty() {
            row.operation = self.named(columns.operation, n);
        }
        row.critical = meaning::is_critical(row, source, operation, text(columns.environment, n));
        row.codes = meaning::codes(row, operation);
        let mode = text(columns.policy_mode, n).map(PolicyMode::from_word);
        row.weakens = meaning::weakens(row, operation, mode);
        row.closes = meaning::closes(row, operation);
    }

    fn who(&mut self, row: &mut Row, columns: &Columns<'_>, n: usize, source: &str) {
        let kind = text(columns.user_type, n).unwrap_or_default();
        row.automatic = meaning::is_automatic(row, kind, flag(columns.interactive, n));
        let login = text(columns.user_name, n);
        let Some(login) = login.or_else(|| text(columns.user_id, n)) else { return };
        let of_login = self.ids.of(login);
        row.account = mix(row.source, of_login);
        self.names.keep_with(row.account, || format!("{source}:{login}"));
        row.person = row.account;
        if let Some(owner) = self.accounts.owner(row.source, of_login, row.time) {
            row.person = owner.person;
            row.is_known = true;
            row.team = owner.team;
            row.kind = owner.kind;
            row.privileged = owner.privileged;
            if row.step == Step::In {
                row.offset = meaning::offset_minutes(owner.zone, row.time);
            }
        }
        if row.kind == Kind::Unknown && row.automatic {
            row.kind = Kind::Service;
        }
    }

    fn place(&mut self, row: &mut Row, columns: &Columns<'_>, n: usize) {
        if let Some(ip) = text(columns.ip, n) {
            row.ip = self.ids.of(ip);
            self.names.keep(row.ip, ip);
            let names = &mut self.names;
            let mut name = |id: Id, text: &str| names.keep(id, text);
            let said = self.places.of(row.ip, ip, &self.ids, &mut name);
            row.subnet = said.subnet;
            row.network = said.asn;
            row.country = said.country;
            row.place = said.place;
            row.is_exit = said.is_exit;
        }
        // Never mixed within a place, nor within a network: see `event_places`.
        let told = (number(columns.lat_e6, n), number(columns.lon_e6, n));
        let country = text(columns.country, n);
        if country.is_some() || told.0.is_some() || told.1.is_some() {
            row.country = self.named(columns.country, n);
            row.place = told.0.zip(told.1);
        }
        if let Some(asn) = number(columns.asn, n) {
            row.network = asn_id(asn.into());
            if let Some(name) = text(columns.as_org, n) {
                self.names.keep(row.network, name);
            }
        }
        if row.network == 0 {
            row.network = row.subnet;
        }
        row.is_proxy = flag(columns.is_proxy, n) == Some(true);
    }

    /// Browser and system as the source names them; else the agent's text without digits:
    /// a browser that updates itself is the same one.
    fn agent(&mut self, columns: &Columns<'_>, n: usize) -> Id {
        if let (Some(browser), Some(os)) = (text(columns.browser, n), text(columns.os, n)) {
            return mix(self.stem(browser), self.stem(os));
        }
        text(columns.user_agent, n).map_or(0, |agent| self.stem(agent))
    }

    fn stem(&mut self, text: &str) -> Id {
        let whole = self.ids.of(text);
        if let Some(stem) = self.agents.get(&whole) {
            return *stem;
        }
        let letters: String = text.chars().filter(|c| c.is_alphabetic()).collect();
        let stem = self.ids.of(&letters);
        if self.agents.len() >= MOST_AGENTS {
            self.agents.clear();
        }
        self.agents.insert(whole, stem);
        stem
    }
}

/// The columns of a batch.
struct Columns<'b> {
    shard: &'b Int32Array,
    seq: &'b Int64Array,
    part: &'b Int32Array,
    revises: Option<(&'b Int32Array, &'b Int64Array, &'b Int32Array)>,
    time: &'b TimestampMicrosecondArray,
    source: Text<'b>,
    activity: Text<'b>,
    outcome: Text<'b>,
    reason: Text<'b>,
    operation: Text<'b>,
    interactive: Option<&'b BooleanArray>,
    user_id: Text<'b>,
    user_name: Text<'b>,
    user_type: Text<'b>,
    actor: Text<'b>,
    platform: Text<'b>,
    service: Text<'b>,
    environment: Text<'b>,
    credential: Text<'b>,
    mfa: Text<'b>,
    factor: Text<'b>,
    factor_id: Text<'b>,
    flow_id: Text<'b>,
    session_id: Text<'b>,
    policy_id: Text<'b>,
    policy_name: Text<'b>,
    policy_mode: Text<'b>,
    ip: Text<'b>,
    country: Text<'b>,
    lat_e6: Option<&'b Int32Array>,
    lon_e6: Option<&'b Int32Array>,
    asn: Option<&'b Int32Array>,
    as_org: Text<'b>,
    is_proxy: Option<&'b BooleanArray>,
    user_agent: Text<'b>,
    browser: Text<'b>,
    os: Text<'b>,
    device_id: Text<'b>,
}

type Text<'b> = Option<&'b StringViewArray>;

impl<'b> Columns<'b> {
    fn of(batch: &'b RecordBatch) -> Option<Self> {
        let texts = |name: &str| batch.column_by_name(name)?.as_string_view_opt();
        let flags = |name: &str| batch.column_by_name(name)?.as_boolean_opt();
        let small = |name: &str| batch.column_by_name(name)?.as_primitive_opt::<Int32Type>();
        let large = |name: &str| batch.column_by_name(name)?.as_primitive_opt::<Int64Type>();
        let revises = small("revises_shard").zip(large("revises_seq")).zip(small("revises_part"));
        Some(Self {
            shard: small("shard")?,
            seq: large("seq")?,
            part: small("part")?,
            revises: revises.map(|((shard, seq), part)| (shard, seq, part)),
            time: batch.column_by_name("time")?.as_primitive_opt::<TimestampMicrosecondType>()?,
            source: texts("source"),
            activity: texts("activity"),
            outcome: texts("outcome"),
            reason: texts("reason"),
            operation: texts("operation"),
            interactive: flags("interactive"),
            user_id: texts("user_id"),
            user_name: texts("user_name"),
            user_type: texts("user_type"),
            actor: texts("actor"),
            platform: texts("platform"),
            service: texts("service"),
            environment: texts("environment"),
            credential: texts("credential"),
            mfa: texts("mfa"),
            factor: texts("factor"),
            factor_id: texts("factor_id"),
            flow_id: texts("flow_id"),
            session_id: texts("session_id"),
            policy_id: texts("policy_id"),
            policy_name: texts("policy_name"),
            policy_mode: texts("policy_mode"),
            ip: texts("ip"),
            country: texts("country"),
            lat_e6: small("lat_e6"),
            lon_e6: small("lon_e6"),
            asn: small("asn"),
            as_org: texts("as_org"),
            is_proxy: flags("is_proxy"),
            user_agent: texts("user_agent"),
            browser: texts("browser"),
            os: texts("os"),
            device_id: texts("device_id"),
        })
    }

    fn at(&self, n: usize) -> At {
        At(self.shard.value(n), self.seq.value(n), self.part.value(n))
    }

    fn revises(&self, n: usize) -> Option<At> {
        let (shard, seq, part) = self.revises?;
        let is_said = shard.is_valid(n) && seq.is_valid(n) && part.is_valid(n);
        is_said.then(|| At(shard.value(n), seq.value(n), part.value(n)))
    }
}

fn text<'b>(column: Text<'b>, n: usize) -> Option<&'b str> {
    column.filter(|column| column.is_valid(n)).map(|column| column.value(n))
}

fn flag(column: Option<&BooleanArray>, n: usize) -> Option<bool> {
    column.filter(|column| column.is_valid(n)).map(|column| column.value(n))
}

fn number(column: Option<&Int32Array>, n: usize) -> Option<i32> {
    column.filter(|column| column.is_valid(n)).map(|column| column.value(n))
}
