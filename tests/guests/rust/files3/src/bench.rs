//! Contents of files and directories by streams of WASI 0.2 and of 0.3, for who measures them.
use crate::root::{WRITE, directory, open_at, read_only};
use futures::future::join;
use wasip2::filesystem::preopens::get_directories;
use wasip2::filesystem::types as p2;
use wasip2::io::streams::StreamError;
use wasip3::clocks::monotonic_clock::now;
use wasip3::filesystem::types::{Descriptor, OpenFlags};
use wasip3::wit_bindgen::StreamResult;
use wasip3::wit_stream;

/// Says what was moved, and how long it took since `started`.
fn tell(moved: u64, what: &str, started: u64) {
    println!("{moved} {what} in {} ns", now() - started);
}

fn open2(path: &str, open: p2::OpenFlags, flags: p2::DescriptorFlags) -> p2::Descriptor {
    let (root, _) = get_directories().swap_remove(0);
    root.open_at(p2::PathFlags::empty(), path, open, flags).unwrap()
}

pub async fn read3(root: &Descriptor, path: &str, count: u64, piece: usize) {
    let started = now();
    let (mut stream, outcome) = read_only(root, path).await.read_via_stream(0);
    let mut moved = 0u64;
    let mut buffer = Vec::with_capacity(piece);
    while moved < count {
        let (result, bytes) = stream.read(buffer).await;
        if result == StreamResult::Dropped {
            break;
        }
        moved += bytes.len() as u64;
        buffer = bytes;
        buffer.clear();
    }
    drop(stream);
    outcome.await.unwrap();
    tell(moved, "bytes", started);
}

pub async fn write3(root: &Descriptor, path: &str, count: u64, piece: usize) {
    let started = now();
    let open = OpenFlags::CREATE | OpenFlags::TRUNCATE;
    let file = open_at(root, path, open, WRITE).await.unwrap();
    let (mut writer, stream) = wit_stream::new();
    let mut moved = 0u64;
    let writing = async {
        let mut bytes = vec![b'x'; piece];
        while moved < count {
            let (mut result, mut rest) = writer.write(bytes).await;
            while rest.remaining() > 0 && result != StreamResult::Dropped {
                (result, rest) = writer.write_buf(rest).await;
            }
            moved += piece as u64;
            bytes = rest.into_vec();
            bytes.resize(piece, b'x');
        }
        drop(writer);
    };
    let (outcome, ()) = join(file.write_via_stream(stream, 0).into_future(), writing).await;
    outcome.unwrap();
    tell(moved, "bytes", started);
}

pub fn read2(path: &str, count: u64, piece: usize) {
    let started = now();
    let file = open2(path, p2::OpenFlags::empty(), p2::DescriptorFlags::READ);
    let stream = file.read_via_stream(0).unwrap();
    let mut moved = 0u64;
    while moved < count {
        match stream.blocking_read(piece as u64) {
            Ok(bytes) => moved += bytes.len() as u64,
            Err(StreamError::Closed) => break,
            Err(error) => panic!("{error:?}"),
        }
    }
    tell(moved, "bytes", started);
}

pub fn write2(path: &str, count: u64, piece: usize) {
    let started = now();
    let open = p2::OpenFlags::CREATE | p2::OpenFlags::TRUNCATE;
    let file = open2(path, open, p2::DescriptorFlags::WRITE);
    let stream = file.write_via_stream(0).unwrap();
    let bytes = vec![b'x'; piece];
    let mut moved = 0u64;
    while moved < count {
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let permitted = stream.check_write().unwrap() as usize;
            if permitted == 0 {
                stream.subscribe().block();
                continue;
            }
            let (now, later) = rest.split_at(permitted.min(rest.len()));
            stream.write(now).unwrap();
            rest = later;
        }
        moved += bytes.len() as u64;
    }
    stream.blocking_flush().unwrap();
    tell(moved, "bytes", started);
}

pub async fn list3(root: &Descriptor, path: &str) {
    let started = now();
    let (stream, outcome) = directory(root, path).await.read_directory();
    let entries = stream.collect().await;
    outcome.await.unwrap();
    tell(entries.len() as u64, "entries", started);
}

pub fn list2(path: &str) {
    let started = now();
    let folder = open2(path, p2::OpenFlags::DIRECTORY, p2::DescriptorFlags::READ);
    let stream = folder.read_directory().unwrap();
    let mut count = 0u64;
    while stream.read_directory_entry().unwrap().is_some() {
        count += 1;
    }
    tell(count, "entries", started);
}
