/** One JSON object per line, with the trace it belongs to. */
export class Log {
  #service;
  #tracer;
  #write;

  constructor(service, tracer, write = (line) => process.stdout.write(line)) {
    this.#service = service;
    this.#tracer = tracer;
    this.#write = write;
  }

  info(message, fields) {
    this.#line("information", message, fields);
  }

  warn(message, fields) {
    this.#line("warning", message, fields);
  }

  error(message, fields) {
    this.#line("error", message, fields);
  }

  #line(level, message, fields) {
    const { traceId, spanId } = this.#tracer.current ?? {};
    this.#write(`${JSON.stringify({ time: new Date().toISOString(), level, service: this.#service, message, ...fields, traceId, spanId })}\n`);
  }
}
