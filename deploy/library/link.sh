#!/bin/sh
# Makes libgatewatch.so.0 out of the archive that "swift build --product GatewatchABI" leaves.
#
#     link.sh libGatewatchABI.a FOLDER
#
# Swift's own libraries go in, so that a C program needs libgatewatch and the C library only; of
# what comes along, nothing is visible but the functions of gatewatch.h.
set -eu

archive=$1
folder=$2
here=$(dirname "$0")
library=$folder/libgatewatch.so.0
objects=$folder/objects.o

mkdir -p "$folder"
trap 'rm -f "$objects" "$folder"/main.autolink' EXIT
# One object, for a static standard library has the linker hide what comes out of archives.
ld --relocatable --whole-archive "$archive" -o "$objects"

"${SWIFTC:-swiftc}" -emit-library -static-stdlib -use-ld=lld -o "$library" "$objects" \
    -Xlinker --version-script="$here/gatewatch.map" -Xlinker --no-undefined-version \
    -Xlinker -soname=libgatewatch.so.0 -Xlinker --gc-sections -Xlinker --strip-debug \
    -Xlinker -z -Xlinker nodelete -Xlinker -z -Xlinker defs \
    -lFoundationEssentials -l_FoundationCollections -l_FoundationCShims \
    $(pkg-config --libs libnl-route-3.0) -lev -lstdc++
ln -sf libgatewatch.so.0 "$folder/libgatewatch.so"
