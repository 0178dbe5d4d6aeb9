import http from "node:http";
import https from "node:https";
import { SpanKind } from "../telemetry/tracer.mjs";

const timeoutMs = 5000;

/** Dapr's state API over plain HTTP. Every write of a value is conditional. */
export class SidecarState {
  #settings;
  #tracer;
  #protocol;
  #agent;

  constructor(settings, tracer) {
    this.#settings = settings;
    this.#protocol = settings.address.startsWith("https:") ? https : http;
    this.#agent = new this.#protocol.Agent({ keepAlive: true });
    this.#tracer = tracer;
  }

  /** The value and its ETag, or undefined. */
  async get(key) {
    const { status, headers, text } = await this.#call("get", `/${encodeURIComponent(key)}`);
    return status === 204 ? undefined : { value: JSON.parse(text), etag: headers.etag };
  }

  /** Those of the keys that exist, by key. */
  async getMany(keys) {
    const items = JSON.parse((await this.#call("get-bulk", "/bulk", { keys })).text);
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
      await this.#call("set", "", [item]);
      return true;
    } catch (failure) {
      if (failure instanceof SidecarError) {
        return false;
      }
      throw failure;
    }
  }

  /** Removes the document, if there is one. */
  async delete(key) {
    await this.#call("delete", `/${encodeURIComponent(key)}`);
  }

  async #call(operation, path, body) {
    const { address, store, token } = this.#settings;
    return this.#tracer.run(`state ${operation}`, { kind: SpanKind.client, attributes: { "db.collection.name": store } }, async () => {
      const headers = { ...(token && { "dapr-api-token": token }), ...this.#tracer.headers };
      const method = operation === "delete" ? "DELETE" : body === undefined ? "GET" : "POST";
      const answer = await this.#send(method, `${address}/v1.0/state/${store}${path}`, headers, body && JSON.stringify(body));
      if (answer.status >= 300) {
        throw new SidecarError(answer.status, answer.text);
      }
      return answer;
    });
  }

  // Not fetch: an order takes half a dozen of these calls, and each would cost several times as much.
  #send(method, address, headers, body) {
    return new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
      const call = this.#protocol.request(address, {
        method,
        agent: this.#agent,
        headers: { ...headers, ...length },
        signal: AbortSignal.timeout(timeoutMs),
      });
      call.on("error", reject).on("response", (response) => {
        const chunks = [];
        response
          .on("data", (chunk) => chunks.push(chunk))
          .on("error", reject)
          .on("end", () => resolve({ status: response.statusCode, headers: response.headers, text: Buffer.concat(chunks).toString("utf8") }));
      });
      call.end(body);
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
