const maxBytes = 1024 * 1024;

/** The body as text. Throws {@link TooLarge} past 1 MiB. */
export async function readBody(request) {
  const chunks = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > maxBytes) {
      throw new TooLarge();
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** The body is larger than any event of ours. */
export class TooLarge extends Error {
  constructor() {
    super(`the body is larger than ${maxBytes} bytes`);
  }
}

export function sendJson(response, status, body, type = "application/json") {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, { "content-type": type, "content-length": bytes.length }).end(bytes);
}

/** RFC 9457. */
export function sendProblem(response, status, title) {
  sendJson(response, status, { status, title }, "application/problem+json");
}
