import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { afterEach, beforeEach, test } from "node:test";
import { requestListener } from "../api/routes.mjs";
import { Notifier } from "../messages/notifier.mjs";
import { readSettings } from "../settings.mjs";
import { FailedDeliveries } from "../state/failed-deliveries.mjs";
import { SentNotices } from "../state/sent-notices.mjs";
import { SidecarState } from "../state/sidecar-state.mjs";
import { WaitingNotices } from "../state/waiting-notices.mjs";
import { Log } from "../telemetry/log.mjs";
import { OtlpExporter } from "../telemetry/otlp-exporter.mjs";
import { Tracer } from "../telemetry/tracer.mjs";
import { startFakeSidecar } from "./fake-sidecar.mjs";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const parentId = "b7ad6b7169203331";
let sidecar, app, address, exporter, messages, lines;

beforeEach(async () => {
  sidecar = await startFakeSidecar();
  [messages, lines] = [[], []];
  const settings = readSettings({ DAPR_HTTP_ENDPOINT: sidecar.address, OTEL_EXPORTER_OTLP_ENDPOINT: sidecar.address, APP_API_TOKEN: "secret" });
  exporter = new OtlpExporter(settings.otlp);
  const tracer = new Tracer(exporter);
  const log = new Log("notification", tracer, (line) => lines.push(JSON.parse(line)));
  const state = new SidecarState(settings.sidecar, tracer);
  const [sent, failed] = [new SentNotices(state), new FailedDeliveries(state)];
  const gateway = { send: async (message) => messages.push(message) };
  const notifier = new Notifier({ sent, waiting: new WaitingNotices(state), failed, gateway, tracer, log });
  app = createServer(requestListener({ settings, notifier, sent, failed, state, log })).listen(0, "127.0.0.1");
  await once(app, "listening");
  address = `http://127.0.0.1:${app.address().port}`;
});

afterEach(async () => {
  await exporter.close();
  await new Promise((closed) => app.close(closed).closeAllConnections());
  await sidecar[Symbol.asyncDispose]();
});

function event(type, data) {
  return { specversion: "1.0", id: `${data.orderId}.${type.split(".").at(-2)}`, source: "ordering", type, data };
}

const created = event("eventide.ordering.order-created.v1", { orderId: "o-1", customerId: "ada" });
const booked = event("eventide.shipping.shipment-booked.v1", { orderId: "o-1", trackingNumber: "EV1" });

function call(path, init = {}) {
  return fetch(address + path, { ...init, headers: { "dapr-api-token": "secret", ...init.headers } });
}

