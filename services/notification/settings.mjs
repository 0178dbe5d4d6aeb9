/** Reads the environment, in the names that Dapr and OpenTelemetry give their variables. */
export function readSettings(environment) {
  const appId = environment.APP_ID || "notification";
  const warnings = [];
  return {
    appId,
    host: environment.APP_HOST || "127.0.0.1",
    port: port(environment.APP_PORT, "APP_PORT", 5107),
    appToken: environment.APP_API_TOKEN || undefined,
    pubsub: "pubsub",
    sidecar: {
      address: environment.DAPR_HTTP_ENDPOINT || `http://127.0.0.1:${port(environment.DAPR_HTTP_PORT, "DAPR_HTTP_PORT", 3500)}`,
      token: environment.DAPR_API_TOKEN || undefined,
      store: `${appId}-store`,
    },
    otlp: otlp(environment, appId, warnings),
    /** What the log should say about these settings. */
    warnings,
  };
}

function port(text, name, otherwise) {
  const value = text ? Number(text) : otherwise;
  if (!Number.isInteger(value) || value < 1 || value > 65535) {
    throw new RangeError(`${name} is "${text}"; set it to a port number from 1 to 65535.`);
  }
  return value;
}

// https://opentelemetry.io/docs/specs/otel/protocol/exporter: the address for traces is used as it is, the common one gets the path of the signal.
function otlp(environment, appId, warnings) {
  const common = environment.OTEL_EXPORTER_OTLP_ENDPOINT;
  const address = environment.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || (common && `${common.replace(/\/+$/, "")}/v1/traces`);
  const protocol = environment.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL || environment.OTEL_EXPORTER_OTLP_PROTOCOL;
  if (address && protocol === "grpc") {
    warnings.push("traces are not exported: this service speaks OTLP over HTTP only; set OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=http/json and its endpoint");
    return undefined;
  }
  return address
    ? {
        address,
        headers: pairs(environment.OTEL_EXPORTER_OTLP_HEADERS),
        resource: { ...pairs(environment.OTEL_RESOURCE_ATTRIBUTES), "service.name": environment.OTEL_SERVICE_NAME || appId },
      }
    : undefined;
}

function pairs(text) {
  const entries = (text ?? "").split(",").map((pair) => pair.split("=")).filter(([name, value]) => name?.trim() && value !== undefined);
  return Object.fromEntries(entries.map(([name, ...value]) => [name.trim(), decodeURIComponent(value.join("=").trim())]));
}
