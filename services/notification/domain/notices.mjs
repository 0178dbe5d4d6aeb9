/** What a customer is told, by event type. Each happens at most once to an order. */
const notices = {
  "eventide.ordering.order-created.v1": {
    name: "order-created",
    subject: () => "We have your order",
    body: (order) => `Thank you. We are getting order ${order.orderId} ready and will tell you when it is on its way.`,
  },
  "eventide.ordering.order-confirmed.v1": {
    name: "order-confirmed",
    subject: () => "Your order is confirmed",
    body: (order) => `Order ${order.orderId} is paid for and packed.`,
  },
  "eventide.ordering.order-cancelled.v1": {
    name: "order-cancelled",
    subject: () => "Your order is cancelled",
    body: (order) => `Order ${order.orderId} was cancelled: ${order.reason ?? "no reason was given"}. Nothing is charged.`,
  },
  "eventide.shipping.shipment-booked.v1": {
    name: "shipment-booked",
    subject: () => "Your parcel has a carrier",
    body: (shipment) => `The parcel of order ${shipment.orderId} travels under ${shipment.trackingNumber}.`,
  },
};

/** The names of all notices. */
export const noticeNames = Object.values(notices).map((notice) => notice.name);

/** The notice of the event that says whose order it is. */
export const firstNotice = "order-created";

/** The notices of events that do not say it. */
export const namelessNotices = ["shipment-booked"];

/** The topics to listen to, each with the event types that lead to a notice. */
export const topics = {
  orders: ["eventide.ordering.order-created.v1", "eventide.ordering.order-confirmed.v1", "eventide.ordering.order-cancelled.v1"],
  shipments: ["eventide.shipping.shipment-booked.v1"],
};

/** The notice that an event leads to; undefined when the customer need not know. */
export function noticeFor(type, data) {
  const notice = Object.hasOwn(notices, type) ? notices[type] : undefined;
  return notice && { name: notice.name, orderId: data.orderId, subject: notice.subject(data), body: notice.body(data) };
}
