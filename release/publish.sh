#!/bin/sh
# Publishes the npm packages: release/publish.sh FOLDER, of tarballs that `npm pack` made. Those of the machines come first, or
# `pollux` would name packages that are not there yet. One that is published already is passed over, so that a release that broke
# off goes on. In GitHub Actions npm proves by its id token who publishes, and that the package was built there.
set -eu
cd "$1"

publish() {
  id=$(tar -xzOf "$1" package/package.json |
    node -p 'const { name, version } = JSON.parse(require("fs").readFileSync(0)); name + "@" + version')
  if [ -n "$(npm view "$id" version 2>/dev/null || true)" ]; then
    echo "$id is published already"
    return
  fi
  case ${id##*@} in
    *-*) tag=next ;;
    *) tag=latest ;;
  esac
  npm publish --provenance --access public --tag "$tag" "./$1"
}

for tarball in pollux-[!0-9]*.tgz pollux-[0-9]*.tgz; do publish "$tarball"; done
