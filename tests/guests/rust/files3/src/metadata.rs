//! What descriptors say of themselves, and what changes it.
use crate::root::{BOTH, FOLLOW, READ, WRITE, directory, fresh, open_at, read, read_only, refused, remove, whole, write};
use std::fs;
use wasip3::filesystem::types::{Advice, Descriptor, DescriptorFlags, DescriptorType, OpenFlags};

pub async fn check(root: &Descriptor) {
    flags(root).await;
    sizes(root).await;
    identity(root).await;
}

async fn flags(root: &Descriptor) {
    let file = fresh(root, "flags").await;
    assert_eq!(file.get_flags().await.unwrap(), BOTH);
    assert!(matches!(file.get_type().await.unwrap(), DescriptorType::RegularFile));
    assert_eq!(read_only(root, "flags").await.get_flags().await.unwrap(), READ);
    let writing = open_at(root, "flags", OpenFlags::empty(), WRITE).await.unwrap();
    assert_eq!(writing.get_flags().await.unwrap(), WRITE);
    assert!(matches!(root.get_type().await.unwrap(), DescriptorType::Directory));
    assert!(root.get_flags().await.unwrap().contains(DescriptorFlags::MUTATE_DIRECTORY));
    for advice in [Advice::Normal, Advice::Sequential, Advice::Random, Advice::WillNeed, Advice::DontNeed, Advice::NoReuse] {
        file.advise(0, 10, advice).await.unwrap();
    }
    refused(root.advise(0, 0, Advice::Normal).await, "BadDescriptor");
    file.sync().await.unwrap();
    file.sync_data().await.unwrap();
    root.sync().await.unwrap();
    root.sync_data().await.unwrap();
    remove(root, "flags").await;
}

async fn sizes(root: &Descriptor) {
    let file = fresh(root, "sizes").await;
    whole(write(&file, 0, b"0123456789").await);
    file.set_size(4).await.unwrap();
    assert_eq!(read(&file, 0).await.unwrap(), b"0123");
    file.set_size(6).await.unwrap();
    assert_eq!(read(&file, 0).await.unwrap(), b"0123\0\0");
    assert_eq!(file.stat().await.unwrap().size, 6);
    assert_eq!(root.stat_at(FOLLOW, "sizes".to_string()).await.unwrap().size, 6);
    refused(file.set_size(u64::MAX).await, "Invalid");
    refused(root.set_size(0).await, "BadDescriptor");
    refused(read_only(root, "sizes").await.set_size(0).await, "Invalid");
    remove(root, "sizes").await;
    assert_eq!(file.stat().await.unwrap().link_count, 0);
}

async fn identity(root: &Descriptor) {
    let (one, other) = (fresh(root, "one").await, fresh(root, "other").await);
    let same = read_only(root, "one").await;
    let hash = async |file: &Descriptor| {
        let value = file.metadata_hash().await.unwrap();
        (value.lower, value.upper)
    };
    assert_eq!(hash(&one).await, hash(&same).await);
    assert_ne!(hash(&one).await, hash(&other).await);
    let at = root.metadata_hash_at(FOLLOW, "one".to_string()).await.unwrap();
    assert_eq!((at.lower, at.upper), hash(&one).await);
    assert!(one.is_same_object(&same).await);
    assert!(one.is_same_object(&one).await);
    assert!(!one.is_same_object(&other).await);
    assert!(root.is_same_object(&directory(root, ".").await).await);
    remove(root, "one").await;
    remove(root, "other").await;
}

/// What one version of WASI writes the other reads.
pub async fn both(root: &Descriptor) {
    fs::write("/both", "by 0.2").unwrap();
    let file = open_at(root, "both", OpenFlags::empty(), BOTH).await.unwrap();
    assert_eq!(read(&file, 0).await.unwrap(), b"by 0.2");
    whole(write(&file, 5, b"3").await);
    assert_eq!(fs::read_to_string("/both").unwrap(), "by 0.3");
    fs::remove_file("/both").unwrap();
    refused(open_at(root, "both", OpenFlags::empty(), READ).await, "NoEntry");
}
