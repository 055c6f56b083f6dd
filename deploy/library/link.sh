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
header=$here/../../Sources/CGatewatch/include/gatewatch.h
library=$folder/libgatewatch.so.0

# The linker takes out of the archive what the functions of the header need.
functions=$(sed -n 's/^[a-z].*[ *]\(gatewatch_[a-z_]*\)(.*/-Xlinker --undefined=\1/p' "$header")

mkdir -p "$folder"
# shellcheck disable=SC2086
"${SWIFTC:-swiftc}" -emit-library -static-stdlib -o "$library" $functions "$archive" \
    -Xlinker --version-script="$here/gatewatch.map" -Xlinker --no-undefined-version \
    -Xlinker -soname=libgatewatch.so.0 -Xlinker --gc-sections -Xlinker --exclude-libs=ALL \
    -Xlinker -z -Xlinker nodelete -Xlinker -z -Xlinker defs \
    $(pkg-config --libs libnl-route-3.0) -lev -lstdc++
ln -sf libgatewatch.so.0 "$folder/libgatewatch.so"
