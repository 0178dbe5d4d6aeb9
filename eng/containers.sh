#!/usr/bin/env bash
# Installs what the test of the images needs to build and run one without Docker: buildah, podman, runc and a registry of one's own, with apt. What is there already is
# left alone, and no service is started. The exit code is 1 when something is still missing; the last line says why.
set -uo pipefail
cd "$(dirname "$0")/.."
mkdir -p artifacts
log=artifacts/containers.log
policy=/usr/sbin/policy-rc.d
PATH=$PATH:/usr/sbin

wanted=()
for tool in buildah podman runc docker-registry; do
  command -v $tool >/dev/null || wanted+=($tool)
done
if [ ${#wanted[@]} -eq 0 ]; then
  echo "  containers  buildah, podman, runc and docker-registry are there"
  exit 0
fi

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

if ! command -v apt-get >/dev/null; then
  echo "  containers  ${wanted[*]} missing: there is no apt-get here; the test of the images runs on Debian and Ubuntu"
  exit 1
elif [ "$(id -u)" -ne 0 ] && ! sudo -n true 2>/dev/null; then
  echo "  containers  ${wanted[*]} missing: run \`sudo apt-get install --no-install-recommends ${wanted[*]}\`"
  exit 1
fi

# The registry's package would start a server; this file says no while it is installed.
ours=0
if [ ! -e "$policy" ]; then
  ours=1
  printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null && as_root chmod +x "$policy"
  trap 'as_root rm -f "$policy"' EXIT
fi
echo "installing ${wanted[*]}"
install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${wanted[@]}")
as_root timeout 600 "${install[@]}" >"$log" 2>&1 || {
  as_root timeout 300 apt-get update >>"$log" 2>&1
  as_root timeout 600 "${install[@]}" >>"$log" 2>&1 || {
    echo "  containers  ${wanted[*]} missing: apt-get could not install them; $log says why"
    exit 1
  }
}
echo "  containers  buildah, podman, runc and docker-registry are there"
