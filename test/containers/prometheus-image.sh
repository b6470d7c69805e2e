#!/bin/bash
# prometheus-image.sh TAG BASE: a stand-in for the public image of Prometheus, from the binary on this machine (Debian's package
# `prometheus`) on the stand-in base, with the public one's paths, user and start. Needs podman.
set -euo pipefail
tag=${1:?usage: prometheus-image.sh TAG BASE} base=${2:?usage: prometheus-image.sh TAG BASE}
if podman image exists "$tag"; then exit 0; fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$(command -v prometheus)" "$work/prometheus"
mkdir "$work/data"
cat > "$work/Dockerfile" <<END
FROM $base
COPY prometheus /bin/prometheus
COPY --chown=65534:65534 data /prometheus
USER 65534
VOLUME /prometheus
WORKDIR /prometheus
ENTRYPOINT ["/bin/prometheus"]
CMD ["--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/prometheus"]
END
podman build --quiet --isolation chroot --tag "$tag" "$work" >/dev/null
