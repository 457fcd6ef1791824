//! Walks over a list that a model changes between any two pages.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// A list as the server keeps it.
#[derive(Debug, Clone, Default)]
struct Model {
    /// Number to the time of its last change, in seconds.
    rows: BTreeMap<i64, i64>,
    next: i64,
    now: i64,
}

/// What somebody does between two pages.
#[derive(Debug, Clone)]
enum Event {
    Create,
    /// The row of that rank.
    Delete(usize),
    Change(usize),
    /// The connection breaks instead of a page.
    Cut,
    Nothing,
}

impl Model {
    fn apply(&mut self, event: &Event) {
        self.now += 1;
        let which = |rank: usize, rows: &BTreeMap<i64, i64>| rows.keys().nth(rank % rows.len().max(1)).copied();
        match event {
            Event::Create => {
                self.next += 1;
                self.rows.insert(self.next, self.now);
            }
            Event::Delete(rank) => {
                if let Some(number) = which(*rank, &self.rows) {
                    self.rows.remove(&number);
                }
            }
            Event::Change(rank) => {
                if let Some(number) = which(*rank, &self.rows) {
                    self.rows.insert(number, self.now);
                }
            }
            Event::Cut | Event::Nothing => {}
        }
    }

    fn row(number: i64, changed: i64) -> Row {
        let at = Timestamp::from_second(changed).unwrap().to_string();
        Row { id: Some(number), last_status_update: Some(at), ..Row::default() }
    }

    fn part(&self, order: Order, offset: u64, limit: u64) -> Part {
        let mut rows: Vec<(i64, i64)> = self.rows.iter().map(|(number, changed)| (*number, *changed)).collect();
        if order != Order::Number {
            rows.sort_by_key(|(number, changed)| (-changed, *number));
        }
        let count = rows.len() as u64;
        let cut = rows.into_iter().skip(offset.try_into().unwrap()).take(limit.try_into().unwrap());
        let date = Timestamp::from_second(self.now).ok();
        Part { count, rows: cut.map(|(number, changed)| Self::row(number, changed)).collect(), date }
    }
}

struct Changing<'a> {
    model: &'a mut Model,
    events: &'a mut dyn Iterator<Item = Event>,
}

impl Pages for Changing<'_> {
    type Error = &'static str;

    fn page(&mut self, order: Order, offset: u64, limit: u64) -> Result<Part, &'static str> {
        let event = self.events.next().unwrap_or(Event::Nothing);
        self.model.apply(&event);
        if matches!(event, Event::Cut) { Err("cut") } else { Ok(self.model.part(order, offset, limit)) }
    }
}

/// What a store has: numbers with the time of change that was seen.
#[derive(Default)]
struct Copy {
    rows: BTreeMap<i64, i64>,
    since: Option<i64>,
}

impl Visitor<&'static str> for Copy {
    fn row(&mut self, row: Row, _: u64) -> Result<Next, &'static str> {
        let changed = Order::Changed.time(&row).unwrap().as_second();
        if self.since.is_some_and(|since| changed < since) {
            return Ok(Next::Stop);
        }
        self.rows.insert(row.id.unwrap(), changed);
        Ok(Next::On)
    }

    fn restart(&mut self) {
        self.rows.clear();
    }
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        3 => Just(Event::Create),
        3 => (0usize..40).prop_map(Event::Delete),
        3 => (0usize..40).prop_map(Event::Change),
        1 => Just(Event::Cut),
        6 => Just(Event::Nothing),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_walk_by_number_that_completes_has_every_row_that_was_there_all_the_while(
        start in 0i64..40, size in 2u64..9, events in prop::collection::vec(event(), 0..40),
    ) {
        let mut model = Model::default();
        for _ in 0..start {
            model.apply(&Event::Create);
        }
        let before = model.rows.clone();
        let mut events = events.into_iter();
        let mut pages = Changing { model: &mut model, events: &mut events };
        let mut copy = Copy::default();
        if walk(&mut pages, Order::Number, 0, (size, size), &mut copy).is_ok() {
            let stayed = before.keys().filter(|number| model.rows.contains_key(number));
            for number in stayed {
                prop_assert!(copy.rows.contains_key(number), "row {} was lost", number);
            }
        }
    }

    #[test]
    fn walks_over_changes_lose_nothing_that_the_times_show_and_a_whole_one_settles_everything(
        start in 0i64..40, size in 2u64..9, rounds in prop::collection::vec(prop::collection::vec(event(), 0..12), 1..6),
    ) {
        let mut model = Model { now: 1_000, ..Model::default() };
        for _ in 0..start {
            model.apply(&Event::Create);
        }
        let (mut known, mut watermark): (BTreeMap<i64, i64>, i64) = (BTreeMap::new(), 0);
        for events in rounds {
            let mut events = events.into_iter();
            let mut pages = Changing { model: &mut model, events: &mut events };
            let mut copy = Copy { since: Some(watermark), ..Copy::default() };
            // A walk that is cut stores nothing and moves nothing.
            if let Ok(walked) = walk(&mut pages, Order::Changed, 0, (3, size), &mut copy) {
                known.extend(copy.rows);
                watermark = walked.began.unwrap().as_second();
            }
            for event in events {
                model.apply(&event);
            }
        }
        let mut quiet = std::iter::empty();
        let mut pages = Changing { model: &mut model, events: &mut quiet };
        let mut copy = Copy { since: Some(watermark), ..Copy::default() };
        walk(&mut pages, Order::Changed, 0, (3, size), &mut copy).unwrap();
        known.extend(copy.rows);
        for (number, changed) in &model.rows {
            prop_assert_eq!(known.get(number), Some(changed), "row {} is not as it is there", number);
        }
        let mut quiet = std::iter::empty();
        let mut pages = Changing { model: &mut model, events: &mut quiet };
        let mut whole = Copy::default();
        let walked = walk(&mut pages, Order::Number, 0, (size, size), &mut whole).unwrap();
        prop_assert_eq!(walked.seen, walked.count);
        prop_assert_eq!(whole.rows, model.rows);
    }
}

