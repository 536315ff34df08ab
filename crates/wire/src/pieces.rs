//! Long lists written piece by piece, so that neither their items nor their text ever stand in memory as a whole. It knows
//! no single type, and not how pieces travel.

use std::marker::PhantomData;

use crate::{
    Element, Format, WriteError,
    json::JsonSink,
    write::{self, Sink, Spot},
    xml::XmlSink,
};

/// A piece is handed out when it has as many bytes.
const PIECE: usize = 64 * 1024;

/// A collection whose items are made one by one while it is written.
pub struct Made<T, F> {
    count: usize,
    make: F,
    item: PhantomData<fn() -> T>,
}

impl<T: Element, F: Fn(usize) -> T> Made<T, F> {
    /// `count` items, each made from its place.
    pub fn new(count: usize, make: F) -> Self {
        Self { count, make, item: PhantomData }
    }

    /// The document in pieces of 64 KiB and the rest of an item; together they are what [`Format::to_vec`] writes of the
    /// same list.
    pub fn pieces(self, format: Format) -> Pieces<T, F> {
        let pen = match format {
            Format::Xml => Pen::Xml(XmlSink::new()),
            Format::Json => Pen::Json(JsonSink::new()),
        };
        Pieces { made: self, pen, place: 0, ended: false }
    }
}

enum Pen {
    Xml(XmlSink),
    Json(JsonSink),
}

/// A list being written. It ends after an error.
pub struct Pieces<T, F> {
    made: Made<T, F>,
    pen: Pen,
    /// Of the next item.
    place: usize,
    ended: bool,
}

impl<T: Element, F: Fn(usize) -> T> Iterator for Pieces<T, F> {
    type Item = Result<Vec<u8>, WriteError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let written = match &mut self.pen {
            Pen::Xml(sink) => go_on(sink, &self.made, &mut self.place),
            Pen::Json(sink) => go_on(sink, &self.made, &mut self.place),
        };
        self.ended = written.is_err() || self.place > self.made.count;
        Some(written)
    }
}

/// Writes from an item's place to the end of a piece. After the last piece the place is behind the end.
fn go_on<T: Element, F: Fn(usize) -> T>(
    sink: &mut impl Sink,
    made: &Made<T, F>,
    place: &mut usize,
) -> Result<Vec<u8>, WriteError> {
    let root = Spot { name: T::PLURAL, listed: false };
    let items = Spot { name: T::TAG, listed: false };
    if *place == 0 {
        sink.begin_record(root);
        if made.count > 0 {
            sink.begin_list(items);
        }
    }
    while *place < made.count && sink.waiting() < PIECE {
        write::write_item(sink, T::TAG, &(made.make)(*place))?;
        *place += 1;
    }
    if *place == made.count {
        if made.count > 0 {
            sink.end_list(items);
        }
        sink.end_record(root);
        *place += 1;
    }
    Ok(sink.take())
}
