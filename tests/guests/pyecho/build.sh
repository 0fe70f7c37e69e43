#!/bin/sh
# Builds tests/guests/build/pyecho.wasm (21 MB, not committed) with PyPI's componentize-py, unless it is newer than its sources.
# Needs python3 with venv, and the network the first time; ends with status 77 where there is no python3.
set -eu
cd "$(dirname "$0")"
out=../build
wasm=$out/pyecho.wasm
componentize=0.25.1

command -v python3 >/dev/null || exit 77
if [ "$wasm" -nt app.py ] && [ "$wasm" -nt build.sh ]; then exit 0; fi

venv=$out/componentize-py-$componentize
if [ ! -x "$venv/bin/componentize-py" ]; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check "componentize-py==$componentize"
fi

wit=$out/py-wit
rm -rf "$wit"
mkdir -p "$wit"
cp ../wit/world.wit "$wit/"
cp -r ../../../node_modules/@bytecodealliance/jco/lib/wit/builtin/0.2.12 "$wit/deps"
# A name of its own until it is whole: two test runs may build at once.
"$venv/bin/componentize-py" --quiet -d "$wit" -w guest componentize app -o "$wasm.$$"
mv "$wasm.$$" "$wasm"
