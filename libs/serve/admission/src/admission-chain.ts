import type { Change } from '@reckon/store/contract';
import type { AdmissionMetrics, Lap, Step } from './admission-metrics';
import type { AdmissionAttributes, AdmissionChain, AdmissionPlugin, Operation } from './plugin';

const operations: readonly Operation[] = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'];

interface Handler {
  readonly handle: (attributes: AdmissionAttributes) => void | Promise<void>;
  readonly lap: Lap;
}

/** The plugins of one step that look at one operation. */
interface Handlers {
  readonly list: readonly Handler[];
  readonly lap: Lap;
  readonly nowMs: () => number;
}

const untimed: Lap = () => 0;

/** Runs plugins in the order given, first all that change, later all that only judge. A promise only from a plugin that gives one. */
export function admissionChain(plugins: readonly AdmissionPlugin[], metrics?: AdmissionMetrics): AdmissionChain {
  const admits = handlers('admit', plugins, metrics);
  const validates = handlers('validate', plugins, metrics);
  return {
    admit: (attributes) => {
      const pending = begin(admits[attributes.operation], attributes);
      if (pending !== undefined) return pending.then(() => again(admits[attributes.operation], attributes));
      return attributes.reinvocation === undefined ? undefined : again(admits[attributes.operation], attributes);
    },
    validate: (attributes) => begin(validates[attributes.operation], attributes),
    companions: companionsOf(plugins, metrics),
  };
}

/** They count as the judging step of their plugins, which is what they are upstream. */
function companionsOf(
  plugins: readonly AdmissionPlugin[],
  metrics: AdmissionMetrics | undefined,
): AdmissionChain['companions'] {
  const of = (operation: Operation) =>
    plugins.flatMap((plugin) => {
      const decide = plugin.handles(operation) ? plugin.companions : undefined;
      return decide === undefined
        ? []
        : { decide, lap: metrics?.plugin(plugin.name, 'validate', operation) ?? untimed };
    });
  const lists: Partial<Record<Operation, ReturnType<typeof of>>> = { CREATE: of('CREATE'), UPDATE: of('UPDATE') };
  if (Object.values(lists).every((list) => list.length === 0)) return undefined;
  return (attributes) => {
    const changes: Change[] = [];
    for (const { decide, lap } of lists[attributes.operation] ?? []) {
      const begunMs = metrics?.clock.elapsedMs() ?? 0;
      try {
        changes.push(...decide(attributes));
      } catch (error) {
        lap(begunMs, true);
        throw error;
      }
      lap(begunMs, false);
    }
    return changes;
  };
}

function handlers(
  step: Step,
  plugins: readonly AdmissionPlugin[],
  metrics: AdmissionMetrics | undefined,
): Record<Operation, Handlers> {
  const of = (operation: Operation): Handlers => ({
    list: plugins.flatMap((plugin) => {
      const handle = plugin.handles(operation) ? plugin[step] : undefined;
      return handle === undefined ? [] : { handle, lap: metrics?.plugin(plugin.name, step, operation) ?? untimed };
    }),
    lap: metrics?.step(step, operation) ?? untimed,
    nowMs: metrics === undefined ? () => 0 : () => metrics.clock.elapsedMs(),
  });
  return Object.fromEntries(operations.map((operation) => [operation, of(operation)])) as Record<Operation, Handlers>;
}

/** A second round, where a plugin that calls out changed what others have seen (admission `newReinvocationHandler`). */
function again(handlers: Handlers, attributes: AdmissionAttributes): void | Promise<void> {
  const { reinvocation } = attributes;
  if (reinvocation?.isWanted !== true) return;
  reinvocation.isSecond = true;
  return begin(handlers, attributes);
}

function begin(handlers: Handlers, attributes: AdmissionAttributes): void | Promise<void> {
  const begunMs = handlers.nowMs();
  return run(handlers, attributes, { from: 0, begunMs, lastMs: begunMs });
}

interface Place {
  readonly from: number;
  /** When the step began. */
  readonly begunMs: number;
  /** When the plugin before ended. */
  readonly lastMs: number;
}

function run(handlers: Handlers, attributes: AdmissionAttributes, place: Place): void | Promise<void> {
  const { list } = handlers;
  const { begunMs } = place;
  let { from: i, lastMs } = place;
  try {
    for (; i < list.length; i++) {
      const { handle, lap } = list[i] as Handler;
      const pending = handle(attributes);
      if (pending !== undefined) return wait(handlers, attributes, { pending, at: i, begunMs, lastMs });
      lastMs = lap(lastMs, false);
    }
  } catch (error) {
    list[i]?.lap(lastMs, true);
    handlers.lap(begunMs, true);
    throw error;
  }
  handlers.lap(begunMs, false);
}

async function wait(
  handlers: Handlers,
  attributes: AdmissionAttributes,
  { pending, at, begunMs, lastMs }: Omit<Place, 'from'> & { readonly pending: Promise<void>; readonly at: number },
): Promise<void> {
  const lap = handlers.list[at]?.lap ?? untimed;
  try {
    await pending;
  } catch (error) {
    lap(lastMs, true);
    handlers.lap(begunMs, true);
    throw error;
  }
  return run(handlers, attributes, { from: at + 1, begunMs, lastMs: lap(lastMs, false) });
}
