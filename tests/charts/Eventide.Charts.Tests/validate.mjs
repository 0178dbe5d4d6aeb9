// Reads YAML documents, checks each that is Kubernetes' own against its schema, and prints {checked, faults} as JSON. Argument: node_modules with kubernetes-models.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const modules = process.argv[2];
const load = (...path) => import(pathToFileURL(join(modules, ...path)));
const { loadAll } = await load("js-yaml", "dist", "js-yaml.mjs");

// apps/v1 Deployment is IoK8sApiAppsV1Deployment; networking.k8s.io/v1 Ingress is IoK8sApiNetworkingV1Ingress; v1 Pod is IoK8sApiCoreV1Pod.
const capital = (word) => word[0].toUpperCase() + word.slice(1);
function schemaOf({ apiVersion, kind }) {
  const [version, group = "core"] = apiVersion.split("/").reverse();
  const base = group.endsWith(".k8s.io") || !group.includes(".") ? capital(group.split(".")[0]) : undefined;
  const file = base && join(modules, "kubernetes-models", "_schemas", `IoK8sApi${base}${capital(version)}${kind}.js`);
  return file && existsSync(file) ? file : undefined;
}

const faults = [];
let checked = 0;
for (const item of loadAll(readFileSync(0, "utf8")).filter(Boolean)) {
  const file = schemaOf(item);
  if (!file) {
    continue;
  }
  const { validate } = await import(pathToFileURL(file));
  checked++;
  if (!validate(item)) {
    faults.push(...validate.errors.map((error) => `${item.kind} ${item.metadata?.name}: ${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`));
  }
}
console.log(JSON.stringify({ checked, faults }));
