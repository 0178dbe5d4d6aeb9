import { AsyncLocalStorage } from "node:async_hooks";
import { randomBytes } from "node:crypto";
import { formatTraceparent, parseTraceparent } from "./traceparent.mjs";

/** The span kinds of OTLP. */
export const SpanKind = Object.freeze({ client: 3, consumer: 5 });

const failed = 2;

/** Continues the trace that a message brought, through everything that handling it calls. */
export class Tracer {
  #exporter;
  #active = new AsyncLocalStorage();

  /** Without an exporter the incoming trace is passed on as it is: a span that nobody sees would leave a gap. */
  constructor(exporter) {
    this.#exporter = exporter;
  }

  /** Where we are: trace, span and whether it is recorded; undefined outside of any. */
  get current() {
    return this.#active.getStore();
  }

  /** What to send along with a call. */
  get headers() {
    return this.current ? { traceparent: formatTraceparent(this.current) } : {};
  }

  /** Runs `work` in a span below `traceparent`, or below the current span when none is given. */
  async run(name, { kind, traceparent, attributes }, work) {
    const parent = traceparent === undefined ? this.current : parseTraceparent(traceparent);
    if (!this.#exporter || parent?.sampled === false) {
      return this.#active.run(parent, work);
    }

    const context = { traceId: parent?.traceId ?? randomBytes(16).toString("hex"), spanId: randomBytes(8).toString("hex"), sampled: true };
    const span = { ...context, parentSpanId: parent?.spanId, name, kind, attributes, startTimeUnixNano: now() };
    try {
      return await this.#active.run(context, work);
    } catch (failure) {
      span.status = { code: failed, message: failure.message };
      throw failure;
    } finally {
      this.#exporter.add({ ...span, endTimeUnixNano: now() });
    }
  }
}

// Microseconds are what a double can still tell apart in today's time.
function now() {
  return String(BigInt(Math.trunc((performance.timeOrigin + performance.now()) * 1000)) * 1000n);
}
