//! What all topics do: open files, look at what failed, move whole contents.
use futures::future::join;
use wasip3::filesystem::preopens::get_directories;
use wasip3::filesystem::types::{Descriptor, DescriptorFlags, ErrorCode, OpenFlags, PathFlags};
use wasip3::wit_bindgen::FutureReader;
use wasip3::wit_stream;

pub type Outcome = FutureReader<Result<(), ErrorCode>>;

pub const FOLLOW: PathFlags = PathFlags::SYMLINK_FOLLOW;
pub const READ: DescriptorFlags = DescriptorFlags::READ;
pub const WRITE: DescriptorFlags = DescriptorFlags::WRITE;
pub const BOTH: DescriptorFlags = READ.union(WRITE);

/// The first directory that the host gives.
pub fn open() -> Descriptor {
    get_directories().swap_remove(0).0
}

pub async fn open_at(
    directory: &Descriptor,
    path: &str,
    open: OpenFlags,
    flags: DescriptorFlags,
) -> Result<Descriptor, ErrorCode> {
    directory.open_at(FOLLOW, path.to_string(), open, flags).await
}

pub async fn read_only(directory: &Descriptor, path: &str) -> Descriptor {
    open_at(directory, path, OpenFlags::empty(), READ).await.unwrap()
}

pub async fn fresh(directory: &Descriptor, path: &str) -> Descriptor {
    open_at(directory, path, OpenFlags::CREATE | OpenFlags::EXCLUSIVE, BOTH).await.unwrap()
}

pub async fn directory(parent: &Descriptor, path: &str) -> Descriptor {
    open_at(parent, path, OpenFlags::DIRECTORY, READ).await.unwrap()
}

pub async fn remove(directory: &Descriptor, path: &str) {
    directory.unlink_file_at(path.to_string()).await.unwrap();
}

/// That it failed so: `NoEntry`, say.
#[track_caller]
pub fn refused<T>(result: Result<T, ErrorCode>, code: &str) {
    match result {
        Ok(_) => panic!("it went well; {code} was expected"),
        Err(error) => assert_eq!(format!("{error:?}"), format!("ErrorCode::{code}")),
    }
}

/// All from an offset on, or why not.
pub async fn read(file: &Descriptor, offset: u64) -> Result<Vec<u8>, ErrorCode> {
    let (stream, outcome) = file.read_via_stream(offset);
    let bytes = stream.collect().await;
    outcome.await.map(|()| bytes)
}

/// Writes all of it from an offset on. Returns what was not taken, and how it ended.
pub async fn write(file: &Descriptor, offset: u64, bytes: &[u8]) -> (Vec<u8>, Result<(), ErrorCode>) {
    let (mut writer, stream) = wit_stream::new();
    let outcome = file.write_via_stream(stream, offset);
    finish(outcome, async {
        let rest = writer.write_all(bytes.to_vec()).await;
        drop(writer);
        rest
    })
    .await
}

pub async fn append(file: &Descriptor, bytes: &[u8]) -> (Vec<u8>, Result<(), ErrorCode>) {
    let (mut writer, stream) = wit_stream::new();
    let outcome = file.append_via_stream(stream);
    finish(outcome, async {
        let rest = writer.write_all(bytes.to_vec()).await;
        drop(writer);
        rest
    })
    .await
}

async fn finish<T>(outcome: Outcome, work: impl Future<Output = T>) -> (T, Result<(), ErrorCode>) {
    join(work, outcome.into_future()).await
}

#[track_caller]
pub fn whole((rest, outcome): (Vec<u8>, Result<(), ErrorCode>)) {
    outcome.unwrap();
    assert!(rest.is_empty(), "{} bytes were not taken", rest.len());
}

/// Bytes that differ from their neighbours and from those of other pieces.
pub fn pattern(length: usize) -> Vec<u8> {
    (0..length as u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}
