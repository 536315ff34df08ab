//! The text of oVirt's domain and volume metadata, format version 5. Pure: no file is touched here.
//!
//! Rules from vdsm's on-disk format: sorted `KEY=value` lines; a domain carries the SHA-1 of its other lines, joined
//! without a separator; a volume ends with `EOF` and fits 512 bytes.

use std::collections::BTreeMap;

use sha1::{Digest, Sha1};

/// Bytes that one volume's metadata may take.
const VOLUME_LIMIT: usize = 512;
/// Bytes of a volume's description.
const DESCRIPTION_LIMIT: usize = 210;
/// Characters of a domain's name in its metadata.
const NAME_LIMIT: usize = 50;
/// What stands for "no parent".
const NO_PARENT: &str = "00000000-0000-0000-0000-000000000000";

/// Why a metadata text can't be believed.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(super) enum MetadataError {
    #[error("line {0:?} is no KEY=value")]
    Line(String),
    #[error("key {0} is missing")]
    Missing(&'static str),
    #[error("key {0} has the value {1:?}")]
    Value(&'static str, String),
    #[error("the checksum does not match the content")]
    Checksum,
    #[error("the text does not end with EOF")]
    Truncated,
    #[error("{0} bytes do not fit into the 512 of a volume's metadata")]
    TooLong(usize),
}

fn parse_lines(text: &str) -> Result<BTreeMap<String, String>, MetadataError> {
    let mut keys = BTreeMap::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let (key, value) = line.split_once('=').ok_or_else(|| MetadataError::Line(line.to_owned()))?;
        keys.insert(key.to_owned(), value.to_owned());
    }
    Ok(keys)
}

fn required<'a>(keys: &'a BTreeMap<String, String>, key: &'static str) -> Result<&'a str, MetadataError> {
    keys.get(key).map(String::as_str).ok_or(MetadataError::Missing(key))
}

fn number(keys: &BTreeMap<String, String>, key: &'static str) -> Result<u64, MetadataError> {
    let value = required(keys, key)?;
    value.parse().map_err(|_| MetadataError::Value(key, value.to_owned()))
}

/// What `dom_md/metadata` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DomainMetadata {
    keys: BTreeMap<String, String>,
}

/// What a new domain is made of.
pub(super) struct NewDomain<'a> {
    pub(super) id: &'a str,
    pub(super) name: &'a str,
    /// `data`, `iso` or `export`.
    pub(super) class: &'a str,
    /// `NFS`, `LOCALFS` or `POSIXFS`.
    pub(super) storage_type: &'a str,
    pub(super) remote_path: &'a str,
    /// 512 or 4096.
    pub(super) block_size: u32,
}

impl DomainMetadata {
    pub(super) fn new(domain: &NewDomain<'_>) -> Self {
        let class = match domain.class {
            "iso" => "Iso",
            "export" => "Backup",
            _ => "Data",
        };
        let clean: String = domain.name.chars().filter(|c| !c.is_control()).take(NAME_LIMIT).collect();
        let keys = [
            ("ALIGNMENT", "1048576".to_owned()),
            ("BLOCK_SIZE", domain.block_size.to_string()),
            ("CLASS", class.to_owned()),
            ("DESCRIPTION", clean),
            ("IOOPTIMEOUTSEC", "10".to_owned()),
            ("LEASERETRIES", "3".to_owned()),
            ("LEASETIMESEC", "60".to_owned()),
            ("LOCKPOLICY", String::new()),
            ("LOCKRENEWALINTERVALSEC", "5".to_owned()),
            ("POOL_UUID", String::new()),
            ("REMOTE_PATH", domain.remote_path.to_owned()),
            ("ROLE", "Regular".to_owned()),
            ("SDUUID", domain.id.to_owned()),
            ("TYPE", domain.storage_type.to_owned()),
            ("VERSION", "5".to_owned()),
        ];
        DomainMetadata { keys: keys.into_iter().map(|(key, value)| (key.to_owned(), value)).collect() }
    }

