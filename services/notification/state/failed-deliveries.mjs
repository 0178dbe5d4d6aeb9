const keptSeconds = 7 * 24 * 60 * 60;

/** Why an event could not be handled, for the one who finds it among the dead letters. */
export class FailedDeliveries {
  #state;

  constructor(state) {
    this.#state = state;
  }

  async find(eventId) {
    return (await this.#state.get(key(eventId)))?.value;
  }

  /** Notes one more failed attempt. */
  async add({ eventId, topic, type, reason, traceId }) {
    const { value, etag } = (await this.#state.get(key(eventId))) ?? {};
    const note = { eventId, topic, type, attempts: (value?.attempts ?? 0) + 1, reason, traceId, failedAt: new Date().toISOString() };
    await this.#state.trySet(key(eventId), note, { etag, ttlSeconds: keptSeconds });
  }
}

function key(eventId) {
  return `failed/${eventId}`;
}