async function deliver(body, { topic = "orders", traceparent } = {}) {
  const response = await call(`/events/${topic}`, {
    method: "POST",
    headers: { "content-type": "application/cloudevents+json", ...(traceparent && { traceparent }) },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  assert.equal(response.status, 200);
  return (await response.json()).status;
}

test("an event leads to one notice, however often it is delivered", async () => {
  assert.equal(await deliver(created), "SUCCESS");
  assert.equal(await deliver(created), "SUCCESS");

  assert.deepEqual(messages.map(({ idempotencyKey, recipient }) => [idempotencyKey, recipient]), [["o-1/order-created", "ada"]]);
  const list = await (await call("/notifications/o-1")).json();
  assert.deepEqual(list.map((notice) => [notice.name, notice.recipient, notice.eventId]), [["order-created", "ada", "o-1.order-created"]]);
});

test("deliveries at the same time send one notice and leave one record", async () => {
  const outcomes = await Promise.all(Array.from({ length: 10 }, () => deliver(created)));

  assert.deepEqual(new Set(outcomes), new Set(["SUCCESS"]));
  assert.deepEqual(messages.map((message) => message.idempotencyKey), ["o-1/order-created"]);
  assert.deepEqual([...sidecar.documents.keys()], ["sent/o-1/order-created"]);
});

test("a write that was reported as failed but happened is not repeated", async () => {
  sidecar.failNext({ when: (method, key, body) => method === "POST" && body[0]?.key === "sent/o-1/order-created", after: 500 });

  assert.equal(await deliver(created), "SUCCESS");
  assert.equal(messages.length, 1);
});

test("after a crash between sending and recording, the notice goes out again under the same key", async () => {
  sidecar.failNext({ when: (method, key, body) => method === "POST" && body[0]?.key === "sent/o-1/order-created", before: 500 });

  assert.equal(await deliver(created), "RETRY");
  assert.equal(await deliver(created), "SUCCESS");
  assert.deepEqual(messages.map((message) => message.idempotencyKey), ["o-1/order-created", "o-1/order-created"]);
});

test("a store that fails asks for redelivery and leaves nothing behind", async () => {
  sidecar.failNext({ when: (method, key) => method === "GET" && key === "sent/o-1/order-created", before: 500 });

  assert.equal(await deliver(created), "RETRY");
  assert.equal(sidecar.documents.has("sent/o-1/order-created"), false);
  assert.equal(await deliver(created), "SUCCESS");
});

test("a shipment that overtakes its order waits until the customer is known", async () => {
  assert.equal(await deliver(booked, { topic: "shipments" }), "SUCCESS");
  assert.equal(await deliver(booked, { topic: "shipments" }), "SUCCESS");
  assert.equal(messages.length, 0);

  assert.equal(await deliver(created), "SUCCESS");
  assert.deepEqual(messages.map((message) => [message.idempotencyKey, message.recipient]), [["o-1/order-created", "ada"], ["o-1/shipment-booked", "ada"]]);
  const list = await (await call("/notifications/o-1")).json();
  assert.deepEqual(list.map((notice) => [notice.name, notice.recipient, notice.eventId]), [["order-created", "ada", "o-1.order-created"], ["shipment-booked", "ada", "o-1.shipment-booked"]]);
  assert.deepEqual([...sidecar.documents.keys()].sort(), ["sent/o-1/order-created", "sent/o-1/shipment-booked"]);
});

for (const [what, fault] of [
  ["when the waiting notices were to be read", (method, key, body) => key === "bulk" && body.keys[0] === "waiting/o-1/shipment-booked"],
  ["before a waiting notice was recorded as sent", (method, key, body) => method === "POST" && body[0]?.key === "sent/o-1/shipment-booked"],
  ["before a waiting notice was forgotten", (method) => method === "DELETE"],
]) {
  test(`a store that failed ${what} costs no notice`, async () => {
    await deliver(booked, { topic: "shipments" });
    sidecar.failNext({ when: fault, before: 500 });

    assert.equal(await deliver(created), "RETRY");
    assert.equal(await deliver(created), "SUCCESS");

    assert.deepEqual([...sidecar.documents.keys()].filter((key) => !key.startsWith("failed/")).sort(), ["sent/o-1/order-created", "sent/o-1/shipment-booked"]);
    assert.deepEqual(new Set(messages.map((message) => message.idempotencyKey)), new Set(["o-1/order-created", "o-1/shipment-booked"]));
  });
}

test("a shipment that cannot be kept until the customer is known asks for redelivery", async () => {
  sidecar.failNext({ when: (method, key, body) => method === "POST" && body[0]?.key === "waiting/o-1/shipment-booked", before: 500 });

  assert.equal(await deliver(booked, { topic: "shipments" }), "RETRY");
  assert.match((await (await call("/failed-deliveries/o-1.shipment-booked")).json()).reason, /could not be kept until its customer is known/);
});

test("a shipment whose order is handled just before it would wait is sent at once", async () => {
  const order = { name: "order-created", orderId: "o-1", recipient: "ada", sentAt: "2026-01-01T00:00:00Z" };
  const elsewhere = (method, key, body) => {
    if (method === "POST" && body[0]?.key === "waiting/o-1/shipment-booked") {
      sidecar.documents.set("sent/o-1/order-created", { value: order, etag: "elsewhere" });
    }
    return false;
  };
  sidecar.failNext({ when: elsewhere });

  assert.equal(await deliver(booked, { topic: "shipments" }), "SUCCESS");
  assert.deepEqual(messages.map((message) => [message.idempotencyKey, message.recipient]), [["o-1/shipment-booked", "ada"]]);
  assert.equal(sidecar.documents.has("waiting/o-1/shipment-booked"), false);
});

test("a shipment that comes together with its order leads to both notices, whoever is first", async () => {
  for (let turn = 0; turn < 50; turn++) {
    const orderId = `o-${turn}`;
    const both = [event(created.type, { ...created.data, orderId }), event(booked.type, { ...booked.data, orderId })];
    await Promise.all((turn % 2 ? both : both.reverse()).map((one) => deliver(one)));
    assert.deepEqual(messages.splice(0).map((message) => message.idempotencyKey).sort(), [`${orderId}/order-created`, `${orderId}/shipment-booked`]);
  }
  assert.deepEqual([...sidecar.documents.keys()].filter((key) => !key.startsWith("sent/")), []);
});

test("a type that leads to no notice is a success", async () => {
  assert.equal(await deliver(event("eventide.shipping.shipment-cancelled.v1", { orderId: "o-1" }), { topic: "shipments" }), "SUCCESS");
  assert.equal(await deliver(event("toString", { orderId: "o-1" })), "SUCCESS");
  assert.equal(messages.length, 0);
});

for (const [what, body] of [
  ["text that is not JSON", "{"],
  ["no data", { ...created, data: undefined }],
  ["an order id that is none", event("eventide.ordering.order-created.v1", { orderId: "a||b" })],
  ["a number for an object", "7"],
]) {
  test(`${what} is dropped: delivering it again is no use`, async () => {
    assert.equal(await deliver(body), "DROP");
    assert.equal(messages.length, 0);
  });
}

test("an event that is too large is dropped", async () => {
  assert.equal(await deliver({ ...created, padding: "x".repeat(1024 * 1024) }), "DROP");
});

test("failed attempts are counted and expire", async () => {
  for (const attempt of [1, 2]) {
    sidecar.failNext({ when: (method, key) => method === "GET" && key === "sent/o-1/order-created", before: 500 });
    await deliver(created);
    const note = await (await call("/failed-deliveries/o-1.order-created")).json();
    assert.deepEqual([note.attempts, note.topic], [attempt, "orders"]);
  }
  assert.ok(Number(sidecar.documents.get("failed/o-1.order-created").metadata.ttlInSeconds) > 0);
});

test("the trace of the message goes on through the state calls", async () => {
  await deliver(created, { traceparent: `00-${traceId}-${parentId}-01` });
  await exporter.flush();

  const consumer = sidecar.spans.find((span) => span.name === "process orders");
  assert.deepEqual([consumer.traceId, consumer.parentSpanId, consumer.kind], [traceId, parentId, 5]);
  const calls = sidecar.spans.filter((span) => span.kind === 3);
  assert.deepEqual(calls.map((span) => [span.name, span.traceId, span.parentSpanId]), [
    ["state get", traceId, consumer.spanId],
    ["state set", traceId, consumer.spanId],
    ["state get-bulk", traceId, consumer.spanId],
  ]);
});

test("a trace that is not sampled is not exported", async () => {
  await deliver(created, { traceparent: `00-${traceId}-${parentId}-00` });
  await exporter.flush();

  assert.deepEqual(sidecar.spans, []);
});

test("OTLP over gRPC is refused with the remedy", () => {
  const settings = readSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4317", OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" });

  assert.equal(settings.otlp, undefined);
  assert.match(settings.warnings[0], /OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=http\/json/);
});

