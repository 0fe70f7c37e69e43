#!/bin/sh
# Rebuilds every guest from its source. The .wasm files are committed: the tests do not need this script.
#
#   tests/guests/build.sh            all of them
#   tests/guests/build.sh tcpecho    those named
#
# Needs clang 19 and lld 19 with wasi-libc and compiler-rt for wasm32 (Debian: clang-19 lld-19 wasi-libc
# libclang-rt-19-dev-wasm32), wit-bindgen 0.63 and wasm-tools 1.263 (cargo install wit-bindgen-cli wasm-tools), and the WIT and
# the preview1 adapter that @bytecodealliance/jco ships (npm ci).
#
#   NAME.c    a guest that exports wasi:cli/run, over the generated bindings and lib/; NAME may be a path below this folder.
#             Those named http/serve* export wasi:http/incoming-handler instead
#   NAME.core.wat  a core module of such a guest in text
#   traps     core modules that trap, with and without DWARF
#   NAME.wat  a component in text, for what no C compiler would write
set -eu
cd "$(dirname "$0")"
PATH=$PATH:$HOME/.cargo/bin
jco=../../node_modules/@bytecodealliance/jco/lib
version=0.2.12

# Bindings, in short names: tcp_method_tcp_socket_start_bind, not wasi_sockets_tcp_method_tcp_socket_start_bind.
renames=
for interface in \
  cli/environment cli/exit cli/stdin cli/stdout cli/stderr cli/terminal-stdin cli/terminal-stdout cli/terminal-stderr \
  io/error io/poll io/streams clocks/monotonic-clock clocks/wall-clock random/random random/insecure random/insecure-seed \
  sockets/network sockets/instance-network sockets/tcp sockets/tcp-create-socket sockets/udp sockets/udp-create-socket \
  sockets/ip-name-lookup http/outgoing-handler; do
  renames="$renames --rename wasi:$interface@$version=$(basename "$interface" | tr - _)"
done
renames="$renames --rename wasi:filesystem/types@$version=files --rename wasi:filesystem/preopens@$version=preopens"
renames="$renames --rename wasi:http/types@$version=http"

# prepare WORLD: $out gets its bindings and lib/, compiled. Its types have the same names whatever the world.
prepare() {
  out=build/$1
  cc="clang-19 --target=wasm32-wasi --sysroot=/usr -std=c17 -Wall -Wextra -Werror -O2 -ffunction-sections -fdata-sections -I$out -Ilib"
  if [ -f "$out/made-by-$$" ]; then return; fi
  rm -rf "$out"
  mkdir -p "$out/wit"
  cp wit/world.wit "$out/wit/"
  cp -r "$jco/wit/builtin/$version" "$out/wit/deps"
  # shellcheck disable=SC2086
  wit-bindgen c "$out/wit" --features informational-outbound-responses --world "$1" --rename-world guest --out-dir "$out" $renames >/dev/null 2>&1
  for source in "$out/guest.c" lib/*.c; do
    $cc -c "$source" -o "$out/$(basename "$source" .c).o"
  done
  touch "$out/made-by-$$"
}

# The same with wasi:config, which jco has no WIT of; no bindings.
prepare_config() {
  out=build/config-server
  rm -rf "$out"
  mkdir -p "$out/wit"
  cp wit/config-server.wit "$out/wit/"
  cp -r "$jco/wit/builtin/$version" "$out/wit/deps"
  cp -r wit/wasi-config "$out/wit/deps/"
}

build_core() {
  case $1 in
    http/serve-config) prepare_config ;;
    *) prepare server ;;
  esac
  wasm-tools component embed --features informational-outbound-responses "$out/wit" --world "$(basename "$out")" "$1.core.wat" -o "$out/core.wasm"
  wasm-tools component new "$out/core.wasm" | wasm-tools strip -a -o "$1.wasm"
}

# Core modules with DWARF of two versions, with names alone, and stripped. Their paths are those of no machine. Without jco's
# wasm-opt on PATH, which clang would run, and which moves code but not its DWARF.
build_traps() (
  cd traps
  PATH=/usr/bin:/bin
  trapping() {
    clang-19 --target=wasm32 -nostdlib -Wl,--no-entry -ffile-compilation-dir=/guest inlined.c "$@"
  }
  for level in 0 2; do
    for dwarf in 4 5; do
      trapping -O$level -g -gdwarf-$dwarf -o inlined-O$level-dwarf$dwarf.wasm
    done
  done
  trapping -O0 -g -Wl,--strip-debug -o names.wasm
  trapping -O0 -Wl,--strip-all -o stripped.wasm
  chmod 644 ./*.wasm
)

build_c() {
  case $1 in
    http/serve*) prepare server ;;
    *) prepare guest ;;
  esac
  # A folder of its name has the rest of it.
  $cc -s -mexec-model=reactor -Wl,--gc-sections "$1.c" $(ls "$1"/*.c 2>/dev/null) "$out"/*.o -o "$out/core.wasm"
  wasm-tools component new "$out/core.wasm" --adapt "wasi_snapshot_preview1=$jco/wasi_snapshot_preview1.reactor.wasm" -o "$1.wasm"
}

[ $# -gt 0 ] || set -- traps $(ls ./*.c ./*.wat behaviour/*.c replay/*.c udp/*.c faults/*.c http/*.c http/*.wat 2>/dev/null | sed 's/\.core\.wat$//; s/\.[a-z]*$//' | sort -u)
for guest in "$@"; do
  guest=${guest#./}
  if [ "$guest" = traps ]; then
    build_traps
    continue
  fi
  if [ -f "$guest.c" ]; then
    build_c "$guest"
  elif [ -f "$guest.core.wat" ]; then
    build_core "$guest"
  else
    wasm-tools parse "$guest.wat" -o "$guest.wasm"
  fi
  echo "$guest.wasm: $(wc -c <"$guest.wasm") bytes"
done
