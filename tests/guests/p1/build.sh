#!/bin/sh
# Rebuilds the wasip1 guests in C, core modules over wasi-libc: each NAME.c here into NAME.wasm, which is committed.
#
# Needs clang 19 and lld 19 with wasi-libc and compiler-rt for wasm32 (Debian: clang-19 lld-19 wasi-libc
# libclang-rt-19-dev-wasm32).
set -eu
cd "$(dirname "$0")"
for source in *.c; do
  name=${source%.c}
  clang-19 --target=wasm32-wasi --sysroot=/usr -std=gnu17 -Wall -Wextra -Werror -Os -s "$source" -o "$name.wasm"
  echo "$name.wasm: $(wc -c <"$name.wasm") bytes"
done
