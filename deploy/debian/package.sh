#!/bin/sh
# Packs an installed tree: package.sh TREE OUTPUT. The tree is what "make install-files" left with
# PREFIX=/usr; OUTPUT is the folder for the package. COMPRESSION is one of dpkg-deb's.
set -eu
tree=$1
output=$2
here=$(dirname "$0")
binary=$tree/usr/bin/gatewatch

install -d "$tree/DEBIAN" "$tree/etc/gatewatch" "$tree/usr/share/doc/gatewatch"
install -m 644 "$here/../gatewatch.yaml" "$tree/etc/gatewatch/gatewatch.yaml"
install -m 644 "$here/copyright" "$tree/usr/share/doc/gatewatch/copyright"
for script in postinst prerm postrm; do
    install -m 755 "$here/$script" "$tree/DEBIAN/$script"
done
gzip -9 --no-name "$tree"/usr/share/man/man1/*.1 "$tree"/usr/share/man/man8/*.8
echo /etc/gatewatch/gatewatch.yaml >"$tree/DEBIAN/conffiles"

# dpkg-shlibdeps wants a source package around it.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/debian"
cp "$here/control" "$work/debian/control"
depends=$(cd "$work" && dpkg-shlibdeps -O --ignore-missing-info "$binary" 2>/dev/null \
    | sed -n 's/^shlibs:Depends=//p')
[ -n "$depends" ] || { echo 'error: dpkg-shlibdeps found no library' >&2; exit 1; }

version=$("$binary" --version | sed 's/^gatewatch //')
{
    echo 'Package: gatewatch'
    echo "Version: $version"
    echo "Architecture: $(dpkg --print-architecture)"
    sed -n '/^Maintainer:/p; /^Section:/p; /^Priority:/p; /^Suggests:/p' "$here/control"
    echo "Installed-Size: $(du -sk --exclude=DEBIAN "$tree" | cut -f1)"
    echo "Depends: $depends"
    sed -n '/^Description:/,$p' "$here/control"
} >"$tree/DEBIAN/control"

install -d "$output"
dpkg-deb -Z"${COMPRESSION:-xz}" --root-owner-group --build "$tree" "$output" >/dev/null
echo "$output/gatewatch_${version}_$(dpkg --print-architecture).deb"
