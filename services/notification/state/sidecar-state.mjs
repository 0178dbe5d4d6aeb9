import { SpanKind } from "../telemetry/tracer.mjs";

const timeoutMs = 5000;

/** Dapr's state API over plain HTTP. Every write is conditional. */
export class SidecarState {
  #settings;
  #tracer;

  constructor(settings, tracer) {
    this.#settings = settings;
    this.#tracer = tracer;
  }

  /** The value and its ETag, or undefined. */
  async get(key) {
    const response = await this.#call("get", `/${encodeURIComponent(key)}`, {});
    if (response.status === 204) {
      return undefined;
    }
    return { value: await response.json(), etag: response.headers.get("etag") ?? undefined };
  }

  /** Those of the keys that exist, by key. */
  async getMany(keys) {
    const response = await this.#call("get-bulk", "/bulk", { method: "POST", body: JSON.stringify({ keys }) });
    const items = await response.json();
    return new Map(items.filter((item) => item.data !== undefined && item.data !== null).map((item) => [item.key, item.data]));
  }

  /**
   * Writes if the document still has this ETag; without one, if there is none yet. Resolves to false when the write was not acknowledged. That may be a
   * conflict, or a failure after the write had happened: stores differ in what they report, so read again and decide by content.
   */
  async trySet(key, value, { etag, ttlSeconds } = {}) {
    const metadata = ttlSeconds && { ttlInSeconds: String(ttlSeconds) };
    const item = { key, value, etag, metadata, options: { concurrency: "first-write", consistency: "strong" } };
    try {
      await this.#call("set", "", { method: "POST", body: JSON.stringify([item]) });
      return true;
    } catch (failure) {
      if (failure instanceof SidecarError) {
        return false;
      }
      throw failure;
    }
  }

  async #call(operation, path, request) {
    const { address, store, token } = this.#settings;
    return this.#tracer.run(`state ${operation}`, { kind: SpanKind.client, attributes: { "db.collection.name": store } }, async () => {
      const response = await fetch(`${address}/v1.0/state/${store}${path}`, {
        ...request,
        headers: { "content-type": "application/json", ...(token && { "dapr-api-token": token }), ...this.#tracer.headers },
        signal: AbortSignal.timeout(timeoutMs),
      });
      if (!response.ok) {
        throw new SidecarError(response.status, await response.text());
      }
      return response;
    });
  }
}

/** The sidecar answered, but not with success. */
export class SidecarError extends Error {
  constructor(status, body) {
    super(`the sidecar answered ${status}: ${body.slice(0, 300)}`);
    this.name = "SidecarError";
  }
}
