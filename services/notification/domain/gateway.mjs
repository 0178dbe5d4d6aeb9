/**
 * A message gateway for development: it writes the message to the log. A real one takes the same three things and, by the idempotency key, sends a message
 * once however often it is asked to.
 */
export class LogGateway {
  #log;

  constructor(log) {
    this.#log = log;
  }

  async send({ idempotencyKey, recipient, subject }) {
    this.#log.info("sent", { idempotencyKey, recipient, subject });
  }
}
