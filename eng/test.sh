#!/usr/bin/env bash
# Builds and runs every suite, and sums their results in one last line: "tests: N passed, N failed, N skipped".
# The brokers' suite runs alone, because its servers have to answer in time; of the others two at a time, the longest one first: it often waits, for a broker to come back.
set -u
cd "$(dirname "$0")/.."
logs=artifacts/tests
mkdir -p "$logs"
rm -f "$logs"/*.result

if ! dotnet build Dapr.sln -c Release -v q -nologo; then
  echo "The solution does not build."
  echo "tests: 0 passed, 1 failed, 0 skipped"
  exit 1
fi

suites() {
  echo tests/system/Eventide.Demo.Tests
  for project in tests/fast/*/ tests/charts/*/ tests/system/*/; do
    [ ! -f "$project/$(basename "$project").csproj" ] || echo "${project%/}"
  done
  echo services/notification
}

for project in tests/brokers/*/; do eng/test-suite.sh "${project%/}"; done
suites | awk '!seen[$0]++' | xargs -P 2 -n 1 eng/test-suite.sh || exit 1

read -r passed failed skipped <<<"$(cat "$logs"/*.result | awk '{ p += $1; f += $2; s += $3 } END { print p, f, s }')"
echo "tests: $passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
