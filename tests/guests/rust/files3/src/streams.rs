//! read-via-stream, write-via-stream, append-via-stream
use crate::root::{
    BOTH, READ, WRITE, append, fresh, open_at, pattern, read, read_only, refused, remove, whole, write,
};
use futures::future::{join, join3};
use std::pin::pin;
use wasip3::clocks::monotonic_clock::wait_for;
use wasip3::filesystem::types::{Descriptor, OpenFlags};
use wasip3::wit_bindgen::StreamResult;
use wasip3::wit_stream;

/// More than the host moves at once, and no whole number of pages.
const LONG: usize = 3_500_001;

pub async fn check(root: &Descriptor) {
    offsets(root).await;
    appends(root).await;
    lengths(root).await;
    pieces(root).await;
    lives(root).await;
    copies(root).await;
    failures(root).await;
    nothing(root).await;
}

async fn offsets(root: &Descriptor) {
    let file = fresh(root, "offsets").await;
    whole(write(&file, 5, b"Hello, ").await);
    whole(write(&file, 12, b"World!").await);
    assert_eq!(read(&file, 0).await.unwrap(), b"\0\0\0\0\0Hello, World!");
    assert_eq!(read(&file, 12).await.unwrap(), b"World!");
    whole(write(&file, 0, b"12345").await);
    assert_eq!(read(&file, 0).await.unwrap(), b"12345Hello, World!");
    for offset in [18, 19, 1 << 40] {
        assert_eq!(read(&file, offset).await.unwrap(), b"", "at {offset}");
    }
    refused(read(&file, u64::MAX).await, "Invalid");
    let (rest, outcome) = write(&file, u64::MAX, b"x").await;
    assert_eq!(rest, b"x");
    refused(outcome, "Invalid");
    whole(write(&file, 5_000_000_000, b"far").await);
    assert_eq!(file.stat().await.unwrap().size, 5_000_000_003);
    assert_eq!(read(&file, 4_999_999_999).await.unwrap(), b"\0far");
    remove(root, "offsets").await;
}

async fn appends(root: &Descriptor) {
    let file = fresh(root, "log").await;
    whole(append(&file, b"one ").await);
    // two streams, each at the end that the other has moved
    let (mut first, data) = wit_stream::new();
    let written = file.append_via_stream(data);
    let (mut second, data) = wit_stream::new();
    let also = file.append_via_stream(data);
    let writing = async {
        for (writer, text) in [(0, "two "), (1, "three "), (0, "four "), (1, "five")] {
            let writer = if writer == 0 { &mut first } else { &mut second };
            assert!(writer.write_all(text.into()).await.is_empty());
        }
        drop((first, second));
    };
    let (one, other, ()) = join3(written.into_future(), also.into_future(), writing).await;
    one.unwrap();
    other.unwrap();
    assert_eq!(read(&file, 0).await.unwrap(), b"one two three four five");
    remove(root, "log").await;
}

async fn lengths(root: &Descriptor) {
    let bytes = pattern(LONG);
    for length in [0, 1, 255, 4095, 4096, 4097, 65_536, 65_537, 1 << 20, LONG] {
        let file = fresh(root, "length").await;
        whole(write(&file, 0, &bytes[..length]).await);
        assert_eq!(file.stat().await.unwrap().size, length as u64);
        assert!(read(&file, 0).await.unwrap() == bytes[..length], "{length} bytes");
        if length > 100 {
            assert!(read(&file, length as u64 - 100).await.unwrap() == bytes[length - 100..length]);
        }
        remove(root, "length").await;
    }
}

