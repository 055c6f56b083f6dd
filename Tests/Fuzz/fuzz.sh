#!/bin/sh
# fuzz.sh SECONDS TARGET...: builds fuzzers and runs each for a while, from the top of the tree.
# Each starts from fixtures/fuzz/TARGET.hex, an input a line. What it finds becomes a file
# fixtures/fuzz/TARGET-crash-…
set -eu
seconds=$1
shift

core() {
    # shellcheck disable=SC2086
    swiftc $FLAGS $FEATURES -wmo -module-name BFDCore -emit-module \
        -emit-module-path "$OUT/BFDCore.swiftmodule" -c $(find Sources/BFDCore -name '*.swift') \
        -o "$OUT/BFDCore.o"
    # shellcheck disable=SC2086
    swiftc $FLAGS -use-ld=lld -I "$OUT" -module-name "$1Fuzz" "Tests/Fuzz/$1Fuzz.swift" \
        Tests/Fuzz/InputReader.swift "$OUT/BFDCore.o" -o "$OUT/$1"
}

daemon() {
    $BUILD
    built=$($BUILD --show-bin-path)
    maps=$(for map in "$built"/*.build/module.modulemap Sources/CNetlinkRoute/module.modulemap; do
        echo "-Xcc -fmodule-map-file=$map"
    done)
    headers=$(for folder in .build-fuzz/checkouts/*/Sources/*/include; do echo "-I $folder"; done)
    # Names of sources, and so of objects, may have blanks in them.
    find "$built/" -name '*.o' ! -path '*-tool.build/*' | sed 's/.*/"&"/' >"$OUT/objects"
    # shellcheck disable=SC2046,SC2086
    swiftc $FLAGS -use-ld=lld -I "$built/Modules" -module-name "$1Fuzz" $maps $headers \
        $(pkg-config --cflags libnl-route-3.0 | sed 's/-I/-Xcc -I/g') "Tests/Fuzz/$1Fuzz.swift" \
        "@$OUT/objects" \
        -lev $(pkg-config --libs libnl-route-3.0) -lstdc++ -o "$OUT/$1"
}

for target in "$@"; do
    case $target in
    Codec | Engine) core "$target" ;;
    Configuration | Control) daemon "$target" ;;
    *) echo "no such target: $target" >&2; exit 64 ;;
    esac
done

status=0
for target in "$@"; do
    work=$OUT/corpus-$target
    mkdir -p "$work"
    if [ -f "fixtures/fuzz/$target.hex" ]; then
        work=$work perl -ne 'chomp; open my $f, ">", "$ENV{work}/seed-$."; print $f pack "H*", $_' \
            "fixtures/fuzz/$target.hex"
    fi
    if [ "$target" = Configuration ]; then seeds=fixtures/configuration; else seeds=; fi
    echo "== $target, ${seconds} s"
    # shellcheck disable=SC2086
    ASAN_OPTIONS=symbolize=0 nice "$OUT/$target" -max_total_time="$seconds" -max_len=512 \
        -print_final_stats=1 \
        -artifact_prefix="fixtures/fuzz/$target-" "$work" $seeds 2>&1 \
        | grep -E 'ERROR|Fatal|SUMMARY|artifact|stat::|DONE' || status=1
    if ls fixtures/fuzz/"$target"-* >/dev/null 2>&1; then status=1; fi
done
exit $status
