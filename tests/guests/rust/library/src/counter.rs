use std::cell::Cell;

use wit_bindgen::{StreamReader, spawn_local};

use crate::exports::pollux::library::guest::GuestCounter;
use crate::pollux::library::host;
use crate::wit_stream;

pub struct Counter {
    at: Cell<u32>,
}

impl GuestCounter for Counter {
    fn new(start: u32) -> Self {
        Counter { at: Cell::new(start) }
    }

    async fn next(&self) -> u32 {
        let n = host::later(self.at.get()).await;
        self.at.set(n + 1);
        n
    }

    async fn all(&self) -> StreamReader<u32> {
        let (mut writer, reader) = wit_stream::new();
        let mut at = self.at.get();
        spawn_local(async move {
            while writer.write_one(at).await.is_none() {
                at += 1;
            }
        });
        reader
    }
}
