//! `lua N`: Lua in Rust (piccolo) runs a program N times.
use piccolo::{Closure, Executor, Lua};

const PROGRAM: &str = r#"
local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
local words, sum = {}, 0
for i = 1, 20000 do words[i] = i * 7 % 1009 end
for i = 2, #words do if words[i] > words[i - 1] then sum = sum + words[i] end end
return fib(20) + sum
"#;

fn main() {
    let rounds: u32 = std::env::args().nth(1).and_then(|word| word.parse().ok()).unwrap_or(1);
    let mut lua = Lua::core();
    let mut total = 0;
    for _ in 0..rounds {
        let executor = lua
            .try_enter(|context| {
                let closure = Closure::load(context, Some("program"), PROGRAM.as_bytes())?;
                Ok(context.stash(Executor::start(context, closure.into(), ())))
            })
            .expect("the program is compiled");
        total += lua.execute::<i64>(&executor).expect("the program runs");
    }
    println!("{total}");
}
