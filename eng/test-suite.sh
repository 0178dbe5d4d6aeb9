#!/usr/bin/env bash
# Runs one suite: the folder of a test project, or services/notification. Prints how it went, and leaves "passed failed skipped" in artifacts/tests/<name>.result.
# A suite that ends without a summary counts as one failure.
set -u
cd "$(dirname "$0")/.."
logs=artifacts/tests
name=$(basename "$1")
log=$logs/$name.log
passed=0 bad=0 skipped=0

# What most tests start lives for seconds: it spends less on running code that is not optimized than on optimizing it after 30 calls (a demo: 25 instead of 39 s of
# processor time). The simulator's tests compute.
case $name in
  Eventide.Scaling*) ;;
  *) export DOTNET_TC_CallCountThreshold=0x2000 ;;
esac
mkdir -p "$logs"

# Suites that run at the same time end in any order: each prints all of its lines at once.
finish() { # lines from stdin
  echo "$passed $bad $skipped" >"$logs/$name.result"
  { echo "== $name ($SECONDS s)"; cat; } >"$logs/$name.report"
  cat "$logs/$name.report"
  exit 0
}

without_summary() { # its exit code
  bad=1
  finish <<<"   ended with code $1 and no summary; the last lines of $log:
$(tail -n 20 "$log")"
}

if [ "$name" = notification ]; then
  if ! command -v node >/dev/null; then
    skipped=1
    finish <<<"   skipped: node is missing; install Node.js 20 or newer to run these tests"
  fi
  (cd services/notification && timeout --foreground 600 node --test --test-reporter=tap test/*.test.mjs) >"$log" 2>&1
  code=$?
  count() { sed -nE "s/^# $1 ([0-9]+)$/\1/p" "$log" | tail -n 1; }
  [ -n "$(count pass)" ] || without_summary $code
  passed=$(count pass) bad=$(($(count fail) + $(count cancelled))) skipped=$(count skipped)
  {
    [ "$bad" -gt 0 ] && grep -E '^ *not ok' -A 12 "$log"
    echo "   Total: $(count tests), Failed: $bad, Skipped: $skipped"
  } | finish
  exit 0
fi

timeout --foreground 1200 dotnet "$1/bin/Release/net10.0/$name.dll" -noColor -result-junit "$logs/$name.xml" >"$log" 2>&1
code=$?
summary=$(grep -oE 'Total: [0-9]+, Errors: [0-9]+, Failed: [0-9]+, Skipped: [0-9]+' "$log" | tail -n 1)
[ -n "$summary" ] || without_summary $code
read -r total errors failed skipped <<<"$(echo "$summary" | grep -oE '[0-9]+' | tr '\n' ' ')"
passed=$((total - failed - skipped)) bad=$((failed + errors))
{
  [ "$bad" -gt 0 ] && grep -E '\[FAIL\]' -A 12 "$log"
  echo "   $summary"
  [ "$skipped" -gt 0 ] && grep -E '\[SKIP\]' -A 1 "$log" | grep -vE '\[SKIP\]|^--$' | sort | uniq -c | sed -E 's/^ *([0-9]+) +/   \1 skipped: /'
} | finish
