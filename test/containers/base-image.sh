#!/bin/bash
# base-image.sh TAG [ARCHIVE]: a stand-in for the public base image of deploy/docker/Dockerfile, where no image registry can be reached:
# Debian's smallest root with the Node binary of the npm package `node` and npm. With ARCHIVE it is loaded from there where it exists, and
# saved there where it does not. Needs root, mmdebstrap, npm and podman.
set -euo pipefail
tag=${1:?usage: base-image.sh TAG [ARCHIVE]} archive=${2:-}
node_line=22
if podman image exists "$tag"; then exit 0; fi
if [ -n "$archive" ] && [ -s "$archive" ] && podman load --quiet --input "$archive" >/dev/null && podman image exists "$tag"; then exit 0; fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
echo 'base image: Node and npm'
npm install --silent --no-save --prefix "$work/packages" "node@$node_line" npm@10
echo 'base image: Debian'
mmdebstrap --quiet --variant=minbase --mode=root --include=ca-certificates,libstdc++6 \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' bookworm "$root"
install -m755 "$work/packages/node_modules/node/bin/node" "$root/usr/local/bin/node"
mkdir -p "$root/usr/local/lib/node_modules"
cp -r "$work/packages/node_modules/npm" "$root/usr/local/lib/node_modules/npm"
for name in npm npx; do ln -s "../lib/node_modules/npm/bin/$name-cli.js" "$root/usr/local/bin/$name"; done
# The build reaches the package registry by whatever this machine trusts.
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
tar -C "$root" -c . | podman import --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
  --change 'ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt' - "$tag" >/dev/null
[ -z "$archive" ] || podman save --quiet --output "$archive" "$tag" >/dev/null
