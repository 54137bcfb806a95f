#!/bin/sh
# Rebuilds the examples with the build line of each orb.yaml.
#   build.sh [NAME...]           in place
#   build.sh --check [NAME...]   copies elsewhere, twice, and compares with what is committed
# Exit code: 0 built or equal, 1 failed or different, 3 the compiler is missing.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
check=no
if [ "${1:-}" = --check ]; then
  check=yes
  shift
fi

if ! command -v clang >/dev/null || ! command -v wasm-ld >/dev/null; then
  echo "build.sh: clang and wasm-ld are missing:" \
    "apt-get install clang lld wasi-libc libclang-rt-14-dev-wasm32" >&2
  exit 3
fi

field() { sed -n "s/^$2: *//p" "$1/orb.yaml"; }

build() (
  cd "$1"
  sh -c "$(field . build)"
  chmod 644 "$(field . artefact)"
)

if [ $# -eq 0 ]; then
  set -- $(cd "$here" && grep -l '^build:' */orb.yaml | xargs -n 1 dirname)
fi

if [ $check = no ]; then
  for name in "$@"; do
    build "$here/$name"
    echo "built $name/$(field "$here/$name" artefact)"
  done
  exit 0
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
different=0
for name in "$@"; do
  artefact=$(field "$here/$name" artefact)
  for place in first "second folder/deeper"; do
    mkdir -p "$scratch/$place"
    cp -R "$here/$name" "$scratch/$place/"
    rm "$scratch/$place/$name/$artefact"
    build "$scratch/$place/$name"
    if ! cmp "$scratch/$place/$name/$artefact" "$here/$name/$artefact"; then different=1; fi
  done
  [ $different = 1 ] || echo "$name/$artefact is what its sources give"
done
exit $different
