import { noticeNames } from "../domain/notices.mjs";

/** What was sent to whom: one document per order and notice, written once. */
export class SentNotices {
  #state;

  constructor(state) {
    this.#state = state;
  }

  async find(orderId, name) {
    return (await this.#state.get(key(orderId, name)))?.value;
  }

  /** Everything that was sent about an order. */
  async list(orderId) {
    const found = await this.#state.getMany(noticeNames.map((name) => key(orderId, name)));
    return [...found.values()].sort((one, other) => one.sentAt.localeCompare(other.sentAt));
  }

  /** Records what was sent; the record that is there already stands. Throws when neither can be had, so that the message is delivered again. */
  async add(notice) {
    if (!(await this.#state.trySet(key(notice.orderId, notice.name), notice)) && !(await this.find(notice.orderId, notice.name))) {
      throw new Error(`the notice ${notice.name} of order ${notice.orderId} could not be recorded`);
    }
  }
}

function key(orderId, name) {
  return `sent/${orderId}/${name}`;
}
