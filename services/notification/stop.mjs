const patienceMs = 10_000;

/** On SIGTERM or SIGINT: takes no new request, finishes those in hand (what they miss is delivered again), sends the last spans, and exits. */
export function stopOnSignal(server, exporter, log) {
  const stop = async (signal) => {
    process.off("SIGTERM", stop).off("SIGINT", stop);
    log.info("stopping", { signal });
    const tooLong = setTimeout(() => server.closeAllConnections(), patienceMs);
    await new Promise((closed) => {
      server.close(closed);
      server.closeIdleConnections();
    });
    clearTimeout(tooLong);
    await exporter?.close();
  };
  process.on("SIGTERM", stop).on("SIGINT", stop);
}
