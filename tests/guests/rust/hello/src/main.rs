//! A line, by WASI 0.2 as the standard library has it.

fn main() {
    println!("Hello, WASI!");
}
