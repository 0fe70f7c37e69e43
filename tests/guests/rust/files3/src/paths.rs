//! What acts on names: create, remove, rename, link; and what must not lead out.
use crate::root::{BOTH, FOLLOW, READ, WRITE, directory, fresh, open_at, read, read_only, refused, remove, whole, write};
use wasip3::filesystem::types::{Descriptor, DescriptorFlags, DescriptorType, ErrorCode, OpenFlags, PathFlags};

const SELF: PathFlags = PathFlags::empty();

pub async fn check(root: &Descriptor) {
    opens(root).await;
    directories(root).await;
    names(root).await;
    links(root).await;
}

async fn opens(root: &Descriptor) {
    let open = |path: &'static str, open, flags| open_at(root, path, open, flags);
    let none = OpenFlags::empty();
    refused(open("none", none, READ).await, "NoEntry");
    refused(open("", none, READ).await, "NoEntry");
    refused(open("a\0b", none, READ).await, "Invalid");
    refused(open("none/", OpenFlags::CREATE, BOTH).await, "IsDirectory");
    drop(fresh(root, "file").await);
    refused(open("file", OpenFlags::CREATE | OpenFlags::EXCLUSIVE, BOTH).await, "Exist");
    refused(open("file", OpenFlags::DIRECTORY, READ).await, "NotDirectory");
    refused(open("file/more", none, READ).await, "NotDirectory");
    refused(open(".", none, BOTH).await, "IsDirectory");
    refused(open("x", OpenFlags::CREATE | OpenFlags::DIRECTORY, READ).await, "Invalid");
    refused(open("file", none, READ | DescriptorFlags::FILE_INTEGRITY_SYNC).await, "Unsupported");
    refused(open_at(&read_only(root, "file").await, "x", none, READ).await, "NotDirectory");
    refused(open("..", none, READ).await, "NotPermitted");
    refused(open("/file", none, READ).await, "NotPermitted");
    assert!(read(&read_only(root, "./file").await, 0).await.unwrap().is_empty());
    let long = "a".repeat(300);
    refused(open_at(root, &long, none, READ).await, "NameTooLong");

    whole(write(&open("file", none, WRITE).await.unwrap(), 0, b"text").await);
    drop(open("file", OpenFlags::TRUNCATE, WRITE).await.unwrap());
    assert!(read(&read_only(root, "file").await, 0).await.unwrap().is_empty());
    remove(root, "file").await;
}

async fn directories(root: &Descriptor) {
    let make = |path: &'static str| root.create_directory_at(path.to_string());
    let drop_it = |path: &'static str| root.remove_directory_at(path.to_string());
    make("d").await.unwrap();
    make("d/e/").await.unwrap();
    refused(make("d").await, "Exist");
    refused(make("none/e").await, "NoEntry");
    refused(make("").await, "NoEntry");
    refused(make("../out").await, "NotPermitted");
    refused(drop_it("d").await, "NotEmpty");
    refused(drop_it("none").await, "NoEntry");
    drop(fresh(root, "d/file").await);
    refused(drop_it("d/file").await, "NotDirectory");
    refused(root.unlink_file_at("d/e".to_string()).await, "IsDirectory");
    refused(root.unlink_file_at("d/none".to_string()).await, "NoEntry");
    remove(root, "d/file").await;
    drop_it("d/e").await.unwrap();
    drop_it("d").await.unwrap();
}

async fn names(root: &Descriptor) {
    root.create_directory_at("d".to_string()).await.unwrap();
    let inner = directory(root, "d").await;
    whole(write(&fresh(root, "a").await, 0, b"a").await);
    let rename = |from: &'static str, to: &'static str| root.rename_at(from.to_string(), &inner, to.to_string());
    rename("a", "b").await.unwrap();
    refused(rename("a", "b").await, "NoEntry");
    assert_eq!(read(&read_only(root, "d/b").await, 0).await.unwrap(), b"a");
    whole(write(&fresh(root, "c").await, 0, b"c").await);
    rename("c", "b").await.unwrap();
    assert_eq!(read(&read_only(&inner, "b").await, 0).await.unwrap(), b"c");
    refused(rename("d/b", "../../out").await, "NotPermitted");
    refused(inner.rename_at("b".to_string(), &read_only(&inner, "b").await, "x".to_string()).await, "NotDirectory");

    // a second name of the same file
    let link = |from: &'static str, to: &'static str| inner.link_at(SELF, from.to_string(), root, to.to_string());
    link("b", "again").await.unwrap();
    refused(link("b", "again").await, "Exist");
    refused(link("none", "x").await, "NoEntry");
    refused(inner.link_at(FOLLOW, "b".to_string(), root, "x".to_string()).await, "Invalid");
    let (one, other) = (read_only(&inner, "b").await, read_only(root, "again").await);
    assert!(one.is_same_object(&other).await && !one.is_same_object(&inner).await);
    assert_eq!(one.stat().await.unwrap().link_count, 2);
    remove(root, "again").await;
    remove(&inner, "b").await;
    root.remove_directory_at("d".to_string()).await.unwrap();
}

