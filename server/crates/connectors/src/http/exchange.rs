//! One request and its answer on the private thread, without redirects. What comes is handed over piece by piece, no
//! faster than it is taken.

use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{self, HeaderMap};
use tokio::sync::Semaphore;

use super::error::HttpError;
use super::fault::{self, Scene};
use super::reach::Reach;
use super::retry;

/// Most of a refusal's body that is kept, in bytes.
pub(super) const MAX_REFUSAL: u64 = 16 << 10;
/// Pieces of a body that may wait to be taken.
pub(super) const PIECES: usize = 32;

/// What an exchange reports, in this order; any of them can be the last when its receiver is gone.
pub(super) enum Event {
    /// The origin is free: the deadline runs from here.
    Turn,
    Head(Box<Head>),
    Piece(Vec<u8>),
    /// Everything came.
    Done,
    Failed(HttpError),
}

/// Status and headers.
#[derive(Debug, Clone)]
pub(super) struct Head {
    pub(super) status: u16,
    pub(super) date: Option<Timestamp>,
    pub(super) etag: Option<String>,
    pub(super) last_modified: Option<String>,
    pub(super) content_type: Option<String>,
    pub(super) location: Option<String>,
    pub(super) retry_after: Option<Duration>,
}

impl Head {
    fn of(status: u16, headers: &HeaderMap) -> Self {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let date = text(header::DATE).and_then(|value| retry::http_date(&value));
        let media_type = |value: String| value.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
        Self {
            status,
            date,
            etag: text(header::ETAG),
            last_modified: text(header::LAST_MODIFIED),
            content_type: text(header::CONTENT_TYPE).map(media_type),
            // A location can be written in UTF-8, although it should not.
            location: headers.get(header::LOCATION).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()),
            retry_after: text(header::RETRY_AFTER).and_then(|value| retry::retry_after(&value, date)),
        }
    }

    /// Whether the answer says to look elsewhere.
    pub(super) fn is_redirect(&self) -> bool {
        matches!(self.status, 301 | 302 | 303 | 307 | 308) && self.location.is_some()
    }

    pub(super) fn is_success(&self) -> bool {
        matches!(self.status, 200..=299 | 304)
    }
}

/// One exchange.
pub(super) struct Exchange {
    pub(super) reach: Arc<Reach>,
    pub(super) request: reqwest::Request,
    pub(super) at: String,
    pub(super) host: String,
    pub(super) max_bytes: u64,
    /// What is left of the request's time.
    pub(super) left: Duration,
    /// The whole of it, for messages.
    pub(super) deadline: Duration,
    pub(super) events: Sender<Event>,
    /// A permit for each piece that may be handed over.
    pub(super) room: Arc<Semaphore>,
}

impl Exchange {
    /// Ends by [`Event::Done`] or [`Event::Failed`].
    pub(super) async fn run(self) {
        let Self { reach, request, at, host, max_bytes, left, deadline, events, room } = self;
        // Closed never: the semaphore lives as long as the origin's way.
        let Ok(_turn) = reach.turn.clone().acquire_owned().await else { return };
        if events.send(Event::Turn).is_err() {
            return;
        }
        let scene = Scene { at: &at, host: &host, proxy: reach.proxy.as_deref(), deadline };
        let talk = talk(&reach, request, &scene, max_bytes, &events, &room);
        let last = match tokio::time::timeout(left, talk).await {
            Ok(Ok(())) => Event::Done,
            Ok(Err(error)) => Event::Failed(error),
            Err(_) => Event::Failed(HttpError::TimedOut { at: at.clone(), after: deadline }),
        };
        // Nobody listens any more only when the caller gave up.
        let _ = events.send(last);
    }
}

async fn talk(
    reach: &Reach,
    request: reqwest::Request,
    scene: &Scene<'_>,
    max_bytes: u64,
    events: &Sender<Event>,
    room: &Semaphore,
) -> Result<(), HttpError> {
    let failed = |error: &reqwest::Error| fault::of(error, scene);
    let mut answer = reach.client.execute(request).await.map_err(|error| failed(&error))?;
    let head = Head::of(answer.status().as_u16(), answer.headers());
    let (is_success, has_no_body) = (head.is_success(), head.status == 304 || head.is_redirect());
    let too_large = || HttpError::TooLarge { at: scene.at.to_owned(), limit: max_bytes };
    if is_success && answer.content_length().is_some_and(|length| length > max_bytes) {
        return Err(too_large());
    }
    if events.send(Event::Head(Box::new(head))).is_err() || has_no_body {
        return Ok(());
    }
    let most = if is_success { max_bytes } else { MAX_REFUSAL };
    let mut taken = 0_u64;
    loop {
        let piece = match answer.chunk().await {
            Ok(Some(piece)) => piece,
            Ok(None) => return Ok(()),
            // The status says enough without the rest of its text.
            Err(_) if !is_success => return Ok(()),
            Err(error) => return Err(failed(&error)),
        };
        let mut piece = piece.to_vec();
        let room_left = most - taken;
        taken += piece.len() as u64;
        if taken > most && is_success {
            return Err(too_large());
        }
        piece.truncate(usize::try_from(room_left).unwrap_or(usize::MAX));
        // Room is given back by whoever takes the piece.
        let Ok(permit) = room.acquire().await else { return Ok(()) };
        permit.forget();
        if events.send(Event::Piece(piece)).is_err() || taken >= most && !is_success {
            return Ok(());
        }
    }
}
