//! Domains on a plain folder: made, made again, damaged, full of strangers.

use super::*;

const ID: &str = "0f6b9b8e-0a2f-4e6e-9d3e-0123456789ab";

fn request(path: &Path) -> api::CreateDomainRequest {
    api::CreateDomainRequest {
        connection: Some(api::StorageConnection {
            kind: "localfs".into(),
            path: path.to_string_lossy().into_owned(),
            ..Default::default()
        }),
        domain_id: ID.into(),
        name: "fast".into(),
        class: "data".into(),
        format: "v5".into(),
        ..Default::default()
    }
}

#[test]
fn made_twice_is_made_once() {
    let folder = tempfile::tempdir().unwrap();
    create(folder.path(), &request(folder.path())).unwrap();
    create(folder.path(), &request(folder.path())).unwrap();
    let place = folder.path().join(ID);
    let state = look(&place).unwrap();
    assert!(state.ready && state.total > 0 && state.name == "fast" && state.format == "v5");
    for name in ["metadata", "ids", "inbox", "leases", "outbox", "xleases"] {
        assert!(place.join("dom_md").join(name).is_file(), "{name}");
    }
    remove(folder.path(), ID).unwrap();
    remove(folder.path(), ID).unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_half_made_domain_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join(format!("_creating_{ID}/dom_md"))).unwrap();
    create(folder.path(), &request(folder.path())).unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn foreign_content_is_refused_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("letter.txt"), "mine").unwrap();
    assert!(matches!(create(folder.path(), &request(folder.path())), Err(StorageError::Refused(_))));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);

    fs::remove_file(folder.path().join("letter.txt")).unwrap();
    create(folder.path(), &request(folder.path())).unwrap();
    let stranger = folder.path().join(ID).join("images/letter.txt");
    fs::write(&stranger, "mine").unwrap();
    let error = remove(folder.path(), ID).unwrap_err();
    assert!(error.to_string().contains("letter.txt"), "{error}");
    assert!(stranger.exists() && folder.path().join(ID).join("dom_md/metadata").exists());
}

#[test]
fn a_second_domain_on_the_mount_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    create(folder.path(), &request(folder.path())).unwrap();
    let mut other = request(folder.path());
    other.domain_id = "1f6b9b8e-0a2f-4e6e-9d3e-0123456789ab".into();
    let error = create(folder.path(), &other).unwrap_err();
    assert!(error.to_string().contains(ID), "{error}");
}

#[test]
fn damaged_metadata_is_told() {
    let folder = tempfile::tempdir().unwrap();
    create(folder.path(), &request(folder.path())).unwrap();
    let path = folder.path().join(ID).join("dom_md/metadata");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("DESCRIPTION=fast", "DESCRIPTION=slow")).unwrap();
    let error = look(&folder.path().join(ID)).unwrap_err();
    assert!(error.to_string().contains("checksum"), "{error}");
    assert!(remove(folder.path(), ID).is_err(), "what can't be read is not erased");
    assert!(matches!(look(&folder.path().join("nothing")), Err(StorageError::NotFound(_))));
}

#[test]
fn a_domain_that_is_a_link_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    create(elsewhere.path(), &request(elsewhere.path())).unwrap();
    std::os::unix::fs::symlink(elsewhere.path().join(ID), folder.path().join(ID)).unwrap();
    assert!(look(&folder.path().join(ID)).is_err());
    assert!(remove(folder.path(), ID).is_err());
    assert!(elsewhere.path().join(ID).exists());
}

#[test]
fn more_room_than_there_is_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(require_room(folder.path(), u64::MAX), Err(StorageError::Full(_))));
}

#[test]
fn volume_file_names_are_known() {
    assert!(of_volume(ID) && of_volume(&format!("{ID}.meta")) && of_volume(&format!(".{ID}.meta.new")));
    assert!(of_volume(&format!("_remove_me_ZERO_{ID}")));
    assert!(!of_volume("letter.txt") && !of_volume(&format!("{ID}.txt")) && !of_volume(&format!("{ID}/x")));
}
