//! A request's body: arrived in its time, expanded, and accounted for.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::{HttpLimits, Input, Received, Refusal, refuse, too_much};
use crate::input::decode::{Compression, DecodeError, expand};

/// Bytes that are accounted for together.
pub(super) const PAGE: usize = 4096;

/// What a request's body may take.
pub(super) struct Room<'s> {
    /// A permit for each request whose body is held.
    pub(super) slots: &'s Semaphore,
    /// Most bytes as sent.
    pub(super) bytes: usize,
    /// Most bytes once it is expanded.
    pub(super) expanded: u64,
    /// Longest time for it to arrive.
    pub(super) time: Duration,
}

/// What is held of a request, accounted for as long as this lives.
pub(super) struct Held<'s> {
    memory: &'s Semaphore,
    permit: SemaphorePermit<'s>,
}

impl Held<'_> {
    /// Accounts for more bytes; not where there is no room for them.
    pub(super) fn grow(&mut self, bytes: usize) -> Result<(), Refusal> {
        let pages = u32::try_from(bytes.div_ceil(PAGE)).unwrap_or(u32::MAX);
        let more = self.memory.try_acquire_many(pages).map_err(|_| too_much())?;
        self.permit.merge(more);
        Ok(())
    }
}

impl Input {
    /// Takes a body in, if there is room for it.
    pub(super) async fn receive(
        &self,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<Received<'_>, Refusal> {
        let room = self.room(usize::MAX);
        self.receive_within(&room, headers, body).await
    }

    /// Room for a body of at most so many bytes, as sent and expanded.
    pub(super) fn room(&self, most: usize) -> Room<'_> {
        let HttpLimits { body_bytes, expanded_bytes, body_timeout: time, .. } = self.limits;
        let expanded = expanded_bytes.min(most as u64);
        Room { slots: &self.slots, bytes: body_bytes.min(most), expanded, time }
    }

    /// The same, where it may take less.
    pub(super) async fn receive_within<'s>(
        &'s self,
        room: &Room<'s>,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<Received<'s>, Refusal> {
        let compression = compression(headers)?;
        let waiting = self.intake.backlog_bytes();
        let slot = room.slots.try_acquire();
        let Some(slot) = slot.ok().filter(|_| waiting < self.limits.backlog_bytes) else {
            return Err(too_much());
        };
        let permit = self.memory.try_acquire_many(0).map_err(|_| too_much())?;
        let mut held = Held { memory: &self.memory, permit };
        let body = arrived(body, room, &mut held).await?;
        let bytes = self.expanded(body, compression, room.expanded, &mut held).await?;
        Ok(Received { bytes, _slot: slot, held })
    }

    async fn expanded(
        &self,
        body: Bytes,
        compression: Compression,
        cap: u64,
        held: &mut Held<'_>,
    ) -> Result<Bytes, Refusal> {
        if compression == Compression::None {
            return Ok(body);
        }
        let _one = self.expanding.acquire().await.map_err(|_| too_much())?;
        let expanded =
            tokio::task::spawn_blocking(move || expand(&body, compression, cap))
                .await
                .map_err(|error| refuse(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
        match expanded {
            Ok(expanded) => match expanded.damage {
                None => {
                    held.grow(expanded.bytes.len())?;
                    Ok(expanded.bytes.into())
                }
                Some(damage) => {
                    Err(refuse(StatusCode::BAD_REQUEST, format!("nothing was stored: {damage}")))
                }
            },
            Err(error @ DecodeError::TooLarge { .. }) => {
                Err(refuse(StatusCode::PAYLOAD_TOO_LARGE, error.to_string()))
            }
            Err(error) => Err(refuse(StatusCode::BAD_REQUEST, error.to_string())),
        }
    }
}

async fn arrived(body: Body, room: &Room<'_>, held: &mut Held<'_>) -> Result<Bytes, Refusal> {
    let collecting = collect(Limited::new(body, room.bytes), room.bytes, held);
    tokio::time::timeout(room.time, collecting).await.map_err(|_| {
        let seconds = room.time.as_secs();
        refuse(
            StatusCode::REQUEST_TIMEOUT,
            format!("the body didn't arrive within {seconds} seconds"),
        )
    })?
}

/// A body in one piece.
async fn collect(
    mut body: Limited<Body>,
    limit: usize,
    held: &mut Held<'_>,
) -> Result<Bytes, Refusal> {
    let mut first = Bytes::new();
    let mut whole = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| match error.downcast_ref::<LengthLimitError>() {
            Some(_) => refuse(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("the body is larger than {limit} bytes; send it in smaller pieces"),
            ),
            None => refuse(StatusCode::BAD_REQUEST, format!("the body broke off: {error}")),
        })?;
        let Ok(data) = frame.into_data() else { continue };
        held.grow(data.len())?;
        if first.is_empty() && whole.is_empty() {
            first = data;
            continue;
        }
        // A body of one piece is never copied.
        whole.extend_from_slice(&std::mem::take(&mut first));
        whole.extend_from_slice(&data);
    }
    Ok(if whole.is_empty() { first } else { whole.into() })
}

fn compression(headers: &HeaderMap) -> Result<Compression, Refusal> {
    let Some(value) = headers.get(header::CONTENT_ENCODING) else { return Ok(Compression::None) };
    value.to_str().ok().and_then(Compression::from_header).ok_or_else(|| {
        refuse(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Content-Encoding may be gzip, zstd, deflate or identity",
        )
    })
}
