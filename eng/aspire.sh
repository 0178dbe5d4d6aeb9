#!/usr/bin/env bash
# Starts the shop under Aspire. With --build it is only compiled.
set -uo pipefail
cd "$(dirname "$0")/.."
mkdir -p artifacts
log=artifacts/aspire.log
if ! dotnet build aspire/apphost.cs >"$log" 2>&1; then
  # NU11xx: a package that the feed does not have; MSB4236 and the resolver's own words: an SDK.
  if grep -qE 'error NU1(10[0-9]|603)|MSB4236|Unable to find package|could not be (found|resolved)' "$log"; then
    echo "error: Aspire or its Dapr integration cannot be restored from this package feed, so the shop cannot run under it here; \`make run\` starts it without ($log has the details)." >&2
  else
    grep -E 'error' "$log" | sort -u | head -n 5 >&2
    echo "error: aspire/apphost.cs does not compile; $log has all of it." >&2
  fi
  exit 1
fi
[ "${1:-}" = --build ] || exec dotnet run aspire/apphost.cs
