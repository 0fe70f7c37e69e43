//! WASI 0.3 by the wasip3 crate. It exports two `run`s: that of 0.3, and that of 0.2, which the standard library makes of `main`.
//! Topics, by the first argument; those without a word of what they print assert inside and print nothing:
//!
//!   hello                writes a line to stdout
//!   echo N, splice N     listens on 127.0.0.1, says where, and echoes N connections, each in a task of its own: by reads and
//!                        writes, or by sending what is received, as one stream
//!   server MODE ADDRESS  the same without an end, with a tick each second; MODE timeout: by reads that a timer races
//!   client ADDRESS       four conversations with a peer (client.rs)
//!   flood ADDRESS        reads from a peer that never stops, until a timer says so
//!   tcp, udp, lookup     what the functions of wasi:sockets answer, between sockets of its own
//!   udp-echo             says where it listens, and echoes datagrams until one says "end"
//!   policy ADDRESS       a line for each thing that a policy may forbid
//!   timers, select       clocks, and reads that timers race
//!   cancel               drops what is under way, of every kind
//!   cat MODE, stdin      stdin to stdout, by MODE read or splice; stdin in pieces, by streams one after another
//!   env, error, exit N   arguments, environment and folder; to stderr, with an error from `run`; an exit status
//!   both                 stdout of 0.2 and of 0.3, in turn
//!   after                returns while a spawned task goes on
mod cancel;
mod client;
mod lookup;
mod net;
mod policy;
mod serve;
mod stdio;
mod tcp;
mod timers;
mod udp;

use wasip3::cli::environment::get_arguments;

struct Guest;

wasip3::cli::command::export!(Guest);

impl wasip3::exports::cli::run::Guest for Guest {
    async fn run() -> Result<(), ()> {
        let arguments = get_arguments();
        let words: Vec<&str> = arguments.iter().skip(1).map(String::as_str).collect();
        match words[..] {
            [] | ["hello"] => stdio::print("Hello, WASI 0.3!").await,
            [mode @ ("echo" | "splice"), ref count @ ..] => {
                let count = count.first().map_or(1, |word| word.parse().unwrap());
                serve::some(mode, count).await.unwrap();
            }
            ["server", mode, address] => return serve::forever(mode, address).await,
            ["client", address] => client::converse(net::parse(address)).await.unwrap(),
            ["flood", address] => client::flood(net::parse(address)).await.unwrap(),
            ["tcp"] => tcp::check().await,
            ["udp"] => udp::check().await,
            ["udp-echo"] => udp::echo().await.unwrap(),
            ["lookup"] => lookup::check().await,
            ["policy", address] => policy::report(net::parse(address)).await,
            ["timers"] => timers::check().await,
            ["select"] => timers::select_reads().await,
            ["cancel"] => cancel::check().await,
            ["cat", mode] => stdio::cat(mode).await,
            ["stdin"] => stdio::stdin_in_pieces().await,
            ["env"] => stdio::environment().await,
            ["error"] => return stdio::error().await,
            ["exit", code] => stdio::exit(code.parse().unwrap()),
            ["both"] => stdio::both().await,
            ["after"] => stdio::after(),
            _ => panic!("no topic {words:?}"),
        }
        Ok(())
    }
}

fn main() {
    panic!("this is the run of WASI 0.2");
}
