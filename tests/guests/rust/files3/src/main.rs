//! wasi:filesystem 0.3 by the wasip3 crate, in the first directory that it is given. Topics, by the first argument; all assert
//! inside, print nothing unless they say so, and leave the directory as they found it unless they say so:
//!
//!   streams, chunks           contents of files
//!   directories, lots         what is in directories
//!   paths, metadata, times    the rest of what descriptors do
//!   both                      beside Rust's std::fs, which is 0.2's
//!   old                       the times of `old`, which was there before 1970; leaves `older`
//!   names                     a name that is no UTF-8 among others
//!   escape                    ways out of what the host planted there (tests/core/files/tree.ts)
//!   fifo                      copies `fifo`, which somebody is yet to open, to `copy`; a line when it waits
//!   copy FROM TO              from one file to another that is there, by the host alone
//!   endless                   a copy and a read that do not end, of `zero` and `null` (/dev), beside timers
//!   read2|read3|write2|write3 PATH COUNT PIECE
//!                             moves COUNT bytes by pieces through a stream of that WASI; a line: how many, how long
//!   list2|list3 PATH          a line: how many entries are in a directory, how long
mod bench;
mod directories;
mod metadata;
mod paths;
mod root;
mod streams;
mod times;

use wasip3::cli::environment::get_arguments;

struct Guest;

wasip3::cli::command::export!(Guest);

impl wasip3::exports::cli::run::Guest for Guest {
    async fn run() -> Result<(), ()> {
        let arguments = get_arguments();
        let words: Vec<&str> = arguments.iter().skip(1).map(String::as_str).collect();
        let root = root::open();
        match words[..] {
            ["streams"] => streams::check(&root).await,
            ["chunks"] => streams::chunks(&root).await,
            ["directories"] => directories::check(&root).await,
            ["lots"] => directories::lots(&root).await,
            ["names"] => directories::names(&root).await,
            ["paths"] => paths::check(&root).await,
            ["escape"] => paths::escape(&root).await,
            ["metadata"] => metadata::check(&root).await,
            ["both"] => metadata::both(&root).await,
            ["times"] => times::check(&root).await,
            ["old"] => times::old(&root).await,
            ["fifo"] => streams::fifo(&root).await,
            ["copy", from, to] => streams::copy(&root, from, to).await,
            ["endless"] => streams::endless(&root).await,
            ["read2", path, count, piece] => bench::read2(path, number(count), number(piece) as usize),
            ["read3", path, count, piece] => bench::read3(&root, path, number(count), number(piece) as usize).await,
            ["write2", path, count, piece] => bench::write2(path, number(count), number(piece) as usize),
            ["write3", path, count, piece] => bench::write3(&root, path, number(count), number(piece) as usize).await,
            ["list2", path] => bench::list2(path),
            ["list3", path] => bench::list3(&root, path).await,
            _ => panic!("no topic {words:?}"),
        }
        Ok(())
    }
}

fn number(text: &str) -> u64 {
    text.parse().unwrap()
}

fn main() {
    panic!("this is the run of WASI 0.2");
}
