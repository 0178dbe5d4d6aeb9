// Less than what starters of processes usually grant before they kill (10 s).
const patienceMs = 8_000;
const sweepMs = 50;

/** On SIGTERM or SIGINT: takes no new request, finishes those in hand (what they miss is delivered again), sends the last spans, and exits. */
export function stopOnSignal(server, exporter, log) {
  const stop = async (signal) => {
    process.off("SIGTERM", stop).off("SIGINT", stop);
    log.info("stopping", { signal });
    const tooLong = setTimeout(() => server.closeAllConnections(), patienceMs);

    // A connection that was busy a moment ago is idle now; left open, the next health probe would keep it alive.
    const sweep = setInterval(() => server.closeIdleConnections(), sweepMs);
    await new Promise((closed) => server.close(closed));
    clearInterval(sweep);
    clearTimeout(tooLong);
    await exporter?.close();

    // Idle connections to the sidecar would hold the process for some seconds more.
    process.exit(0);
  };
  process.on("SIGTERM", stop).on("SIGINT", stop);
}