/// Reads of different lengths, into memory that grows between them, go on where the last has ended.
async fn pieces(root: &Descriptor) {
    let bytes = pattern(LONG);
    let file = fresh(root, "pieces").await;
    whole(write(&file, 0, &bytes).await);
    let (mut stream, outcome) = file.read_via_stream(0);
    let mut got = Vec::new();
    let mut grown = Vec::new();
    for length in [1, 100, 4096, 5000, 65_536, 100_000, 2_000_000].into_iter().cycle() {
        grown.push(vec![1u8; length]);
        let (result, piece) = stream.read(Vec::with_capacity(length)).await;
        match result {
            StreamResult::Complete(count) => assert!(count == piece.len() && (1..=length).contains(&count)),
            StreamResult::Dropped => break,
            StreamResult::Cancelled => panic!("nobody cancelled"),
        }
        got.extend(piece);
    }
    outcome.await.unwrap();
    assert!(got == bytes);
    remove(root, "pieces").await;
}

/// Streams outlive their descriptor and the file's name, and share a file; whoever drops one is told that it went well.
async fn lives(root: &Descriptor) {
    let file = fresh(root, "lives").await;
    whole(write(&file, 0, b"0123456789").await);
    let (early, dropped) = file.read_via_stream(0);
    drop(early);
    dropped.await.unwrap();
    let (mut one, first) = file.read_via_stream(2);
    let (other, second) = file.read_via_stream(7);
    let (mut writer, data) = wit_stream::new();
    let written = file.write_via_stream(data, 7);
    drop(file);
    remove(root, "lives").await;
    let (result, bytes) = one.read(Vec::with_capacity(3)).await;
    assert_eq!((result, &bytes[..]), (StreamResult::Complete(3), &b"234"[..]));
    assert!(writer.write_all(b"xyz!".to_vec()).await.is_empty());
    drop(writer);
    written.await.unwrap();
    assert_eq!(other.collect().await, b"xyz!");
    assert_eq!(one.collect().await, b"56xyz!");
    first.await.unwrap();
    second.await.unwrap();
}

/// From one file to another, and to a stream's own file, by the host alone.
async fn copies(root: &Descriptor) {
    let bytes = pattern(LONG);
    let (from, to) = (fresh(root, "from").await, fresh(root, "to").await);
    whole(write(&from, 0, &bytes).await);
    let (stream, read_well) = from.read_via_stream(1000);
    to.write_via_stream(stream, 10).await.unwrap();
    read_well.await.unwrap();
    let copied = read(&to, 0).await.unwrap();
    assert!(copied[..10] == [0; 10] && copied[10..] == bytes[1000..]);

    // the reader's failure ends the writer well, the writer's the reader
    let (stream, read_badly) = from.read_via_stream(u64::MAX);
    to.write_via_stream(stream, 0).await.unwrap();
    refused(read_badly.await, "Invalid");
    let (stream, read_well) = from.read_via_stream(0);
    refused(to.write_via_stream(stream, u64::MAX).await, "Invalid");
    read_well.await.unwrap();
    remove(root, "from").await;
    remove(root, "to").await;
}

pub async fn copy(root: &Descriptor, from: &str, to: &str) {
    let target = open_at(root, to, OpenFlags::empty(), WRITE).await.unwrap();
    let (stream, outcome) = read_only(root, from).await.read_via_stream(0);
    target.write_via_stream(stream, 0).await.unwrap();
    outcome.await.unwrap();
}

/// What never ends holds up no timer, and ends when its guest has.
pub async fn endless(root: &Descriptor) {
    let mut copying = pin!(copy(root, "zero", "null"));
    let zero = read_only(root, "zero").await;
    let mut reading = pin!(async {
        let (mut stream, _outcome) = zero.read_via_stream(0);
        loop {
            let (result, bytes) = stream.read(Vec::with_capacity(100_000)).await;
            assert!(result == StreamResult::Complete(bytes.len()) && bytes.iter().all(|&byte| byte == 0));
        }
    });
    for _ in 0..3 {
        let both = join(copying.as_mut(), reading.as_mut());
        match futures::future::select(pin!(both), pin!(wait_for(20_000_000))).await {
            futures::future::Either::Left(_) => panic!("it has ended"),
            futures::future::Either::Right(_) => {}
        }
    }
}

