import { topics } from "../domain/notices.mjs";

/** Where the events of a topic are delivered. */
export const eventPath = "/events/";

/** The answer to GET /dapr/subscribe. The default route takes every type that no rule names; without it the sidecar would dead-letter those. */
export function subscriptions({ appId, pubsub }) {
  return Object.entries(topics).map(([topic, types]) => ({
    pubsubname: pubsub,
    topic,
    deadLetterTopic: `${appId}.${topic}.dead`,
    routes: {
      rules: types.map((type) => ({ match: `event.type == "${type}"`, path: `${eventPath}${topic}` })),
      default: `${eventPath}${topic}`,
    },
  }));
}
