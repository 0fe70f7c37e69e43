//! wasi:cli
use futures::future::join;
use std::io::Write;
use wasip3::cli::environment::{get_arguments, get_environment, get_initial_cwd};
use wasip3::cli::types::ErrorCode;
use wasip3::cli::{exit, stderr, stdin, stdout};
use wasip3::clocks::monotonic_clock::wait_for;
use wasip3::wit_bindgen::{FutureReader, StreamReader, StreamResult, spawn_local};
use wasip3::wit_stream;

type Outcome = FutureReader<Result<(), ErrorCode>>;

pub async fn print(line: &str) {
    write(line, stdout::write_via_stream).await;
}

pub async fn print_error(line: &str) {
    write(line, stderr::write_via_stream).await;
}

async fn write(line: &str, to: fn(StreamReader<u8>) -> Outcome) {
    let (mut writer, reader) = wit_stream::new();
    let written = to(reader);
    let rest = writer.write_all(format!("{line}\n").into_bytes()).await;
    assert!(rest.is_empty());
    drop(writer);
    written.await.unwrap();
}

pub async fn cat(mode: &str) {
    let (mut reader, read) = stdin::read_via_stream();
    if mode == "splice" {
        stdout::write_via_stream(reader).await.unwrap();
    } else {
        let (mut writer, data) = wit_stream::new();
        let copy = async {
            loop {
                let (result, bytes) = reader.read(Vec::with_capacity(1000)).await;
                if result == StreamResult::Dropped {
                    break;
                }
                assert!(writer.write_all(bytes).await.is_empty());
            }
            drop(writer);
        };
        let (written, ()) = join(stdout::write_via_stream(data).into_future(), copy).await;
        written.unwrap();
    }
    read.await.unwrap();
}

/// Streams that are asked for one after another go on where the last was left.
pub async fn stdin_in_pieces() {
    for piece in [&b"01"[..], b"23456", b"789"] {
        let (mut reader, read) = stdin::read_via_stream();
        let mut bytes = Vec::new();
        while bytes.len() < piece.len() {
            let (result, more) = reader.read(Vec::with_capacity(piece.len() - bytes.len())).await;
            assert_ne!(result, StreamResult::Dropped);
            bytes.extend(more);
        }
        assert_eq!(bytes, piece);
        drop(reader);
        read.await.unwrap();
    }
    let (reader, read) = stdin::read_via_stream();
    assert!(reader.collect().await.is_empty());
    read.await.unwrap();
}

pub async fn environment() {
    print(&format!("{:?}", get_arguments())).await;
    let mut variables = get_environment();
    variables.sort();
    for (name, value) in variables {
        print(&format!("{name}={value}")).await;
    }
    print(&format!("{:?}", get_initial_cwd())).await;
}

pub async fn error() -> Result<(), ()> {
    print_error("to stderr").await;
    Err(())
}

pub fn exit(code: u8) {
    exit::exit_with_code(code);
}

pub async fn both() {
    for i in 0..3 {
        println!("0.2: {i}");
        std::io::stdout().flush().unwrap();
        print(&format!("0.3: {i}")).await;
    }
}

/// The process ends with `run`: what was spawned does not hold it up.
pub fn after() {
    spawn_local(async {
        print("from a task").await;
        wait_for(3_600_000_000_000).await;
        print("never").await;
    });
}
