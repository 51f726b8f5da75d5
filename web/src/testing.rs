//! Answers for tests.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use arrow::array::RecordBatch;
use chrono::NaiveDate;
use futures::future::BoxFuture;
use rollcall_query::{Band, Completeness, Dimension, Filter, MetricResult, Pin, Point, Unit};

use crate::ask::{Answers, Definition, Failure, FailureKind, Library, Value};

/// A result with these points.
pub(crate) fn result(name: &'static str, unit: Unit, points: Vec<Point>) -> MetricResult {
    MetricResult {
        name,
        version: 1,
        question: "How is it?",
        unit,
        band: Band::None,
        from: NaiveDate::from_ymd_opt(2026, 3, 2).unwrap(),
        to: NaiveDate::from_ymd_opt(2026, 3, 30).unwrap(),
        time_zone: "UTC".to_owned(),
        points,
        population: "attempts of people",
        excludes: "service accounts",
        explained: Vec::new(),
        pin: Pin::default(),
        completeness: Completeness::default(),
        sql: "select 1 < 2".to_owned(),
    }
}

/// A point over the whole period.
pub(crate) fn point(figure: &str, k: i64, n: i64) -> Point {
    Point {
        figure: figure.to_owned(),
        k,
        n,
        value: (n > 0).then(|| k as f64 / n as f64),
        ..Point::default()
    }
}

type Reply = Arc<dyn Fn(&Filter) -> Result<MetricResult, Failure> + Send + Sync>;

/// A library that answers what a test has put in.
#[derive(Clone, Default)]
pub(crate) struct Shelf {
    metrics: Arc<Mutex<HashMap<&'static str, Reply>>>,
    pages: Arc<Mutex<HashMap<&'static str, RecordBatch>>>,
}

impl Shelf {
    pub(crate) fn metric(
        &self,
        name: &'static str,
        reply: impl Fn(&Filter) -> Result<MetricResult, Failure> + Send + Sync + 'static,
    ) {
        self.metrics.lock().unwrap().insert(name, Arc::new(reply));
    }

    pub(crate) fn page(&self, name: &'static str, batch: RecordBatch) {
        self.pages.lock().unwrap().insert(name, batch);
    }
}

fn absent(name: &str) -> Failure {
    Failure { kind: FailureKind::Failed, message: format!("the shelf has no {name}") }
}

impl Library for Shelf {
    fn open(&self) -> Arc<dyn Answers> {
        Arc::new(self.clone())
    }

    fn definitions(&self) -> Vec<Definition> {
        let definition = |name: &&'static str| Definition {
            name,
            version: 1,
            question: "How is it?",
            unit: Unit::Share,
            band: Band::None,
            population: "attempts of people",
            excludes: "service accounts",
            columns: "k, n",
            dimensions: Dimension::ALL.to_vec(),
            sql: "select count(*) from attempts",
        };
        self.metrics.lock().unwrap().keys().map(definition).collect()
    }

    fn page_sql(&self, _name: &str) -> Option<&'static str> {
        Some("select 1")
    }
}

impl Answers for Shelf {
    fn metric<'a>(
        &'a self,
        name: &'a str,
        filter: &'a Filter,
    ) -> BoxFuture<'a, Result<MetricResult, Failure>> {
        let reply = self.metrics.lock().unwrap().get(name).cloned();
        Box::pin(async move { reply.ok_or_else(|| absent(name))?(filter) })
    }

    fn page<'a>(
        &'a self,
        name: &'a str,
        _parameters: &'a [(&'static str, Value)],
    ) -> BoxFuture<'a, Result<Vec<RecordBatch>, Failure>> {
        let page = self.pages.lock().unwrap().get(name).cloned();
        Box::pin(async move { page.map(|batch| vec![batch]).ok_or_else(|| absent(name)) })
    }
}
