import { timingSafeEqual } from "node:crypto";
import { Outcome } from "../messages/notifier.mjs";
import { eventPath, subscriptions } from "../messages/subscriptions.mjs";
import { TooLarge, readBody, sendJson, sendProblem } from "./http.mjs";

/** Every route of the service. Only liveness and health are open to those who do not know the app's token. */
export function requestListener({ settings, notifier, sent, failed, state, log }) {
  const routes = [
    ["GET", /^\/livez$/, (request, response) => sendJson(response, 200, {}), { open: true }],
    ["GET", /^\/healthz$/, healthz, { open: true }],
    ["GET", /^\/dapr\/subscribe$/, (request, response) => sendJson(response, 200, subscriptions(settings))],
    ["POST", new RegExp(`^${eventPath}([^/]+)$`), receive],
    ["GET", /^\/notifications\/([\w-]{1,64})$/, async (request, response, orderId) => sendJson(response, 200, await sent.list(orderId))],
    ["GET", /^\/failed-deliveries\/([^/]+)$/, failedDelivery],
  ];

  // Delivery pauses while this fails, so messages wait at the broker instead of ending as dead letters while the store is away.
  async function healthz(request, response) {
    await state.get("health").then(
      () => sendJson(response, 200, {}),
      (failure) => sendProblem(response, 503, `The store does not answer: ${failure.message}`),
    );
  }

  // A message is always answered with 200: to the sidecar, other statuses mean different things with different brokers.
  async function receive(request, response, topic) {
    const status = await readBody(request).then(
      (body) => notifier.handle(topic, body, request.headers.traceparent),
      (failure) => {
        log.warn("an event could not be received", { topic, reason: failure.message });
        return failure instanceof TooLarge ? Outcome.drop : Outcome.retry;
      },
    );
    sendJson(response, 200, { status });
  }

  async function failedDelivery(request, response, eventId) {
    const note = await failed.find(eventId);
    return note ? sendJson(response, 200, note) : sendProblem(response, 404, `No failure of event ${eventId} is noted.`);
  }

  async function answer(request, response) {
    const { pathname } = new URL(request.url, "http://app");
    const route = routes.find(([method, path]) => method === request.method && path.test(pathname));
    if (!route) {
      sendProblem(response, 404, `There is no ${request.method} ${pathname}.`);
    } else if (!route[3]?.open && !knowsToken(request, settings.appToken)) {
      sendProblem(response, 401, "The header dapr-api-token is missing or wrong.");
    } else {
      await route[2](request, response, ...route[1].exec(pathname).slice(1).map(decode));
    }
  }

  return (request, response) =>
    answer(request, response).catch((failure) => {
      log.error("a request failed", { method: request.method, url: request.url, reason: failure.message });
      response.headersSent ? response.destroy() : sendProblem(response, 500, "The request could not be answered; the log says why.");
    });
}

function decode(segment) {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function knowsToken(request, expected = "") {
  const [given, wanted] = [Buffer.from(request.headers["dapr-api-token"] ?? ""), Buffer.from(expected)];
  return wanted.length === 0 || (given.length === wanted.length && timingSafeEqual(given, wanted));
}
