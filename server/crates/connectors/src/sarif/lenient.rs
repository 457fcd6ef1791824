//! Reads the shapes a schema promises from values that may break the promise: a value of another type counts as
//! absent, so that one wrong field never costs the whole result.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Items of a list that are kept; whoever uses a list takes far fewer and says so.
const LONGEST_LIST: usize = 20_000;

/// What to make of each JSON type; by default nothing.
trait Pick<'de>: Sized {
    type Out: Default;
    fn string(self, _: &str) -> Self::Out {
        Self::Out::default()
    }
    fn number(self, _: f64) -> Self::Out {
        Self::Out::default()
    }
    fn truth(self, _: bool) -> Self::Out {
        Self::Out::default()
    }
    fn list<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Out, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self::Out::default())
    }
    fn object<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Out, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::Out::default())
    }
}

struct Any<P>(P);

impl<'de, P: Pick<'de>> Visitor<'de> for Any<P> {
    type Value = P::Out;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }
    fn visit_bool<E>(self, value: bool) -> Result<P::Out, E> {
        Ok(self.0.truth(value))
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "line numbers and scores are far below 2^53; more is nonsense anyway"
    )]
    fn visit_i64<E>(self, value: i64) -> Result<P::Out, E> {
        Ok(self.0.number(value as f64))
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "line numbers and scores are far below 2^53; more is nonsense anyway"
    )]
    fn visit_u64<E>(self, value: u64) -> Result<P::Out, E> {
        Ok(self.0.number(value as f64))
    }
    fn visit_f64<E>(self, value: f64) -> Result<P::Out, E> {
        Ok(self.0.number(value))
    }
    fn visit_str<E>(self, value: &str) -> Result<P::Out, E> {
        Ok(self.0.string(value))
    }
    fn visit_unit<E>(self) -> Result<P::Out, E> {
        Ok(P::Out::default())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<P::Out, A::Error> {
        self.0.list(items)
    }
    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<P::Out, A::Error> {
        self.0.object(members)
    }
}

impl<'de, P: Pick<'de>> DeserializeSeed<'de> for Any<P> {
    type Value = P::Out;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<P::Out, D::Error> {
        from.deserialize_any(self)
    }
}

struct Text;
impl Pick<'_> for Text {
    type Out = Option<String>;
    fn string(self, value: &str) -> Self::Out {
        Some(value.to_owned())
    }
    fn number(self, value: f64) -> Self::Out {
        Some(value.to_string())
    }
}

struct Whole;
impl Pick<'_> for Whole {
    type Out = Option<i64>;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "what is too large stays as large as can be, and is told so later"
    )]
    fn number(self, value: f64) -> Self::Out {
        Some(value as i64)
    }
    fn string(self, value: &str) -> Self::Out {
        value.parse().ok()
    }
}

struct Real;
impl Pick<'_> for Real {
    type Out = Option<f64>;
    fn number(self, value: f64) -> Self::Out {
        Some(value)
    }
    fn string(self, value: &str) -> Self::Out {
        value.trim().parse().ok().filter(|number: &f64| number.is_finite())
    }
}

struct Truth;
impl Pick<'_> for Truth {
    type Out = Option<bool>;
    fn truth(self, value: bool) -> Self::Out {
        Some(value)
    }
}

/// A list of texts, or one text.
struct Texts;
impl<'de> Pick<'de> for Texts {
    type Out = Vec<String>;
    fn string(self, value: &str) -> Self::Out {
        vec![value.to_owned()]
    }
    fn number(self, value: f64) -> Self::Out {
        vec![value.to_string()]
    }
    fn list<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Out, A::Error> {
        let mut out = Vec::new();
        while let Some(item) = items.next_element_seed(Any(Text))? {
            out.extend(item);
        }
        Ok(out)
    }
}

/// A text by name; members that are no text are left out.
struct TextMap;
impl<'de> Pick<'de> for TextMap {
    type Out = BTreeMap<String, String>;
    fn object<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Out, A::Error> {
        let mut out = BTreeMap::new();
        while let Some(name) = members.next_key::<String>()? {
            if let Some(value) = members.next_value_seed(Any(Text))? {
                out.insert(name, value);
            }
        }
        Ok(out)
    }
}

struct Object<T>(PhantomData<T>);
impl<'de, T: Deserialize<'de> + Default> Pick<'de> for Object<T> {
    type Out = Option<Box<T>>;
    fn object<A: MapAccess<'de>>(self, members: A) -> Result<Self::Out, A::Error> {
        T::deserialize(MapAccessDeserializer::new(members)).map(|value| Some(Box::new(value)))
    }
}

/// A list of objects; an item that is none becomes an empty one, so that indexes into the list stay right.
struct List<T>(PhantomData<T>);
impl<'de, T: Deserialize<'de> + Default> Pick<'de> for List<T> {
    type Out = Vec<T>;
    fn list<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Out, A::Error> {
        let mut out = Vec::new();
        while let Some(item) = items.next_element_seed(Any(Object::<T>(PhantomData)))? {
            if out.len() < LONGEST_LIST {
                out.push(item.map_or_else(T::default, |item| *item));
            }
        }
        Ok(out)
    }
}

struct Map<T>(PhantomData<T>);
impl<'de, T: Deserialize<'de> + Default> Pick<'de> for Map<T> {
    type Out = BTreeMap<String, T>;
    fn object<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Out, A::Error> {
        let mut out = BTreeMap::new();
        while let Some(name) = members.next_key::<String>()? {
            if let Some(value) = members.next_value_seed(Any(Object::<T>(PhantomData)))? {
                out.insert(name, *value);
            }
        }
        Ok(out)
    }
}

macro_rules! readers {
    ($($(#[$doc:meta])* $name:ident $(<$item:ident>)? -> $out:ty = $pick:expr;)*) => {$(
        $(#[$doc])*
        pub(crate) fn $name<'de, $($item: Deserialize<'de> + Default,)? D: Deserializer<'de>>(from: D) -> Result<$out, D::Error> {
            from.deserialize_any(Any($pick))
        }
    )*};
}

readers! {
    /// A string, or a number as its digits.
    text -> Option<String> = Text;
    /// A whole number, also one written `3.0` or `"3"`.
    whole -> Option<i64> = Whole;
    /// A number, also one in quotes.
    real -> Option<f64> = Real;
    /// A boolean.
    truth -> Option<bool> = Truth;
    /// Strings, or one string.
    texts -> Vec<String> = Texts;
    /// Strings by name.
    text_map -> BTreeMap<String, String> = TextMap;
    /// An object; boxed, so that a list of empty ones stays small.
    object<T> -> Option<Box<T>> = Object::<T>(PhantomData);
    /// A list of objects.
    list<T> -> Vec<T> = List::<T>(PhantomData);
    /// Objects by name.
    map<T> -> BTreeMap<String, T> = Map::<T>(PhantomData);
}

/// Reads one captured JSON value as `T`; anything but an object is an error.
pub(super) fn from_bytes<T: for<'de> Deserialize<'de> + Default>(raw: &[u8]) -> Result<T, String> {
    let read = |text: &str| -> Result<Option<Box<T>>, serde_json::Error> {
        let mut json = serde_json::Deserializer::from_str(text);
        let value = object(&mut json)?;
        json.end()?;
        Ok(value)
    };
    // Logs in a legacy code page happen; the damage is confined to the characters concerned.
    match read(&String::from_utf8_lossy(raw)) {
        Ok(Some(value)) => Ok(*value),
        Ok(None) => Err("is not a JSON object".to_owned()),
        Err(error) => Err(format!("is not valid ({error})")),
    }
}
