import { namelessNotices } from "../domain/notices.mjs";

/** Notices whose event came before it was known who placed the order: one document per order and notice, until it is sent. */
export class WaitingNotices {
  #state;

  constructor(state) {
    this.#state = state;
  }

  /** What waits for the customer of an order. */
  async list(orderId) {
    const found = await this.#state.getMany(namelessNotices.map((name) => key(orderId, name)));
    return [...found.values()];
  }

  /** Keeps a notice; the record that is there already stands. Throws when neither can be had, so that the message is delivered again. */
  async add(notice) {
    if (!(await this.#state.trySet(key(notice.orderId, notice.name), notice)) && !(await this.#state.get(key(notice.orderId, notice.name)))) {
      throw new Error(`the notice ${notice.name} of order ${notice.orderId} could not be kept until its customer is known`);
    }
  }

  /** Forgets a notice that was sent. */
  async remove({ orderId, name }) {
    await this.#state.delete(key(orderId, name));
  }
}

function key(orderId, name) {
  return `waiting/${orderId}/${name}`;
}
