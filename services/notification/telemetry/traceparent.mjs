// https://www.w3.org/TR/trace-context/#traceparent-header
const pattern = /^(?!ff)[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})(-.*)?$/;

/** Reads a traceparent; undefined when it is none. */
export function parseTraceparent(text) {
  const [, traceId, spanId, flags] = pattern.exec(text ?? "") ?? [];
  return traceId && { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

export function formatTraceparent({ traceId, spanId, sampled }) {
  return `00-${traceId}-${spanId}-${sampled ? "01" : "00"}`;
}
