import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { Agent, get } from "node:http";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { startFakeSidecar } from "./fake-sidecar.mjs";

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

function start(environment) {
  return spawn(process.execPath, ["main.mjs"], { cwd: new URL("..", import.meta.url), env: { ...environment }, stdio: ["ignore", "pipe", "pipe"] });
}

test("SIGTERM ends the process cleanly, with the last spans sent", { timeout: 20_000 }, async () => {
  const sidecar = await startFakeSidecar();
  const port = await freePort();
  const service = start({ APP_PORT: port, DAPR_HTTP_ENDPOINT: sidecar.address, OTEL_EXPORTER_OTLP_ENDPOINT: sidecar.address });
  const lines = createInterface(service.stdout)[Symbol.asyncIterator]();
  assert.equal(JSON.parse((await lines.next()).value).message, "listening");

  const body = JSON.stringify({ id: "o-1.order-created", type: "eventide.ordering.order-created.v1", data: { orderId: "o-1", customerId: "ada" } });
  const answer = await fetch(`http://127.0.0.1:${port}/events/orders`, { method: "POST", body });
  assert.deepEqual(await answer.json(), { status: "SUCCESS" });
  service.kill("SIGTERM");

  assert.deepEqual(await once(service, "exit"), [0, null]);
  assert.ok(sidecar.spans.some((span) => span.name === "process orders"));
  await sidecar[Symbol.asyncDispose]();
});

test("a port that is none stops the start with one clear sentence", { timeout: 20_000 }, async () => {
  const service = start({ APP_PORT: "http" });
  let errors = "";
  service.stderr.on("data", (chunk) => (errors += chunk));

  const [code] = await once(service, "exit");
  assert.equal(code, 1);
  assert.match(errors, /^error: APP_PORT is "http"; set it to a port number.*\n$/);
});

test("a port that is taken stops the start with one clear sentence", { timeout: 20_000 }, async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const service = start({ APP_PORT: other.address().port });
  let errors = "";
  service.stderr.on("data", (chunk) => (errors += chunk));

  const [code] = await once(service, "exit");
  other.close();
  assert.equal(code, 1);
  assert.match(errors, /^error: It cannot listen on .*EADDRINUSE.*\n$/);
});

test("a probe that keeps its connection does not hold up the stop", { timeout: 20_000 }, async () => {
  const sidecar = await startFakeSidecar();
  const port = await freePort();
  const service = start({ APP_PORT: port, DAPR_HTTP_ENDPOINT: sidecar.address });
  await once(createInterface(service.stdout), "line");
  const agent = new Agent({ keepAlive: true });
  const probe = () => new Promise((done) => get({ port, path: "/livez", agent }, (answer) => answer.resume().on("end", () => done(true))).on("error", () => done(false)));
  assert.equal(await probe(), true);

  const [exited, stoppedAt] = [once(service, "exit"), performance.now()];
  service.kill("SIGTERM");
  while (await probe()) {
    // As a sidecar does: again and again over the same connection.
  }
  assert.deepEqual(await exited, [0, null]);
  assert.ok(performance.now() - stoppedAt < 5000);
  agent.destroy();
  await sidecar[Symbol.asyncDispose]();
});
