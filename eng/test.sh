#!/usr/bin/env bash
# Builds and runs every suite, and sums their results in one last line: "tests: N passed, N failed, N skipped".
# Two suites run at a time, because the long ones often wait: for a broker to come back, for a lease to end. A suite that ends without a summary counts as one failure.
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

# Keeps "passed failed skipped" for the sum, and prints what a person wants to know, all at once: the suites of two lanes end in any order.
report() { # name passed failed skipped, and more lines from stdin
  echo "$2 $3 $4" >"$logs/$1.result"
  { echo "== $1 ($SECONDS s)"; cat; } >"$logs/$1.report"
  cat "$logs/$1.report"
}

run_dotnet() { # folder of a test project
  local name log code summary total errors bad skip
  name=$(basename "$1")
  log=$logs/$name.log
  SECONDS=0
  timeout 1200 dotnet "$1/bin/Release/net10.0/$name.dll" -noColor -result-junit "$logs/$name.xml" >"$log" 2>&1 &
  wait $!
  code=$?
  summary=$(grep -oE 'Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+, Skipped: [0-9]+' "$log" | tail -n 1)
  if [ -z "$summary" ]; then
    { echo "   ended with code $code and no summary; the last lines of $log:"; tail -n 20 "$log"; } | report "$name" 0 1 0
    return
  fi
  read -r total errors bad skip <<<"$(echo "$summary" | grep -oE '[0-9]+' | tr '\n' ' ')"
  {
    [ $((bad + errors)) -gt 0 ] && grep -E '\[FAIL\]' -A 12 "$log"
    echo "   $summary"
    [ "$skip" -gt 0 ] && grep -E '\[SKIP\]' -A 1 "$log" | grep -vE '\[SKIP\]|^--$' | sort | uniq -c | sed -E 's/^ *([0-9]+) +/   \1 skipped: /'
  } | report "$name" $((total - bad - skip)) $((bad + errors)) "$skip"
}

run_notification() {
  local log=$logs/notification.log code bad
  if ! command -v node >/dev/null; then
    echo "   skipped: node is missing; install Node.js 20 or newer to run these tests" | report notification 0 0 1
    return
  fi
  SECONDS=0
  (cd services/notification && timeout 600 node --test --test-reporter=tap test/*.test.mjs) >"$log" 2>&1
  code=$?
  count() { sed -nE "s/^# $1 ([0-9]+)$/\1/p" "$log" | tail -n 1; }
  if [ -z "$(count pass)" ]; then
    { echo "   ended with code $code and no summary; the last lines of $log:"; tail -n 20 "$log"; } | report notification 0 1 0
    return
  fi
  bad=$(($(count fail) + $(count cancelled)))
  {
    [ "$bad" -gt 0 ] && grep -E '^ *not ok' -A 12 "$log"
    echo "   Total: $(count tests), Failed: $bad, Skipped: $(count skipped)"
  } | report notification "$(count pass)" "$bad" "$(count skipped)"
}

run() { for project in "$@"; do [ ! -d "$project" ] || run_dotnet "${project%/}"; done; }

stop() { # what runs here, and with it what it has started
  jobs -p | xargs -r kill 2>/dev/null
  exit 130
}
trap stop INT TERM

(trap stop TERM; run tests/system/Eventide.Demo.Tests/) &
others=(tests/fast/*/ tests/charts/*/ tests/brokers/*/ tests/system/*/)
run "${others[@]/tests\/system\/Eventide.Demo.Tests\//}"
run_notification
wait

read -r passed failed skipped <<<"$(cat "$logs"/*.result | awk '{ p += $1; f += $2; s += $3 } END { print p, f, s }')"
echo "tests: $passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
