#!/usr/bin/env bash
# Builds and runs every suite, and sums their results in one last line: "tests: N passed, N failed, N skipped".
# A suite that ends without a summary counts as one failure.
set -u
cd "$(dirname "$0")/.."
mkdir -p artifacts/tests
passed=0 failed=0 skipped=0

if ! dotnet build Dapr.sln -c Release -v q -nologo; then
  echo "The solution does not build."
  echo "tests: 0 passed, 1 failed, 0 skipped"
  exit 1
fi

for project in tests/fast/*/ tests/charts/*/ tests/brokers/*/ tests/system/*/; do
  [ -d "$project" ] || continue
  name=$(basename "$project")
  log=artifacts/tests/$name.log
  echo "== $name"
  timeout 1200 dotnet "$project/bin/Release/net10.0/$name.dll" -noColor >"$log" 2>&1
  code=$?
  summary=$(grep -oE 'Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+, Skipped: [0-9]+' "$log" | tail -n 1)
  if [ -z "$summary" ]; then
    echo "   ended with code $code and no summary; the last lines of $log:"
    tail -n 20 "$log"
    failed=$((failed + 1))
    continue
  fi
  read -r total errors bad skip <<<"$(echo "$summary" | grep -oE '[0-9]+' | tr '\n' ' ')"
  [ $((bad + errors)) -gt 0 ] && grep -E '\[FAIL\]' -A 12 "$log"
  echo "   $summary"
  [ "$skip" -gt 0 ] && grep -E '\[SKIP\]' -A 1 "$log" | grep -vE '\[SKIP\]|^--$' | sort | uniq -c | sed -E 's/^ *([0-9]+) +/   \1 skipped: /'
  passed=$((passed + total - bad - skip))
  failed=$((failed + bad + errors))
  skipped=$((skipped + skip))
done

echo "== notification (Node.js)"
log=artifacts/tests/notification.log
if ! command -v node >/dev/null; then
  echo "   skipped: node is missing; install Node.js 20 or newer to run these tests"
  skipped=$((skipped + 1))
else
  (cd services/notification && timeout 600 node --test --test-reporter=tap test/*.test.mjs) >"$log" 2>&1
  code=$?
  count() { sed -nE "s/^# $1 ([0-9]+)$/\1/p" "$log" | tail -n 1; }
  if [ -z "$(count pass)" ]; then
    echo "   ended with code $code and no summary; the last lines of $log:"
    tail -n 20 "$log"
    failed=$((failed + 1))
  else
    bad=$(($(count fail) + $(count cancelled)))
    [ "$bad" -gt 0 ] && grep -E '^ *not ok' -A 12 "$log"
    echo "   Total: $(count tests), Failed: $bad, Skipped: $(count skipped)"
    passed=$((passed + $(count pass)))
    failed=$((failed + bad))
    skipped=$((skipped + $(count skipped)))
  fi
fi

echo "tests: $passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
