#!/bin/sh
# sanitize.sh leak|address|thread ARCHIVE FOLDER: links the programs of this folder with a library
# that was compiled for that sanitizer, and runs them in a network namespace of their own (as root).
# Ends with what was found, if anything was. First each sanitizer is shown something to find.
#
# A leak is looked for in the library as it is installed, whose ARCHIVE is for no sanitizer.
set -eu
kind=$1
archive=$2
folder=$3
here=$(cd "$(dirname "$0")" && pwd)
header=$here/../../../Sources/CGatewatch/include
namespace=gwt-sanitize-$$
mkdir -p "$folder"

ip netns add "$namespace"
trap 'ip netns delete "$namespace"' EXIT
trap 'exit 130' INT TERM
ip -n "$namespace" link set lo up

also=

compile() {
    clang -std=c11 -D_GNU_SOURCE -g -O1 -fsanitize="$kind" -I"$header" \
        -c "$here/$1.c" -o "$folder/$1.o"
}

make_program() {
    compile "$1"
    if [ "$kind" = leak ]; then
        clang -fsanitize=leak -o "$folder/$1" "$folder/$1.o" -L"${archive%/*}" -lgatewatch \
            -Wl,-rpath,"${archive%/*}"
    else
        # shellcheck disable=SC2046,SC2086
        "${SWIFTC:-swiftc}" -sanitize="$kind" -use-ld=lld -o "$folder/$1" "$folder/$1.o" $also \
            -Xlinker --whole-archive "$archive" -Xlinker --no-whole-archive \
            $(pkg-config --libs libnl-route-3.0) -lev -lstdc++
    fi
}

run() {
    echo "== $kind: $*"
    program=$1
    shift
    ip netns exec "$namespace" "$folder/$program" "$@"
}

# What is there to be found is found, or nothing that comes after it means anything.
must_find() {
    if run "$@" >"$folder/found" 2>&1; then
        cat "$folder/found"
        echo "error: $kind finds nothing where there is something" >&2
        exit 1
    fi
    grep -m 1 "Sanitizer: " "$folder/found"
}

case $kind in
leak)
    make_program cycles
    must_find cycles 1 forget
    run cycles "${CYCLES:-10000}"
    # Once more as it is, for only the C library's own heap counts its octets.
    clang -std=c11 -D_GNU_SOURCE -I"$header" -o "$folder/plain" "$here/cycles.c" \
        -L"${archive%/*}" -lgatewatch -Wl,-rpath,"${archive%/*}"
    run plain "${CYCLES:-10000}"
    ;;
address)
    # What is freed is kept back only for a while, for the resident memory is looked at, too.
    export ASAN_OPTIONS=quarantine_size_mb=1:thread_local_quarantine_size_kb=16
    for program in defect pure threads cycles; do make_program "$program"; done
    must_find defect
    run pure
    run threads 100
    run cycles 500
    ;;
thread)
    export TSAN_OPTIONS=history_size=4
    compile visible
    also=$folder/visible.o
    for program in threads cycles; do make_program "$program"; done
    must_find threads 20 broken
    run threads "${TURNS:-300}"
    run cycles 200
    ;;
*)
    echo "no such sanitizer: $kind" >&2
    exit 64
    ;;
esac