    /// Reads and checks a text: every key that the agent relies on, and the checksum.
    pub(super) fn parse(text: &str) -> Result<Self, MetadataError> {
        let mut keys = parse_lines(text)?;
        let told = keys.remove("_SHA_CKSUM").ok_or(MetadataError::Missing("_SHA_CKSUM"))?;
        let read = DomainMetadata { keys };
        for key in ["SDUUID", "CLASS", "VERSION", "TYPE"] {
            required(&read.keys, key)?;
        }
        if read.checksum() != told {
            return Err(MetadataError::Checksum);
        }
        Ok(read)
    }

    fn lines(&self) -> impl Iterator<Item = String> + '_ {
        self.keys.iter().map(|(key, value)| format!("{key}={value}"))
    }

    fn checksum(&self) -> String {
        let mut hash = Sha1::new();
        for line in self.lines() {
            hash.update(line.as_bytes());
        }
        hex::encode(hash.finalize())
    }

    pub(super) fn text(&self) -> String {
        let mut text: String = self.lines().map(|line| line + "\n").collect();
        text.push_str(&format!("_SHA_CKSUM={}\n", self.checksum()));
        text
    }

    fn get(&self, key: &str) -> &str {
        self.keys.get(key).map_or("", String::as_str)
    }

    pub(super) fn id(&self) -> &str {
        self.get("SDUUID")
    }

    pub(super) fn name(&self) -> &str {
        self.get("DESCRIPTION")
    }

    /// `data`, `iso` or `export`.
    pub(super) fn class(&self) -> &'static str {
        match self.get("CLASS") {
            "Iso" => "iso",
            "Backup" => "export",
            _ => "data",
        }
    }

    pub(super) fn version(&self) -> &str {
        self.get("VERSION")
    }
}

/// What `<volume>.meta` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct VolumeMetadata {
    /// Virtual size in bytes.
    pub(super) capacity: u64,
    /// Creation, seconds since the epoch.
    pub(super) created: u64,
    pub(super) description: String,
    /// `DATA`, `ISOF`, `OVFS` and so on.
    pub(super) disk_type: String,
    pub(super) domain: String,
    pub(super) qcow2: bool,
    pub(super) generation: u64,
    pub(super) disk: String,
    pub(super) legal: bool,
    pub(super) parent: Option<String>,
    pub(super) sequence: u64,
    pub(super) sparse: bool,
    pub(super) kind: VolumeKind,
}

/// Where in a chain the volume stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum VolumeKind {
    /// The end of its chain: what a VM writes to.
    Leaf,
    /// Backs another volume of the same disk.
    Internal,
    /// Backs volumes of other disks, as a template does.
    Shared,
}

impl VolumeMetadata {
    pub(super) fn parse(text: &str) -> Result<Self, MetadataError> {
        // Values hold no line breaks, so the end mark at the start of a line is the end mark.
        let body = text.split_once("\nEOF").map(|(body, _)| body).ok_or(MetadataError::Truncated)?;
        let keys = parse_lines(body)?;
        let word = |key| required(&keys, key).map(str::to_owned);
        let odd = |key: &'static str| MetadataError::Value(key, keys.get(key).cloned().unwrap_or_default());
        let parent = word("PUUID")?;
        Ok(VolumeMetadata {
            capacity: number(&keys, "CAP")?,
            created: number(&keys, "CTIME").unwrap_or(0),
            description: word("DESCRIPTION")?,
            disk_type: word("DISKTYPE")?,
            domain: word("DOMAIN")?,
            qcow2: match required(&keys, "FORMAT")? {
                "COW" => true,
                "RAW" => false,
                _ => return Err(odd("FORMAT")),
            },
            generation: number(&keys, "GEN").unwrap_or(0),
            disk: word("IMAGE")?,
            legal: required(&keys, "LEGALITY")? == "LEGAL",
            parent: (parent != NO_PARENT && !parent.is_empty()).then_some(parent),
            sequence: number(&keys, "SEQ").unwrap_or(0),
            sparse: match required(&keys, "TYPE")? {
                "SPARSE" => true,
                "PREALLOCATED" => false,
                _ => return Err(odd("TYPE")),
            },
            kind: match required(&keys, "VOLTYPE")? {
                "LEAF" => VolumeKind::Leaf,
                "INTERNAL" => VolumeKind::Internal,
                "SHARED" => VolumeKind::Shared,
                _ => return Err(odd("VOLTYPE")),
            },
        })
    }

