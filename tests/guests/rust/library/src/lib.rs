//! A component for programs that host it by the library: it exports async functions, streams, futures and a resource, and imports
//! the same of its host.
mod counter;
mod events;

use exports::pollux::library::guest::{Guest, Point};
use futures::future;
use pollux::library::host;
use pollux::library::types::Failure;
use wit_bindgen::{FutureReader, StreamReader, StreamResult, spawn_local};

wit_bindgen::generate!({ path: "wit" });

struct Library;

export!(Library);

/// All that comes, in pieces of at most so many items.
async fn read<T>(reader: &mut StreamReader<T>, most: usize) -> Option<Vec<T>> {
    let (result, items) = reader.read(Vec::with_capacity(most)).await;
    if items.is_empty() && result == StreamResult::Dropped {
        return None;
    }
    Some(items)
}

async fn length(mut bytes: StreamReader<u8>) -> u64 {
    let mut length = 0;
    while let Some(piece) = read(&mut bytes, 4096).await {
        length += piece.len() as u64;
    }
    length
}

impl Guest for Library {
    type Counter = counter::Counter;

    async fn double(n: u32) -> u32 {
        2 * host::later(n).await
    }

    async fn ask(n: u32) -> Result<String, String> {
        host::answer(n).await.map_err(|failure| match failure {
            Failure::Missing(what) => format!("no {what}"),
            Failure::Busy => "busy".to_string(),
        })
    }

    fn clock() -> u32 {
        host::now()
    }

    async fn length(bytes: StreamReader<u8>) -> u64 {
        length(bytes).await
    }

    async fn sum(mut points: StreamReader<Point>) -> Point {
        let mut sum = Point { x: 0, y: 0, label: None };
        while let Some(some) = read(&mut points, 3).await {
            for point in some {
                sum.x += point.x;
                sum.y += point.y;
                if let Some(label) = point.label {
                    sum.label.get_or_insert_default().push_str(&label);
                }
            }
        }
        sum
    }

    async fn first(mut words: StreamReader<String>, count: u32) -> Vec<String> {
        let mut first = Vec::new();
        while first.len() < count as usize {
            match read(&mut words, 1).await {
                Some(mut some) => first.append(&mut some),
                None => break,
            }
        }
        first
    }

    async fn upper(mut bytes: StreamReader<u8>) -> StreamReader<u8> {
        let (mut writer, reader) = wit_stream::new();
        spawn_local(async move {
            while let Some(piece) = read(&mut bytes, 4096).await {
                if !writer.write_all(piece.to_ascii_uppercase()).await.is_empty() {
                    return;
                }
            }
        });
        reader
    }

    async fn text(n: FutureReader<u32>) -> (FutureReader<String>, bool) {
        let (writer, reader) = wit_future::new(|| unreachable!());
        spawn_local(async move {
            let text = n.await.to_string();
            // nobody may want it
            let _ = writer.write(text).await;
        });
        (reader, true)
    }

    async fn ignore(_: FutureReader<u32>) {}

    async fn through(
        bytes: StreamReader<u8>,
        points: StreamReader<Point>,
        n: FutureReader<u32>,
    ) -> (StreamReader<u8>, StreamReader<Point>, FutureReader<u32>) {
        (bytes, points, n)
    }

    async fn relay() -> Result<u64, String> {
        let (bytes, end) = host::open();
        let length = length(bytes).await;
        end.await.map(|()| length)
    }

    async fn things() -> u32 {
        let mut things = host::things();
        let mut sum = 0;
        while let Some(some) = read(&mut things, 2).await {
            for thing in some {
                sum += thing.number().await;
            }
        }
        sum
    }

    async fn give(count: u32) -> u64 {
        let (mut writer, reader) = wit_stream::new();
        let write = async {
            let rest = writer.write_all((0..count).map(|i| i as u8).collect()).await;
            drop(writer);
            rest.len()
        };
        let (taken, rest) = future::join(host::take(reader), write).await;
        assert_eq!(taken + rest as u64, count as u64);
        taken
    }

    async fn give_points(points: Vec<Point>) -> u32 {
        let (mut writer, reader) = wit_stream::new();
        let taken = host::take_points(reader);
        let write = async {
            writer.write_all(points).await;
            drop(writer);
        };
        future::join(taken.into_future(), write).await.0
    }

    async fn pulled() -> u32 {
        events::pulled().await
    }

    fn push(n: u32) {
        events::push(n);
    }

    async fn forever() {
        events::until_cancelled().await;
    }

    fn cancelled() -> u32 {
        events::cancelled()
    }

    async fn stubborn(n: u32) -> u32 {
        host::later(n).await
    }

    async fn fail() {
        panic!("as it was asked to");
    }
}
