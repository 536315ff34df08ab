//! Hostile headers, each a class of flaw that other systems had.

use super::*;
use proptest::prelude::*;

/// A version 3 header with the given backing name, extension and features.
fn image(backing: Option<&str>, extension: Option<(u32, &[u8])>, features: u64) -> Vec<u8> {
    let mut head = vec![0_u8; 4096];
    let mut put = |at: usize, bytes: &[u8]| head[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, MAGIC);
    put(4, &3_u32.to_be_bytes());
    put(20, &16_u32.to_be_bytes());
    put(24, &(1_u64 << 30).to_be_bytes());
    put(36, &2_u32.to_be_bytes());
    put(72, &features.to_be_bytes());
    put(100, &104_u32.to_be_bytes());
    if let Some((kind, body)) = extension {
        put(104, &kind.to_be_bytes());
        put(108, &u32::try_from(body.len()).unwrap().to_be_bytes());
        put(112, body);
    }
    if let Some(name) = backing {
        put(8, &1024_u64.to_be_bytes());
        put(16, &u32::try_from(name.len()).unwrap().to_be_bytes());
        put(1024, name.as_bytes());
    }
    head
}

fn promised(head: &[u8], parent: Option<&str>) -> Result<(), Qcow2Error> {
    Header::parse(head)?.as_promised(1 << 30, parent)
}

#[test]
fn a_plain_image_is_taken() {
    promised(&image(None, None, 0), None).unwrap();
}

#[test]
fn a_backing_file_is_refused_in_every_form() {
    for name in ["/etc/shadow", "json:{\"driver\":\"file\",\"filename\":\"/etc/shadow\"}", "nbd://10.0.0.1/x"] {
        let head = image(Some(name), Some((EXTENSION_BACKING_FORMAT, b"raw")), 0);
        assert!(matches!(promised(&head, None), Err(Qcow2Error::Backing(_))), "{name}");
        assert!(matches!(promised(&head, Some("volume")), Err(Qcow2Error::WrongBacking { .. })), "{name}");
    }
}

#[test]
fn a_data_file_is_refused_by_flag_and_by_name() {
    assert!(matches!(promised(&image(None, None, INCOMPATIBLE_DATA_FILE), None), Err(Qcow2Error::DataFile)));
    let named = image(None, Some((EXTENSION_DATA_FILE, b"/etc/shadow")), 0);
    assert!(matches!(promised(&named, None), Err(Qcow2Error::DataFile)));
}

#[test]
fn encryption_corruption_and_unknown_features_are_refused() {
    let mut head = image(None, None, 0);
    head[35] = 2;
    assert!(matches!(promised(&head, None), Err(Qcow2Error::Encrypted)));
    assert!(matches!(promised(&image(None, None, INCOMPATIBLE_CORRUPT), None), Err(Qcow2Error::Corrupt)));
    assert!(matches!(promised(&image(None, None, 1 << 40), None), Err(Qcow2Error::Features(_))));
}

#[test]
fn another_size_than_promised_is_refused() {
    let head = Header::parse(&image(None, None, 0)).unwrap();
    assert!(matches!(head.as_promised(1 << 20, None), Err(Qcow2Error::Size { .. })));
}

#[test]
fn a_backing_file_without_its_format_is_refused() {
    let head = image(Some("0f6b9b8e-0a2f-4e6e-9d3e-0123456789ab"), None, 0);
    assert!(matches!(Header::parse(&head).unwrap().sound(), Err(Qcow2Error::BackingFormat)));
}

#[test]
fn other_formats_are_no_qcow2() {
    assert!(matches!(Header::parse(b"# Disk DescriptorFile\nRW 1 FLAT \"/etc/shadow\" 0\n"), Err(Qcow2Error::Magic)));
    assert!(matches!(Header::parse(b""), Err(Qcow2Error::Magic)));
}

#[test]
fn a_chain_may_not_leave_the_domain_nor_turn_in_circles() {
    let folder = tempfile::tempdir().unwrap();
    let id = "0f6b9b8e-0a2f-4e6e-9d3e-0123456789ab";
    let disk = folder.path().join(id);
    std::fs::create_dir(&disk).unwrap();
    let leaf = disk.join(id);
    let format = Some((EXTENSION_BACKING_FORMAT, b"qcow2".as_slice()));
    for name in ["/etc/shadow", "../../etc/shadow", "../x/y", "file:x", &format!("../{id}/../../{id}")] {
        std::fs::write(&leaf, image(Some(name), format, 0)).unwrap();
        assert!(matches!(chain(&leaf, true, folder.path()), Err(Qcow2Error::Outside(_))), "{name}");
    }
    std::fs::write(&leaf, image(Some(id), format, 0)).unwrap();
    assert!(matches!(chain(&leaf, true, folder.path()), Err(Qcow2Error::Endless)));
    std::fs::remove_file(&leaf).unwrap();
    std::os::unix::fs::symlink("/etc/shadow", &leaf).unwrap();
    let child = disk.join("1f6b9b8e-0a2f-4e6e-9d3e-0123456789ab");
    std::fs::write(&child, image(Some(id), format, 0)).unwrap();
    assert!(matches!(chain(&child, true, folder.path()), Err(Qcow2Error::Outside(_))));
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..2048)) {
        let _ = Header::parse(&bytes);
        if bytes.len() > 8 {
            bytes[..8].copy_from_slice(b"QFI\xfb\0\0\0\x03");
            let _ = Header::parse(&bytes);
        }
    }
}
