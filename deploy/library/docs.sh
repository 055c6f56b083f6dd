#!/bin/sh
# Renders the documentation of the library out of a build, and fails where anything is amiss.
#
#     docs.sh BUILD FOLDER
set -eu

build=$1
folder=$2
tree=$(dirname "$0")/../..
target="$(uname -m)-unknown-linux-gnu"

rm -rf "$folder"
for module in Gatewatch BFDDriver BFDCore RouteController RouteCore; do
    symbols=$folder/symbols/$module
    mkdir -p "$symbols"
    ${SWIFT:-swift} symbolgraph-extract -module-name "$module" -target "$target" \
        -minimum-access-level public -skip-synthesized-members \
        -output-dir "$symbols" -I "$build/Modules" \
        -Xcc "-fmodule-map-file=$build/CLinux.build/module.modulemap" \
        -Xcc "-fmodule-map-file=$build/CEv.build/module.modulemap" \
        -Xcc "-fmodule-map-file=$tree/Sources/CNetlinkRoute/module.modulemap" \
        $(pkg-config --cflags-only-I libnl-route-3.0 | sed 's/-I/-Xcc -I/g')
    # Its own articles, where it has some.
    catalogue=$tree/Sources/$module/$module.docc
    test -d "$catalogue" || catalogue=
    ${DOCC:-docc} convert $catalogue --warnings-as-errors \
        --fallback-display-name "$module" --fallback-bundle-identifier "$module" \
        --additional-symbol-graph-dir "$symbols" --output-path "$folder/$module.doccarchive"
done
