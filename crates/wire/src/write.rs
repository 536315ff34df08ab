//! Walks a value and tells a sink what stands in it. It knows what our types consist of, and no format.

use serde::{
    Serialize, Serializer,
    ser::{Impossible, SerializeSeq, SerializeStruct},
};

use crate::{error::WriteError, timestamp};

/// Where a value stands: the tag it goes by, and whether it is an item of a list of equals.
#[derive(Clone, Copy)]
pub(crate) struct Spot {
    pub(crate) name: &'static str,
    pub(crate) listed: bool,
}

/// A format being written.
pub(crate) trait Sink {
    fn begin_record(&mut self, spot: Spot);
    fn end_record(&mut self, spot: Spot);
    fn begin_list(&mut self, spot: Spot);
    fn end_list(&mut self, spot: Spot);
    fn text(&mut self, spot: Spot, text: &str);
    fn boolean(&mut self, spot: Spot, value: bool);
    fn integer(&mut self, spot: Spot, value: i64);
    /// `value` is finite.
    fn decimal(&mut self, spot: Spot, value: f64);
    fn timestamp(&mut self, spot: Spot, value: timestamp::Timestamp);
    /// How many bytes wait to be taken.
    fn waiting(&self) -> usize;
    /// Takes what stands there; what follows goes on behind it.
    fn take(&mut self) -> Vec<u8>;
}

/// Writes `value` as the document named `root`.
pub(crate) fn write<S: Sink>(sink: &mut S, root: &'static str, value: &impl Serialize) -> Result<(), WriteError> {
    value.serialize(Writer { sink, spot: Spot { name: root, listed: false }, is_timestamp: false })
}

/// Writes `value` as an item of a list that was begun.
pub(crate) fn write_item<S: Sink>(sink: &mut S, tag: &'static str, value: &impl Serialize) -> Result<(), WriteError> {
    value.serialize(Writer { sink, spot: Spot { name: tag, listed: true }, is_timestamp: false })
}

struct Writer<'s, S> {
    sink: &'s mut S,
    spot: Spot,
    is_timestamp: bool,
}

struct Fields<'s, S> {
    sink: &'s mut S,
    spot: Spot,
}

/// A list opens with its first item, so that an empty one leaves no trace.
struct Items<'s, S> {
    sink: &'s mut S,
    spot: Spot,
    open: bool,
}

fn unsupported<T>(what: &str) -> Result<T, WriteError> {
    Err(WriteError(format!("the API has no form for {what}")))
}

/// Methods that no type of ours calls, or that others stand for.
macro_rules! refuse {
    ($($method:ident($($argument:ident: $kind:ty),*) $what:literal)+) => {$(
        fn $method(self, $(_: $kind),*) -> Result<(), WriteError> {
            unsupported($what)
        }
    )+};
}

impl<'s, S: Sink> Serializer for Writer<'s, S> {
    type Ok = ();
    type Error = WriteError;
    type SerializeSeq = Items<'s, S>;
    type SerializeStruct = Fields<'s, S>;
    type SerializeTuple = Impossible<(), WriteError>;
    type SerializeTupleStruct = Impossible<(), WriteError>;
    type SerializeTupleVariant = Impossible<(), WriteError>;
    type SerializeMap = Impossible<(), WriteError>;
    type SerializeStructVariant = Impossible<(), WriteError>;

    fn serialize_bool(self, value: bool) -> Result<(), WriteError> {
        self.sink.boolean(self.spot, value);
        Ok(())
    }

    fn serialize_i64(self, value: i64) -> Result<(), WriteError> {
        if self.is_timestamp {
            self.sink.timestamp(self.spot, timestamp::Timestamp(value));
        } else {
            self.sink.integer(self.spot, value);
        }
        Ok(())
    }

    fn serialize_f64(self, value: f64) -> Result<(), WriteError> {
        if !value.is_finite() {
            return unsupported("an infinite number");
        }
        self.sink.decimal(self.spot, value);
        Ok(())
    }

    fn serialize_str(self, text: &str) -> Result<(), WriteError> {
        self.sink.text(self.spot, text);
        Ok(())
    }

    /// What is not set is not written, in either format.
    fn serialize_none(self) -> Result<(), WriteError> {
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), WriteError> {
        value.serialize(self)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, word: &'static str) -> Result<(), WriteError> {
        self.serialize_str(word)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, name: &'static str, value: &T) -> Result<(), WriteError> {
        value.serialize(Writer { is_timestamp: name == timestamp::NAME, ..self })
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Fields<'s, S>, WriteError> {
        self.sink.begin_record(self.spot);
        Ok(Fields { sink: self.sink, spot: self.spot })
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Items<'s, S>, WriteError> {
        Ok(Items { sink: self.sink, spot: self.spot, open: false })
    }

    refuse! {
        serialize_i8(value: i8) "short integers"
        serialize_i16(value: i16) "short integers"
        serialize_i32(value: i32) "short integers"
        serialize_u8(value: u8) "short integers"
        serialize_u16(value: u16) "short integers"
        serialize_u32(value: u32) "short integers"
        serialize_u64(value: u64) "unsigned integers"
        serialize_f32(value: f32) "short decimals"
        serialize_char(value: char) "single characters"
        serialize_bytes(value: &[u8]) "bytes"
        serialize_unit() "nothing"
        serialize_unit_struct(name: &'static str) "nothing"
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), WriteError> {
        unsupported("variants with content")
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, WriteError> {
        unsupported("tuples")
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeTupleStruct, WriteError> {
        unsupported("tuples")
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, WriteError> {
        unsupported("tuples")
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, WriteError> {
        unsupported("maps")
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, WriteError> {
        unsupported("variants with content")
    }
}

impl<S: Sink> SerializeStruct for Fields<'_, S> {
    type Ok = ();
    type Error = WriteError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), WriteError> {
        value.serialize(Writer { sink: &mut *self.sink, spot: Spot { name, listed: false }, is_timestamp: false })
    }

    fn end(self) -> Result<(), WriteError> {
        self.sink.end_record(self.spot);
        Ok(())
    }
}

impl<S: Sink> SerializeSeq for Items<'_, S> {
    type Ok = ();
    type Error = WriteError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), WriteError> {
        if !self.open {
            self.sink.begin_list(self.spot);
            self.open = true;
        }
        let spot = Spot { listed: true, ..self.spot };
        value.serialize(Writer { sink: &mut *self.sink, spot, is_timestamp: false })
    }

    fn end(self) -> Result<(), WriteError> {
        if self.open {
            self.sink.end_list(self.spot);
        }
        Ok(())
    }
}
