import { firstNotice, noticeFor } from "../domain/notices.mjs";
import { SpanKind } from "../telemetry/tracer.mjs";

/** What the sidecar is told about a message. */
export const Outcome = Object.freeze({ success: "SUCCESS", retry: "RETRY", drop: "DROP" });

const orderIdPattern = /^[\w-]{1,64}$/;

/** Turns events into notices: once each, however often and in whatever order they come. */
export class Notifier {
  #sent;
  #waiting;
  #failed;
  #gateway;
  #tracer;
  #log;
  #inHand = new Map();

  constructor({ sent, waiting, failed, gateway, tracer, log }) {
    this.#sent = sent;
    this.#waiting = waiting;
    this.#failed = failed;
    this.#gateway = gateway;
    this.#tracer = tracer;
    this.#log = log;
  }

  /** Handles one CloudEvent as it came off the wire. Never throws. */
  async handle(topic, bytes, traceparent) {
    const event = parse(bytes);
    const attributes = { "messaging.system": "dapr", "messaging.operation.type": "process", "messaging.destination.name": topic, "messaging.message.id": event?.id };
    try {
      return await this.#tracer.run(`process ${topic}`, { kind: SpanKind.consumer, traceparent: traceparent ?? event?.traceparent ?? "", attributes }, () =>
        this.#notify(event).catch(async (failure) => {
          await this.#note(topic, event, failure);
          throw failure;
        }),
      );
    } catch (failure) {
      return failure instanceof UnreadableEvent ? Outcome.drop : Outcome.retry;
    }
  }

  async #notify(event) {
    const data = validate(event);
    const notice = noticeFor(event.type, data);
    if (notice) {
      await this.#sendOnce({ ...notice, eventId: event.id, recipient: data.customerId });
      if (notice.name === firstNotice) {
        await this.#sendWaiting(notice.orderId);
      }
    }
    return Outcome.success;
  }

  #sendOnce(notice) {
    return this.#alone(`${notice.orderId}/${notice.name}`, async () => {
      if (await this.#sent.find(notice.orderId, notice.name)) {
        return;
      }

      const recipient = notice.recipient ?? (await this.#customerOf(notice.orderId)) ?? (await this.#waitForCustomer(notice));
      if (recipient) {
        // Sent first, recorded afterwards: after a crash in between it is sent again under the same key, which the gateway recognises. The other way it were lost.
        await this.#gateway.send({ ...notice, recipient, idempotencyKey: `${notice.orderId}/${notice.name}` });
        await this.#sent.add({ ...notice, recipient, sentAt: new Date().toISOString() });
      }
    });
  }

  async #customerOf(orderId) {
    return (await this.#sent.find(orderId, firstNotice))?.recipient;
  }

  // The order's first event may come a minute later: it was in the hand of a replica that crashed. Asking for redelivery meanwhile would use up the attempts.
  // It may also be handled at this moment, so look once more: whoever writes last finds what the other wrote.
  async #waitForCustomer(notice) {
    await this.#waiting.add(notice);
    const customer = await this.#customerOf(notice.orderId);
    if (customer) {
      await this.#waiting.remove(notice);
    }
    return customer;
  }

  async #sendWaiting(orderId) {
    for (const notice of await this.#waiting.list(orderId)) {
      await this.#sendOnce(notice);
      await this.#waiting.remove(notice);
    }
  }

  // A duplicate that comes while the notice is being sent waits and then finds the record.
  async #alone(key, work) {
    const turn = (this.#inHand.get(key) ?? Promise.resolve()).then(work, work);
    this.#inHand.set(key, turn);
    try {
      return await turn;
    } finally {
      if (this.#inHand.get(key) === turn) {
        this.#inHand.delete(key);
      }
    }
  }

  async #note(topic, event, failure) {
    const reason = failure.cause?.message ?? failure.message;
    this.#log.warn("an event could not be handled", { eventId: event?.id, type: event?.type, topic, reason });
    if (typeof event?.id === "string") {
      const note = { eventId: event.id, topic, type: event.type, reason, traceId: this.#tracer.current?.traceId };
      await this.#failed.add(note).catch((lost) => this.#log.warn("the failure could not be noted", { eventId: event.id, reason: lost.message }));
    }
  }
}

/** Nobody will ever be able to read it: delivering it again is no use. */
class UnreadableEvent extends Error {}

function parse(bytes) {
  try {
    return JSON.parse(bytes);
  } catch {
    return undefined;
  }
}

function validate(event) {
  const fault = [
    [event && typeof event === "object", "it is not a JSON object"],
    [typeof event?.id === "string" && typeof event?.type === "string", "it has no id or type"],
    [event?.data && typeof event.data === "object", "it has no data"],
    [orderIdPattern.test(event?.data?.orderId), "data.orderId is not an order id"],
  ].find(([holds]) => !holds);
  if (fault) {
    throw new UnreadableEvent(`the event cannot be read: ${fault[1]}`);
  }
  return event.data;
}
