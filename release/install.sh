#!/bin/sh
# Installs Pollux from its releases, on Linux, macOS and in Git Bash on Windows:
#
#     curl -fsSL https://github.com/pollux-wasm/pollux/releases/latest/download/install.sh | sh
#     curl -fsSL https://github.com/pollux-wasm/pollux/releases/latest/download/install.sh | sh -s -- --version 0.1.0
#     curl -fsSL https://github.com/pollux-wasm/pollux/releases/latest/download/install.sh | sh -s -- --uninstall
#
# POLLUX_INSTALL is the folder that gets bin/pollux, and in share/ the man page and completions; without it ~/.local, where man,
# bash and fish look for theirs. POLLUX_RELEASES is the address of another server with the same files.
set -eu

releases=${POLLUX_RELEASES:-https://github.com/pollux-wasm/pollux/releases}
prefix=${POLLUX_INSTALL:-$HOME/.local}
shared='share/man/man1/pollux.1
share/bash-completion/completions/pollux
share/fish/vendor_completions.d/pollux.fish
share/zsh/site-functions/_pollux'

# What has come of a download that broke off must not run: everything is done by the last line.
main() {
  version=latest
  action=install
  while [ $# -gt 0 ]; do
    case $1 in
      --version)
        [ $# -gt 1 ] || fail "--version needs a version: --version 0.1.0"
        version=${2#v}
        shift
        ;;
      --version=*)
        version=${1#--version=}
        version=${version#v}
        ;;
      --uninstall) action=uninstall ;;
      *) fail "unknown option $1: there are --version VERSION and --uninstall" ;;
    esac
    shift
  done
  "$action"
}

fail() {
  echo "install.sh: $1" >&2
  exit 1
}

install() {
  platform=$(platform)
  name=pollux-$platform
  case $version in
    latest) from=$releases/latest/download ;;
    *) from=$releases/download/v$version ;;
  esac

  mkdir -p "$prefix" 2>/dev/null || fail "cannot make $prefix: POLLUX_INSTALL may name another folder"
  # There, so that what is downloaded takes its place by a rename, also of a program that runs.
  temporary=$(mktemp -d "$prefix/.pollux.XXXXXX" 2>/dev/null) ||
    fail "cannot write to $prefix: POLLUX_INSTALL may name another folder"
  trap 'rm -rf "$temporary"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM

  download "$from/SHA256SUMS" "$temporary/SHA256SUMS"
  expected=$(sed -n "s/^\([0-9a-f]\{64\}\)  $name\.tar\.gz\$/\1/p" "$temporary/SHA256SUMS")
  [ -n "$expected" ] || fail "the release ($version) has nothing for $platform; it has: $(platforms)"
  download "$from/$name.tar.gz" "$temporary/$name.tar.gz"
  actual=$(sha256 "$temporary/$name.tar.gz") || fail "sha256sum, shasum or openssl is needed to check the download"
  [ "$actual" = "$expected" ] ||
    fail "$from/$name.tar.gz is not what SHA256SUMS says: its sha256 is $actual, not $expected; nothing was installed"
  # From there: GNU's tar takes what stands before a colon, as in C:/Users, for the name of a host.
  (cd "$temporary" && tar -xzf "$name.tar.gz") || fail "cannot unpack $name.tar.gz"

  program=bin/pollux
  case $platform in win32-*) program=bin/pollux.exe ;; esac
  installed=$("$temporary/$name/$program" --version 2>&1) ||
    fail "the program for $platform does not run here; nothing was installed: $installed"
  for file in $program $shared; do
    mkdir -p "$prefix/${file%/*}"
    mv -f "$temporary/$name/$file" "$prefix/$file"
  done
  echo "$installed is in $prefix/$program"
  explain_path
  explain_zsh
}

uninstall() {
  removed=
  for file in bin/pollux bin/pollux.exe $shared; do
    [ -e "$prefix/$file" ] || continue
    rm -f "$prefix/$file" || fail "cannot remove $prefix/$file"
    removed=yes
    echo "removed $prefix/$file"
  done
  [ -n "$removed" ] || fail "there is no Pollux in $prefix: POLLUX_INSTALL names the folder it was installed into"
}

# As in the names of npm's packages: linux-x64, linux-x64-musl, darwin-arm64.
platform() {
  case $(uname -s) in
    Darwin) os=darwin ;;
    MINGW* | MSYS* | CYGWIN*) os=win32 ;;
    *) os=$(uname -s | tr '[:upper:]' '[:lower:]') ;;
  esac
  case $(uname -m) in
    x86_64 | amd64) cpu=x64 ;;
    aarch64 | arm64) cpu=arm64 ;;
    *) cpu=$(uname -m) ;;
  esac
  # In a shell that Rosetta translates, uname says x86_64.
  if [ "$os-$cpu" = darwin-x64 ] && [ "$(sysctl -n sysctl.proc_translated 2>/dev/null || true)" = 1 ]; then cpu=arm64; fi
  libc=
  # musl's ldd says its name, and fails.
  if [ "$os" = linux ] && (ldd --version 2>&1 || true) | grep -qi musl; then libc=-musl; fi
  echo "$os-$cpu$libc"
}

# Those that the release has.
platforms() {
  sed -n 's/^[0-9a-f]*  pollux-\(.*\)\.tar\.gz$/\1/p' "$temporary/SHA256SUMS" | tr '\n' ' ' | sed 's/ $//'
}

download() {
  if has curl; then
    set -- "$1" --fail --silent --show-error --location --output "$2"
    case $1 in https:*) set -- "$@" --proto '=https' --tlsv1.2 ;; esac
    curl "$@" || fail "cannot download $1"
  elif has wget; then
    wget -q -O "$2" "$1" || fail "cannot download $1"
  else
    fail "curl or wget is needed to download Pollux"
  fi
}

sha256() {
  if has sha256sum; then
    set -- sha256sum "$1"
  elif has shasum; then
    set -- shasum -a 256 "$1"
  elif has openssl; then
    set -- openssl dgst -sha256 -r "$1"
  else
    return 1
  fi
  "$@" | cut -c 1-64
}

has() {
  command -v "$1" >/dev/null 2>&1
}

explain_path() {
  case :$PATH: in
    *":$prefix/bin:"*)
      found=$(command -v pollux || true)
      [ "$found" = "$prefix/$program" ] || echo "another one comes before it on PATH: $found"
      return
      ;;
  esac
  echo "$prefix/bin is not on PATH; this puts it there for the shells to come:"
  case ${SHELL:-} in
    */fish) echo "    fish_add_path $prefix/bin" ;;
    */zsh) echo "    echo 'export PATH=\"$prefix/bin:\$PATH\"' >> ~/.zshrc" ;;
    */bash) echo "    echo 'export PATH=\"$prefix/bin:\$PATH\"' >> ~/.bashrc" ;;
    *) echo "    echo 'export PATH=\"$prefix/bin:\$PATH\"' >> ~/.profile" ;;
  esac
}

# The one shell that looks nowhere in ~/.local by itself.
explain_zsh() {
  case ${SHELL:-} in
    */zsh)
      echo "completions of zsh, in ~/.zshrc before compinit:"
      echo "    fpath+=($prefix/share/zsh/site-functions)"
      ;;
  esac
}

main "$@"
