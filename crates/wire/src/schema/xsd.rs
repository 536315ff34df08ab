//! The XML schema of the API, as `GET /api?schema` gives it.

use std::fmt::Write;

use super::{Field, Kind, Record, Schema};
use crate::xml::ATTRIBUTES;

/// An XML Schema 1.0 document (W3C) of every type, without a namespace, as documents of the API have none.
pub fn xsd() -> String {
    let schema = Schema::of_api();
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
         <xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" elementFormDefault=\"unqualified\">\n",
    );
    // Writing to a String cannot fail.
    let _ = schema.records().iter().try_for_each(|record| root_elements(&mut out, record));
    let _ = schema.records().iter().try_for_each(|record| complex_type(&mut out, record));
    for set in schema.word_sets() {
        let _ = writeln!(out, "  <xs:simpleType name=\"{}\">\n    <xs:restriction base=\"xs:string\">", set.name);
        for word in set.words {
            let _ = writeln!(out, "      <xs:enumeration value=\"{word}\"/>");
        }
        out.push_str("    </xs:restriction>\n  </xs:simpleType>\n");
    }
    out.push_str("</xs:schema>\n");
    out
}

fn root_elements(out: &mut String, record: &Record) -> std::fmt::Result {
    let Some((tag, plural)) = record.tags else { return Ok(()) };
    writeln!(out, "  <xs:element name=\"{tag}\" type=\"{}\"/>", record.name)?;
    writeln!(out, "  <xs:element name=\"{plural}\">\n    <xs:complexType>\n      <xs:sequence>")?;
    writeln!(out, "        <xs:element ref=\"{tag}\" minOccurs=\"0\" maxOccurs=\"unbounded\"/>")?;
    writeln!(out, "      </xs:sequence>\n    </xs:complexType>\n  </xs:element>")
}

fn complex_type(out: &mut String, record: &Record) -> std::fmt::Result {
    writeln!(out, "  <xs:complexType name=\"{}\">", record.name)?;
    let (attributes, elements): (Vec<_>, Vec<_>) =
        record.fields.iter().partition(|field| ATTRIBUTES.contains(&field.name));
    if !elements.is_empty() {
        out.push_str("    <xs:sequence>\n");
        elements.into_iter().try_for_each(|field| element(out, field))?;
        out.push_str("    </xs:sequence>\n");
    }
    for field in attributes {
        writeln!(out, "    <xs:attribute name=\"{}\" type=\"{}\"/>", field.name, type_name(&field.kind))?;
    }
    out.push_str("  </xs:complexType>\n");
    Ok(())
}

fn element(out: &mut String, field: &Field) -> std::fmt::Result {
    let name = field.name;
    match &field.kind {
        Kind::Collection { tag, of } => {
            writeln!(out, "      <xs:element name=\"{name}\" minOccurs=\"0\">\n        <xs:complexType>")?;
            writeln!(out, "          <xs:sequence>")?;
            writeln!(
                out,
                "            <xs:element name=\"{tag}\" type=\"{of}\" minOccurs=\"0\" maxOccurs=\"unbounded\"/>"
            )?;
            writeln!(out, "          </xs:sequence>\n        </xs:complexType>\n      </xs:element>")
        }
        Kind::Many(kind) => {
            let of = type_name(kind);
            writeln!(out, "      <xs:element name=\"{name}\" type=\"{of}\" minOccurs=\"0\" maxOccurs=\"unbounded\"/>")
        }
        kind => writeln!(out, "      <xs:element name=\"{name}\" type=\"{}\" minOccurs=\"0\"/>", type_name(kind)),
    }
}

/// Name of the type of one value.
fn type_name(kind: &Kind) -> &'static str {
    match kind {
        Kind::Text => "xs:string",
        Kind::Boolean => "xs:boolean",
        Kind::Integer => "xs:long",
        Kind::Decimal => "xs:decimal",
        Kind::Timestamp => "xs:dateTime",
        Kind::Words(name) | Kind::Record(name) | Kind::Collection { of: name, .. } => name,
        Kind::Many(kind) => type_name(kind),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_a_reader_needs() {
        let xsd = xsd();
        for part in [
            "<xs:element name=\"vm\" type=\"Vm\"/>",
            "<xs:element name=\"memory\" type=\"xs:long\" minOccurs=\"0\"/>",
            "<xs:element name=\"link\" type=\"Link\" minOccurs=\"0\" maxOccurs=\"unbounded\"/>",
            "<xs:attribute name=\"href\" type=\"xs:string\"/>",
            "<xs:enumeration value=\"wait_for_launch\"/>",
        ] {
            assert!(xsd.contains(part), "{part}");
        }
    }

    #[test]
    fn is_well_formed() {
        let xsd = xsd();
        let mut reader = quick_xml::Reader::from_str(&xsd);
        while reader.read_event().unwrap() != quick_xml::events::Event::Eof {}
    }
}
