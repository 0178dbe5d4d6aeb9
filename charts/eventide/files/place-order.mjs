// helm test: places one order as a customer would, and waits until it is Confirmed. Ends with 0 then, else with 1 and one sentence.
import { createHmac } from "node:crypto";

const { ORDERING, CUSTOMER_TOKEN, DEVELOPMENT_KEY, TIMEOUT_SECONDS } = process.env;
const deadline = Date.now() + Number(TIMEOUT_SECONDS) * 1000;

function fail(sentence) {
  console.error(sentence);
  process.exit(1);
}

/** A token that anybody can sign, which services take only with signIn.developmentTokens. */
function developmentToken() {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { iss: "eventide-development", aud: "eventide", sub: "helm-test", exp: Math.floor(Date.now() / 1000) + 600 };
  const content = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
  return `${content}.${createHmac("sha256", DEVELOPMENT_KEY).update(content).digest("base64url")}`;
}

async function ask(path, init = {}) {
  const headers = { authorization: `Bearer ${CUSTOMER_TOKEN || developmentToken()}`, ...init.headers };
  const response = await fetch(ORDERING + path, { ...init, headers, signal: AbortSignal.timeout(10_000) });
  const text = await response.text();
  return { status: response.status, text, body: response.headers.get("content-type")?.includes("json") ? JSON.parse(text) : undefined };
}

const order = { lines: [{ sku: "SKU-002", quantity: 1 }], paymentToken: "tok_visa", country: "DE" };
const headers = { "content-type": "application/json", "idempotency-key": `helm-test-${Date.now()}` };
let id;
let last = "no answer";
while (Date.now() < deadline) {
  try {
    const answer = id === undefined ? await ask("/orders", { method: "POST", headers, body: JSON.stringify(order) }) : await ask(`/orders/${id}`);
    last = `${answer.status} ${answer.text}`;
    if (id === undefined && answer.status >= 400 && answer.status < 500) {
      fail(`The order was refused: ${last}`);
    }
    if (answer.status === 202 && id === undefined) {
      id = answer.body.id ?? answer.body.orderId;
      console.log(`Order ${id} accepted.`);
    }
    const state = answer.body?.state;
    if (state === "Confirmed") {
      console.log("Confirmed.");
      process.exit(0);
    }
    if (state === "Cancelled") {
      fail(`The order was cancelled: ${answer.text}`);
    }
  } catch (failure) {
    last = failure.message;
  }
  await new Promise((resolve) => setTimeout(resolve, 500));
}
fail(`The order was not Confirmed within ${TIMEOUT_SECONDS} s; the last answer: ${last}`);
