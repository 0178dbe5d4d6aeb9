import { once } from "node:events";
import { createServer } from "node:http";

/** The state API and an OTLP receiver, in memory: first-write, ETags and bulk get as Dapr documents them; faults on request. */
export async function startFakeSidecar() {
  const documents = new Map();
  const spans = [];
  const faults = [];
  let version = 0;

  function save(items) {
    for (const { key, value, etag, metadata } of items) {
      if (documents.get(key)?.etag !== etag) {
        return 409;
      }
      documents.set(key, { value, etag: String(++version), metadata });
    }
    return 204;
  }

  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) {
      text += chunk;
    }
    const body = text && JSON.parse(text);
    const reply = (status, json, headers) => response.writeHead(status, { "content-type": "application/json", ...headers }).end(json && JSON.stringify(json));
    const key = decodeURIComponent(request.url.replace("/v1.0/state/notification-store", "").replace(/^\//, ""));
    if (request.url === "/v1/traces") {
      spans.push(...body.resourceSpans.flatMap((resource) => resource.scopeSpans.flatMap((scope) => scope.spans)));
      return reply(200, {});
    }
    const fault = faults.findIndex((one) => one.when(request.method, key, body));
    const { before, after } = fault >= 0 ? faults.splice(fault, 1)[0] : {};
    if (before) {
      return reply(before, { errorCode: "ERR_TEST", message: "asked to fail" });
    }
    if (request.method === "GET") {
      const found = documents.get(key);
      return found ? reply(200, found.value, { etag: found.etag }) : reply(204);
    }
    if (request.method === "DELETE") {
      documents.delete(key);
      return reply(204);
    }
    if (key === "bulk") {
      return reply(200, body.keys.map((one) => ({ key: one, data: documents.get(one)?.value })));
    }
    const status = save(body);
    return reply(after ?? status);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `http://127.0.0.1:${server.address().port}`,
    documents,
    spans,
    /** The next call that matches fails with `before`, or succeeds and then reports `after`. */
    failNext: (fault) => faults.push(fault),
    [Symbol.asyncDispose]: () => new Promise((closed) => server.close(closed).closeAllConnections()),
  };
}
