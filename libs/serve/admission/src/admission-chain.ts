import type { AdmissionAttributes, AdmissionChain, AdmissionPlugin, Operation } from './plugin';

const operations: readonly Operation[] = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'];

type Handler = (attributes: AdmissionAttributes) => void | Promise<void>;

/** Runs plugins in the order given, first all that change, later all that only judge. A promise only from a plugin that gives one. */
export function admissionChain(plugins: readonly AdmissionPlugin[]): AdmissionChain {
  const admits = handlers(plugins, (plugin) => plugin.admit);
  const validates = handlers(plugins, (plugin) => plugin.validate);
  return {
    admit: (attributes) => run(admits[attributes.operation], attributes, 0),
    validate: (attributes) => run(validates[attributes.operation], attributes, 0),
  };
}

function handlers(
  plugins: readonly AdmissionPlugin[],
  handlerOf: (plugin: AdmissionPlugin) => Handler | undefined,
): Record<Operation, readonly Handler[]> {
  const of = (operation: Operation): Handler[] =>
    plugins.flatMap((plugin) => (plugin.handles(operation) ? (handlerOf(plugin) ?? []) : []));
  return Object.fromEntries(operations.map((operation) => [operation, of(operation)])) as Record<Operation, Handler[]>;
}

function run(list: readonly Handler[], attributes: AdmissionAttributes, from: number): void | Promise<void> {
  for (let i = from; i < list.length; i++) {
    const pending = list[i]?.(attributes);
    if (pending !== undefined) return pending.then(() => run(list, attributes, i + 1));
  }
}
