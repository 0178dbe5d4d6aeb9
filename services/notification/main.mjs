// Tells customers what happened to their orders. Node.js without any package and without any SDK: taking part in the shop needs HTTP and nothing else.
import { createServer } from "node:http";
import { requestListener } from "./api/routes.mjs";
import { LogGateway } from "./domain/gateway.mjs";
import { Notifier } from "./messages/notifier.mjs";
import { readSettings } from "./settings.mjs";
import { FailedDeliveries } from "./state/failed-deliveries.mjs";
import { SentNotices } from "./state/sent-notices.mjs";
import { SidecarState } from "./state/sidecar-state.mjs";
import { WaitingNotices } from "./state/waiting-notices.mjs";
import { stopOnSignal } from "./stop.mjs";
import { Log } from "./telemetry/log.mjs";
import { OtlpExporter } from "./telemetry/otlp-exporter.mjs";
import { Tracer } from "./telemetry/tracer.mjs";

const settings = settingsOrStop();
const exporter = settings.otlp && new OtlpExporter(settings.otlp);
const tracer = new Tracer(exporter);
const log = new Log(settings.appId, tracer);
exporter?.reportTo(log);
settings.warnings.forEach((warning) => log.warn(warning));

const state = new SidecarState(settings.sidecar, tracer);
const sent = new SentNotices(state);
const failed = new FailedDeliveries(state);
const notifier = new Notifier({ sent, waiting: new WaitingNotices(state), failed, gateway: new LogGateway(log), tracer, log });

const server = createServer(requestListener({ settings, notifier, sent, failed, state, log }));

// Longer than the sidecar keeps an idle connection (Dapr: 90 s), so that it never sends a message into one that is being closed here.
server.keepAliveTimeout = 150_000;
stopOnSignal(server, exporter, log);
server.on("error", (failure) => fail(`It cannot listen on ${settings.host}:${settings.port} (${failure.code}); free the port or set APP_PORT to another one.`));
server.listen(settings.port, settings.host, () => log.info("listening", { host: settings.host, port: settings.port }));

function settingsOrStop() {
  try {
    return readSettings(process.env);
  } catch (failure) {
    fail(failure.message);
  }
}

function fail(sentence) {
  process.stderr.write(`error: ${sentence}\n`);
  process.exit(1);
}
