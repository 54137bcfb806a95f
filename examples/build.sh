#!/bin/sh
# Rebuilds the examples with the build line of each orb.yaml.
#   build.sh [NAME...]           in place
#   build.sh --check [NAME...]   copies elsewhere, twice, and compares with what is committed
# Exit code: 0 built or equal, 1 failed or different, 3 a compiler is missing for one; the others are checked.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
check=no
if [ "${1:-}" = --check ]; then
  check=yes
  shift
fi

# AssemblyScript of the console's own packages, where they are installed. For it alone: beside it is a
# wasm-opt, which clang would run.
asc_path=$PATH:$here/../orb-console/node_modules/.bin

field() { sed -n "s/^$2: *//p" "$1/orb.yaml"; }

# Says what a build line needs and this machine does not have; true if there is such.
lacks() {
  line=$(field "$1" build)
  case $line in
    *clang++*) needed=/usr/lib/wasm32-wasi/libc++.a packages="libc++-14-dev-wasm32 libc++abi-14-dev-wasm32" ;;
    *--target=wasm32-wasi*) needed=/usr/lib/wasm32-wasi/libc.a packages="wasi-libc libclang-rt-14-dev-wasm32" ;;
    *rustc*) needed=/usr/lib/rustlib/wasm32-unknown-unknown packages="rustc libstd-rust-dev-wasm32" ;;
    "asc "*) needed=$(PATH=$asc_path command -v asc || echo asc) packages="npm; npm install --global assemblyscript@0.28.20" ;;
    *) needed=$(command -v wasm-ld || echo wasm-ld) packages="clang lld" ;;
  esac
  [ ! -e "$needed" ] || return 1
  echo "build.sh: $1 needs $needed: apt-get install $packages" >&2
}

build() (
  cd "$1"
  line=$(field . build)
  case $line in "asc "*) PATH=$asc_path ;; esac
  sh -c "$line"
  chmod 644 "$(field . artefact)"
)

if [ $# -eq 0 ]; then
  set -- $(cd "$here" && grep -l '^build:' */orb.yaml | xargs -n 1 dirname)
fi

if [ $check = no ]; then
  for name in "$@"; do
    ! lacks "$here/$name" || exit 3
    build "$here/$name"
    echo "built $name/$(field "$here/$name" artefact)"
  done
  exit 0
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
different=0
skipped=0
for name in "$@"; do
  if lacks "$here/$name"; then
    skipped=3
    continue
  fi
  equal=yes
  artefact=$(field "$here/$name" artefact)
  for place in first "second folder/deeper"; do
    mkdir -p "$scratch/$place"
    cp -R "$here/$name" "$scratch/$place/"
    rm "$scratch/$place/$name/$artefact"
    build "$scratch/$place/$name"
    if ! cmp "$scratch/$place/$name/$artefact" "$here/$name/$artefact"; then equal=no; fi
  done
  if [ $equal = yes ]; then echo "$name/$artefact is what its sources give"; else different=1; fi
done
[ $different = 0 ] || exit 1
exit $skipped
