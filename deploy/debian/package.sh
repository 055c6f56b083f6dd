#!/bin/sh
# Packs an installed tree: package.sh TREE OUTPUT. The tree is what "make install-files" left with
# PREFIX=/usr, and "make install-library" if the library is to be packed, too; OUTPUT is the folder
# for the packages, whose paths are printed. COMPRESSION is one of dpkg-deb's.
set -eu
tree=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$2"
output=$(cd "$2" && pwd)
version=$("$tree/usr/bin/gatewatch" --version | sed 's/^gatewatch //')
architecture=$(dpkg --print-architecture)

# dpkg-shlibdeps wants a source package around it.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/debian"
cp "$here/control" "$work/debian/control"

# What a binary needs, as packages.
needed_by() {
    found=$(cd "$work" && dpkg-shlibdeps -O --ignore-missing-info "$1" 2>/dev/null \
        | sed -n 's/^shlibs:Depends=//p')
    [ -n "$found" ] || { echo "error: dpkg-shlibdeps found no library for $1" >&2; exit 1; }
    echo "$found"
}

# move TREE PATH...: from the whole into a package of its own.
move() {
    into=$1
    shift
    for path in "$@"; do
        install -d "$into/$(dirname "$path")"
        mv "$tree/$path" "$into/$path"
    done
    find "$tree" -mindepth 1 -type d -empty -delete
}

# pack NAME TREE [DEPENDS]
pack() {
    install -d "$2/DEBIAN" "$2/usr/share/doc/$1"
    install -m 644 "$here/copyright" "$2/usr/share/doc/$1/copyright"
    if [ -d "$2/usr/share/man" ]; then
        find "$2/usr/share/man" -type f -exec gzip -9 --no-name {} +
    fi
    {
        awk -v RS= -v start="Package: $1" 'index($0, start "\n") == 1' "$here/control" \
            | sed "s/^Architecture: .*/Architecture: $architecture/
                s/\${shlibs:Depends}/${3:-}/
                s/\${binary:Version}/$version/"
        [ "$1" = gatewatch ] || echo 'Source: gatewatch'
        echo "Version: $version"
        sed -n '/^Maintainer:/p; /^Priority:/p' "$here/control"
        echo "Installed-Size: $(du -sk --exclude=DEBIAN "$2" | cut -f1)"
    } >"$2/DEBIAN/control"
    dpkg-deb -Z"${COMPRESSION:-xz}" --root-owner-group --build "$2" "$output" >/dev/null
    echo "$output/${1}_${version}_$architecture.deb"
}

if [ -e "$tree/usr/lib/libgatewatch.so.0" ]; then
    move "$work/library" usr/lib/libgatewatch.so.0
    move "$work/development" usr/lib/libgatewatch.so usr/include/gatewatch.h \
        usr/lib/pkgconfig/gatewatch.pc usr/share/man/man3/gatewatch.3
    install -d "$work/library/DEBIAN"
    echo "libgatewatch 0 libgatewatch0 (>= $version)" >"$work/library/DEBIAN/shlibs"
    echo 'activate-noawait ldconfig' >"$work/library/DEBIAN/triggers"
    needs=$(needed_by "$work/library/usr/lib/libgatewatch.so.0")
    pack libgatewatch0 "$work/library" "$needs"
    pack libgatewatch-dev "$work/development"
fi

needs=$(needed_by "$tree/usr/bin/gatewatch")
install -d "$tree/DEBIAN" "$tree/etc/gatewatch"
install -m 644 "$here/../gatewatch.yaml" "$tree/etc/gatewatch/gatewatch.yaml"
echo /etc/gatewatch/gatewatch.yaml >"$tree/DEBIAN/conffiles"
for script in postinst prerm postrm; do
    install -m 755 "$here/$script" "$tree/DEBIAN/$script"
done
pack gatewatch "$tree" "$needs"
