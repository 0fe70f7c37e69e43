#!/bin/sh
# Builds tests/guests/build/NAME.wasm (21 MB, not committed) from tests/guests/NAME/app.py with PyPI's componentize-py, unless it
# is newer than its sources:  tests/guests/pyecho/build.sh [NAME]  (pyecho).
# with the packages of its requirements.txt, if it has one. Needs python3 with venv, and the network the first time; ends with
# status 77 where there is no python3.
set -eu
name=${1:-pyecho}
cd "$(dirname "$0")/../$name"
out=../build
wasm=$out/$name.wasm
componentize=0.25.1

command -v python3 >/dev/null || exit 77
if [ "$wasm" -nt app.py ] && [ "$wasm" -nt ../pyecho/build.sh ]; then exit 0; fi

# Several test files may find it missing at once: one builds, the others wait for it. The lock is given back by the end of the
# process, however it ends.
if [ -z "${POLLUX_BUILD_LOCK:-}" ]; then
  mkdir -p "$out"
  exec env POLLUX_BUILD_LOCK=held python3 -c '
import fcntl, os, sys
lock = os.open(sys.argv[1], os.O_CREAT | os.O_RDWR)
fcntl.flock(lock, fcntl.LOCK_EX)
os.set_inheritable(lock, True)
os.execvp("sh", ["sh", *sys.argv[2:]])' "$out/componentize-py.lock" ../pyecho/build.sh "$name"
fi

venv=$out/componentize-py-$componentize
if [ ! -x "$venv/bin/componentize-py" ]; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check "componentize-py==$componentize"
fi

packages=$out/$name-packages
rm -rf "$packages"
mkdir -p "$packages"
if [ -f requirements.txt ]; then
  "$venv/bin/pip" install --quiet --disable-pip-version-check --no-compile --target "$packages" -r requirements.txt
fi

# A guest with a world of its own is one of WASI 0.3. Those that answer requests export a handler.
case $name in pyserve*) exports=server ;; *) exports=command ;; esac
world=../wit/world.wit version=0.2.12
if [ -f world.wit ]; then world=world.wit version=0.3.0; fi
wit=$out/$name-wit
rm -rf "$wit"
mkdir -p "$wit"
cp "$world" "$wit/"
cp -r "../../../node_modules/@bytecodealliance/jco/lib/wit/builtin/$version" "$wit/deps"
# A name of its own until it is whole: it may be interrupted.
"$venv/bin/componentize-py" --quiet -d "$wit" -w "$exports" componentize -p . -p "$packages" app -o "$wasm.$$"
mv "$wasm.$$" "$wasm"