async fn failures(root: &Descriptor) {
    refused(read(root, 0).await, "IsDirectory");
    for outcome in [write(root, 0, b"x").await, append(root, b"x").await] {
        assert_eq!(outcome.0, b"x");
        refused(outcome.1, "BadDescriptor");
    }
    drop(fresh(root, "closed").await);
    let reading = read_only(root, "closed").await;
    for outcome in [write(&reading, 0, b"x").await, append(&reading, b"x").await] {
        assert_eq!(outcome.0, b"x");
        refused(outcome.1, "BadDescriptor");
    }
    let writing = open_at(root, "closed", OpenFlags::empty(), WRITE).await.unwrap();
    whole(write(&writing, 0, b"x").await);
    refused(read(&writing, 0).await, "BadDescriptor");
    assert_eq!(read(&reading, 0).await.unwrap(), b"x");
    remove(root, "closed").await;
}

/// Reads and writes of nothing move nothing and end nothing.
async fn nothing(root: &Descriptor) {
    let file = fresh(root, "nothing").await;
    let (mut writer, data) = wit_stream::new();
    let written = file.write_via_stream(data, 0);
    let (result, rest) = writer.write(Vec::new()).await;
    assert_eq!((result, rest.remaining()), (StreamResult::Complete(0), 0));
    assert!(writer.write_all(b"some".to_vec()).await.is_empty());
    drop(writer);
    written.await.unwrap();
    let (mut reader, outcome) = file.read_via_stream(0);
    for _ in 0..2 {
        let (result, bytes) = reader.read(Vec::new()).await;
        assert_eq!((result, bytes.len()), (StreamResult::Complete(0), 0));
    }
    assert_eq!(reader.collect().await, b"some");
    outcome.await.unwrap();
    remove(root, "nothing").await;
}

/// Pieces twice as long each time, until the host takes one in parts.
pub async fn chunks(root: &Descriptor) {
    let file = open_at(root, "chunks", OpenFlags::CREATE, BOTH).await.unwrap();
    let (mut writer, data) = wit_stream::new();
    let mut written = 0;
    let writing = async {
        let mut length = 16;
        loop {
            let (result, rest) = writer.write(pattern(length)).await;
            assert!(matches!(result, StreamResult::Complete(_)), "{result:?}");
            written += length - rest.remaining();
            if rest.remaining() > 0 || length > 16 << 20 {
                break;
            }
            length *= 2;
        }
        drop(writer);
    };
    let (outcome, ()) = join(file.write_via_stream(data, 0).into_future(), writing).await;
    outcome.unwrap();
    let back = read(&file, 0).await.unwrap();
    assert_eq!(back.len(), written);
    let mut rest = &back[..];
    let mut length = 16;
    while !rest.is_empty() {
        let (piece, more) = rest.split_at(length.min(rest.len()));
        assert!(piece == &pattern(length)[..piece.len()]);
        rest = more;
        length *= 2;
    }
    remove(root, "chunks").await;
}

/// Opening it waits until somebody writes to it, and reading it for each piece; timers go on meanwhile.
pub async fn fifo(root: &Descriptor) {
    let mut opening = pin!(open_at(root, "fifo", OpenFlags::empty(), READ));
    for _ in 0..3 {
        let waited = pin!(wait_for(30_000_000));
        match futures::future::select(opening.as_mut(), waited).await {
            futures::future::Either::Left(_) => panic!("nobody had it open"),
            futures::future::Either::Right(_) => {}
        }
    }
    println!("waits");
    let fifo = opening.await.unwrap();
    let copy = fresh(root, "copy").await;
    let (mut reader, outcome) = fifo.read_via_stream(0);
    let (mut writer, data) = wit_stream::new();
    let copying = async {
        loop {
            let (result, bytes) = reader.read(Vec::with_capacity(10_000)).await;
            if result == StreamResult::Dropped {
                break;
            }
            assert!(writer.write_all(bytes).await.is_empty());
        }
        drop(writer);
    };
    let (written, ()) = join(copy.write_via_stream(data, 0).into_future(), copying).await;
    written.unwrap();
    outcome.await.unwrap();
}