/// Pages as a list says, one after the other.
struct Scripted(Vec<Part>);

impl Pages for Scripted {
    type Error = &'static str;

    fn page(&mut self, _: Order, _: u64, _: u64) -> Result<Part, &'static str> {
        if self.0.is_empty() { Err("no page left") } else { Ok(self.0.remove(0)) }
    }
}

fn part(count: u64, numbers: &[i64]) -> Part {
    Part { count, rows: numbers.iter().map(|number| Model::row(*number, 5)).collect(), date: None }
}

#[test]
fn a_server_that_contradicts_itself_is_not_believed() {
    /// Pages by their count and numbers.
    type Script<'a> = &'a [(u64, &'a [i64])];
    let cases: [(Script<'_>, &str); 5] = [
        (&[(3, &[2, 1, 3])], "does not keep to the order"),
        (&[(9, &[])], "sends fewer rows than it says"),
        (&[(9, &[1])], "sends fewer rows than it says"),
        (&[(9, &[1, 2]), (9, &[1, 2]), (9, &[1, 2]), (9, &[1, 2]), (9, &[1, 2])], "sends the same rows"),
        (
            &[
                (9, &[1, 2]),
                (9, &[3, 4]),
                (9, &[1, 2]),
                (9, &[3, 4]),
                (9, &[1, 2]),
                (9, &[3, 4]),
                (9, &[1, 2]),
                (9, &[3, 4]),
                (9, &[1, 2]),
                (9, &[3, 4]),
                (9, &[1, 2]),
                (9, &[3, 4]),
            ],
            "changes faster than",
        ),
    ];
    for (script, expected) in cases {
        let mut pages = Scripted(script.iter().map(|(count, numbers)| part(*count, numbers)).collect());
        match walk(&mut pages, Order::Number, 0, (2, 2), &mut Copy::default()) {
            Err(Broken::Unsound(why)) => assert!(why.starts_with(expected), "{why}"),
            other => panic!("{expected}: {other:?}"),
        }
    }
}

#[test]
fn an_overlap_that_is_missing_begins_the_walk_again() {
    let mut pages = Scripted(vec![part(4, &[1, 2]), part(3, &[3, 4]), part(3, &[2, 3]), part(3, &[3, 4])]);
    let mut copy = Copy::default();
    let walked = walk(&mut pages, Order::Number, 0, (2, 2), &mut copy).unwrap();
    assert_eq!((walked.seen, walked.count), (3, 3));
    assert_eq!(copy.rows.into_keys().collect::<Vec<_>>(), [2, 3, 4], "the deleted row is not kept");
}

#[test]
fn rows_without_a_number_are_counted_and_not_used() {
    let mut broken = part(3, &[1, 2]);
    broken.rows.insert(0, Row::default());
    let mut copy = Copy::default();
    let walked = walk(&mut Scripted(vec![broken]), Order::Number, 0, (5, 5), &mut copy).unwrap();
    assert_eq!((walked.unusable, walked.seen, copy.rows.len()), (1, 2, 2));
}