async fn links(root: &Descriptor) {
    let link = |target: &'static str, path: &'static str| root.symlink_at(target.to_string(), path.to_string());
    let text = |path: &'static str| root.readlink_at(path.to_string());
    whole(write(&fresh(root, "file").await, 0, b"text").await);
    link("file", "link").await.unwrap();
    refused(link("file", "link").await, "Exist");
    assert_eq!(text("link").await.unwrap(), "file");
    refused(text("file").await, "Invalid");
    assert_eq!(read(&read_only(root, "link").await, 0).await.unwrap(), b"text");
    let not_followed = root.open_at(SELF, "link".to_string(), OpenFlags::empty(), READ).await;
    refused(not_followed, "Loop");
    let stat = |flags, path: &'static str| root.stat_at(flags, path.to_string());
    assert!(matches!(stat(SELF, "link").await.unwrap().type_, DescriptorType::SymbolicLink));
    assert!(matches!(stat(FOLLOW, "link").await.unwrap().type_, DescriptorType::RegularFile));
    link("loop", "loop").await.unwrap();
    refused(stat(FOLLOW, "loop").await.map(|_| ()), "Loop");
    refused(link("/etc", "absolute").await, "NotPermitted");
    for path in ["link", "loop", "file"] {
        remove(root, path).await;
    }
}

/// By `..`, absolute paths and links of all kinds: to open, make, change or look at.
pub async fn escape(root: &Descriptor) {
    let ways = ["..", "../secret", "/etc/passwd", "absolute", "absolute-file", "up", "up/secret", "out", "chain",
        "chain/secret", "deep/up-twice", "deep/up-twice/secret", "deep/out", "outside", "outside/victim",
        "deep/../../secret", "deep/up/mine"];
    for path in ways {
        for (open, flags) in [
            (OpenFlags::empty(), READ),
            (OpenFlags::empty(), WRITE),
            (OpenFlags::CREATE, BOTH),
            (OpenFlags::TRUNCATE, WRITE),
            (OpenFlags::DIRECTORY, READ),
        ] {
            failed(path, open_at(root, path, open, flags).await);
        }
        failed(path, root.stat_at(FOLLOW, path.to_string()).await);
        failed(path, root.metadata_hash_at(FOLLOW, path.to_string()).await);
    }
    for path in ["../new", "outside/new", "up/new", "chain/new", "/new", "deep/up-twice/new"] {
        failed(path, open_at(root, path, OpenFlags::CREATE, BOTH).await);
        failed(path, root.create_directory_at(path.to_string()).await);
        failed(path, root.symlink_at("mine".to_string(), path.to_string()).await);
        failed(path, root.rename_at("mine".to_string(), root, path.to_string()).await);
        failed(path, root.link_at(SELF, "mine".to_string(), root, path.to_string()).await);
    }
    for path in ["outside/victim", "up/secret", "../secret", "chain/secret"] {
        failed(path, root.unlink_file_at(path.to_string()).await);
        failed(path, root.rename_at(path.to_string(), root, "stolen".to_string()).await);
        failed(path, root.link_at(SELF, path.to_string(), root, "stolen".to_string()).await);
    }
    failed("dangling", open_at(root, "dangling", OpenFlags::CREATE, BOTH).await);
    assert_eq!(read(&read_only(root, "mine").await, 0).await.unwrap(), b"mine");
}

#[track_caller]
fn failed<T>(path: &str, result: Result<T, ErrorCode>) {
    assert!(result.is_err(), "{path} leads out");
}
