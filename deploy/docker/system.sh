#!/bin/sh
# system.sh OUT LIST: in OUT a root with nothing but Node, the shared libraries that it and the native modules are linked to, and two
# users. No shell, no package manager, no certificates: Node carries its own. LIST gets the Debian packages that the libraries came with, a
# line each: name, version, architecture. Runs inside the build, on any base with glibc.
set -eu
out=$1 list=$2
node=$(command -v node)
mkdir -p "$out/usr/local/bin" "$out/etc" "$out/app" "$out/proc" "$out/sys" "$out/dev"
mkdir -m 1777 "$out/tmp"
cp -L "$node" "$out/usr/local/bin/node"

natives=$(find node_modules/.pnpm \( -path "*/linux/$(node -p process.arch)/*" -o -path '*/sharp-linux*/lib/*' -o -path '*/koffi-linux-*/linux_*/*' \) \( -name '*.node' -o -name '*.so.*' \))
# shellcheck disable=SC2086 # a list of paths without spaces
libraries=$(ldd "$node" $natives | grep -oE '/[^ )]+' | grep -v '/node_modules/' | grep -v ':$' | sort -u)
: > "$list"
for library in $libraries; do
  mkdir -p "$out$(dirname "$library")"
  cp -L "$library" "$out$library"
  # For the list of what is inside: which package of the base the library came with, where the base can tell.
  owner=$(dpkg-query --search "*$(basename "$library")" 2>/dev/null | cut -d: -f1 | head -n 1 || true)
  [ -z "$owner" ] || dpkg-query --show --showformat '${Package}\t${Version}\t${Architecture}\n' "$owner" >> "$list"
done

printf 'root:x:0:0:root:/:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/app:/sbin/nologin\n' > "$out/etc/passwd"
printf 'root:x:0:\nnonroot:x:65532:\n' > "$out/etc/group"
printf 'hosts: files dns\n' > "$out/etc/nsswitch.conf"
# Times would make a new layer of equal files.
find "$out" -exec touch --no-dereference --date=@0 {} +