    pub(super) fn text(&self) -> Result<String, MetadataError> {
        let kind = match self.kind {
            VolumeKind::Leaf => "LEAF",
            VolumeKind::Internal => "INTERNAL",
            VolumeKind::Shared => "SHARED",
        };
        let text = format!(
            "CAP={}\nCTIME={}\nDESCRIPTION={}\nDISKTYPE={}\nDOMAIN={}\nFORMAT={}\nGEN={}\nIMAGE={}\nLEGALITY={}\nPUUID={}\nSEQ={}\nTYPE={}\nVOLTYPE={kind}\nEOF\n",
            self.capacity,
            self.created,
            clip(&self.description),
            self.disk_type,
            self.domain,
            if self.qcow2 { "COW" } else { "RAW" },
            self.generation,
            self.disk,
            if self.legal { "LEGAL" } else { "ILLEGAL" },
            self.parent.as_deref().unwrap_or(NO_PARENT),
            self.sequence,
            if self.sparse { "SPARSE" } else { "PREALLOCATED" },
        );
        if text.len() > VOLUME_LIMIT { Err(MetadataError::TooLong(text.len())) } else { Ok(text) }
    }

    /// `raw` or `qcow2`.
    pub(super) fn format(&self) -> &'static str {
        if self.qcow2 { "qcow2" } else { "raw" }
    }
}

/// A description on one line within its limit.
fn clip(text: &str) -> String {
    let mut clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    while clean.len() > DESCRIPTION_LIMIT {
        clean.pop();
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn domain(name: &str) -> DomainMetadata {
        DomainMetadata::new(&NewDomain {
            id: "0f6b9b8e-0a2f-4e6e-9d3e-0123456789ab",
            name,
            class: "data",
            storage_type: "LOCALFS",
            remote_path: "/srv/a",
            block_size: 512,
        })
    }

    #[test]
    fn domain_text_is_sorted_and_checked() {
        let text = domain("fast").text();
        insta::assert_snapshot!(text);
        assert_eq!(DomainMetadata::parse(&text).unwrap(), domain("fast"));
        assert_eq!(DomainMetadata::parse(&text.replace("fast", "slow")), Err(MetadataError::Checksum));
        assert_eq!(DomainMetadata::parse("SDUUID=x\n"), Err(MetadataError::Missing("_SHA_CKSUM")));
    }

    fn volume(description: &str) -> VolumeMetadata {
        VolumeMetadata {
            capacity: 1 << 30,
            created: 1_700_000_000,
            description: description.into(),
            disk_type: "DATA".into(),
            domain: "0f6b9b8e-0a2f-4e6e-9d3e-0123456789ab".into(),
            qcow2: true,
            generation: 0,
            disk: "2f6b9b8e-0a2f-4e6e-9d3e-0123456789ab".into(),
            legal: true,
            parent: None,
            sequence: 1,
            sparse: true,
            kind: VolumeKind::Leaf,
        }
    }

    #[test]
    fn volume_text_as_ovirt_writes_it() {
        insta::assert_snapshot!(volume("root disk").text().unwrap());
    }

    #[test]
    fn a_torn_volume_text_is_not_believed() {
        let text = volume("x").text().unwrap();
        assert_eq!(VolumeMetadata::parse(&text[..text.len() - 6]), Err(MetadataError::Truncated));
    }

    proptest! {
        #[test]
        fn volumes_survive_the_round_trip(description in "\\PC{0,400}", capacity: u64, legal: bool) {
            let mut one = volume(&description);
            one.capacity = capacity;
            one.legal = legal;
            one.description = clip(&one.description);
            prop_assert_eq!(VolumeMetadata::parse(&one.text().unwrap()), Ok(one));
        }

        #[test]
        fn no_text_makes_the_readers_panic(text in "\\PC{0,600}") {
            let _ = VolumeMetadata::parse(&text);
            let _ = DomainMetadata::parse(&text);
        }
    }
}
