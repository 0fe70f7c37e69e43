//! read-directory
use crate::root::{directory, fresh, refused, remove};
use wasip3::filesystem::types::{Descriptor, DescriptorType, DirectoryEntry, ErrorCode};
use wasip3::wit_bindgen::StreamResult;

const LOTS: usize = 3000;

async fn entries(directory: &Descriptor) -> Result<Vec<DirectoryEntry>, ErrorCode> {
    let (stream, outcome) = directory.read_directory();
    let mut entries = stream.collect().await;
    outcome.await?;
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(entries)
}

pub async fn check(root: &Descriptor) {
    assert!(entries(root).await.unwrap().is_empty());
    drop(fresh(root, "file").await);
    root.create_directory_at("nested".to_string()).await.unwrap();
    root.symlink_at("file".to_string(), "link".to_string()).await.unwrap();
    let nested = directory(root, "nested").await;
    drop(fresh(&nested, "é").await);

    let found = entries(root).await.unwrap();
    let names: Vec<&str> = found.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(names, ["file", "link", "nested"]);
    assert!(matches!(found[0].type_, DescriptorType::RegularFile));
    assert!(matches!(found[1].type_, DescriptorType::SymbolicLink));
    assert!(matches!(found[2].type_, DescriptorType::Directory));
    let found = entries(&nested).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].name, "é");

    let file = fresh(root, "another").await;
    refused(entries(&file).await.map(|_| ()), "NotDirectory");

    // nobody reads it, or not to its end
    let (stream, outcome) = root.read_directory();
    drop(stream);
    outcome.await.unwrap();
    let (mut stream, outcome) = root.read_directory();
    let (result, one) = stream.read(Vec::with_capacity(1)).await;
    assert_eq!((result, one.len()), (StreamResult::Complete(1), 1));
    drop(stream);
    outcome.await.unwrap();

    remove(&nested, "é").await;
    assert!(entries(&nested).await.unwrap().is_empty());
    for name in ["file", "link", "another"] {
        remove(root, name).await;
    }
    root.remove_directory_at("nested".to_string()).await.unwrap();
    // it is open still
    assert!(entries(&nested).await.unwrap().is_empty());
}

/// In reads of different lengths; each once, and no more.
pub async fn lots(root: &Descriptor) {
    for i in 0..LOTS {
        drop(fresh(root, &format!("a name that is not short, number {i}")).await);
    }
    let (mut stream, outcome) = root.read_directory();
    let mut names = Vec::new();
    for length in [1, 2, 700, 5000].into_iter().cycle() {
        let (result, some) = stream.read(Vec::with_capacity(length)).await;
        names.extend(some.into_iter().map(|entry| entry.name));
        if result == StreamResult::Dropped {
            break;
        }
    }
    outcome.await.unwrap();
    assert_eq!(names.len(), LOTS);
    names.sort();
    names.dedup();
    assert_eq!(names.len(), LOTS);
    for name in names {
        remove(root, &name).await;
    }
}

/// The stream ends with the name that cannot be told.
pub async fn names(root: &Descriptor) {
    let (stream, outcome) = root.read_directory();
    for entry in stream.collect().await {
        assert!(["a", "z"].contains(&entry.name.as_str()));
    }
    refused(outcome.await, "IllegalByteSequence");
}
