const maxQueued = 2048;
const maxBatch = 512;
const intervalMs = 1000;
const timeoutMs = 5000;

/** Sends spans in batches over OTLP/HTTP as JSON. What does not fit or cannot be sent is dropped and counted: telemetry never holds up a message. */
export class OtlpExporter {
  #settings;
  #queue = [];
  #dropped = 0;
  #timer;
  #sending = Promise.resolve();
  #log;

  constructor(settings) {
    this.#settings = settings;
    this.#timer = setInterval(() => this.flush(), intervalMs).unref();
  }

  /** Where losses are told. */
  reportTo(log) {
    this.#log = log;
  }

  add(span) {
    if (this.#queue.length < maxQueued) {
      this.#queue.push(span);
    } else {
      this.#dropped++;
    }
  }

  /** Sends what is queued; one batch at a time. */
  flush() {
    return (this.#sending = this.#sending.then(() => this.#send()));
  }

  async close() {
    clearInterval(this.#timer);
    await this.flush();
  }

  async #send() {
    while (this.#queue.length > 0) {
      const spans = this.#queue.splice(0, maxBatch);
      try {
        const response = await fetch(this.#settings.address, {
          method: "POST",
          headers: { "content-type": "application/json", ...this.#settings.headers },
          body: JSON.stringify(toRequest(spans, this.#settings.resource)),
          signal: AbortSignal.timeout(timeoutMs),
        });
        await response.arrayBuffer();
        if (!response.ok) {
          throw new Error(`${this.#settings.address} answered ${response.status}`);
        }
      } catch (failure) {
        this.#dropped += spans.length;
        this.#log?.warn("spans could not be exported and are dropped", { reason: failure.cause?.message ?? failure.message, dropped: this.#dropped });
        return;
      }
    }
  }
}

// https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding: ids in hex, 64-bit numbers as text.
function toRequest(spans, resource) {
  return {
    resourceSpans: [
      {
        resource: { attributes: attributes(resource) },
        scopeSpans: [
          {
            scope: { name: "eventide.notification" },
            spans: spans.map(({ sampled, ...span }) => ({ ...span, flags: sampled ? 1 : 0, attributes: attributes(span.attributes) })),
          },
        ],
      },
    ],
  };
}

function attributes(values = {}) {
  return Object.entries(values).filter(([, value]) => value !== undefined).map(([key, value]) => ({ key, value: { stringValue: String(value) } }));
}