test("log lines carry the trace they belong to", async () => {
  sidecar.failNext({ when: (method) => method === "GET", before: 500 });
  await deliver(created, { traceparent: `00-${traceId}-${parentId}-01` });

  assert.deepEqual(lines.map((line) => [line.level, line.eventId, line.traceId]), [["warning", "o-1.order-created", traceId]]);
});

test("every subscription has a default route and one dead-letter topic", async () => {
  const list = await (await call("/dapr/subscribe")).json();

  assert.deepEqual(list.map(({ pubsubname, topic, deadLetterTopic }) => [pubsubname, topic, deadLetterTopic]), [
    ["pubsub", "orders", "notification.orders.dead"],
    ["pubsub", "shipments", "notification.shipments.dead"],
  ]);
  for (const { topic, routes } of list) {
    assert.equal(routes.default, `/events/${topic}`);
    assert.ok(routes.rules.every((rule) => rule.path === `/events/${topic}`));
  }
});

test("health follows the store, and needs no token", async () => {
  assert.equal((await fetch(`${address}/healthz`)).status, 200);
  sidecar.failNext({ when: (method, key) => key === "health", before: 500 });
  assert.equal((await fetch(`${address}/healthz`)).status, 503);
});

test("whoever does not know the app's token gets in nowhere else", async () => {
  for (const token of ["", "wrong!", "äöü"].map(encodeURIComponent)) {
    const response = await fetch(`${address}/events/orders`, { method: "POST", headers: { "dapr-api-token": token }, body: JSON.stringify(created) });
    assert.equal(response.status, 401);
  }
  assert.equal(messages.length, 0);
});

test("an unknown route is a problem document", async () => {
  const response = await call("/nothing%");
  assert.deepEqual([response.status, response.headers.get("content-type")], [404, "application/problem+json"]);
});
