import type { FieldError, KubeObject } from '@reckon/api/machinery';
import { seededRandom } from '@reckon/kernel';
import type { RequestContext, Strategy } from '@reckon/registry/generic';
import type { Storage, StoredObject } from '@reckon/store/contract';
import {
  createStrategies,
  defaultServiceClusterIpRange,
  defaultServiceNodePorts,
  type StrategyTable,
} from '../strategies';

export interface Run {
  readonly object: KubeObject;
  readonly errors: readonly FieldError[];
  /** `path: message` of each error. */
  readonly refusals: readonly string[];
  readonly warnings: readonly string[];
}

export const testStrategies = (serviceClusterIpRange = defaultServiceClusterIpRange): StrategyTable =>
  createStrategies({ serviceClusterIpRange, serviceNodePorts: defaultServiceNodePorts, random: seededRandom(7) });

/** 2026-01-01T00:00:00Z */
export const testNowMs = 1_767_225_600_000;

export function testContext(): RequestContext & { readonly warned: string[] } {
  const warned: string[] = [];
  return {
    user: { name: 'tester', groups: [] },
    userAgent: 'test',
    requestId: 'request',
    fieldManager: 'test',
    nowMs: testNowMs,
    signal: new AbortController().signal,
    warn: (text) => warned.push(text),
    warned,
  };
}

const strategyOf = (table: StrategyTable, key: string, subresource: string): Strategy => {
  const [group = '', resource = ''] = key.split('/');
  const kind = table.of(group, resource);
  const strategy = subresource === '' ? kind?.strategy : kind?.subresources[subresource];
  if (strategy === undefined) throw new Error(`no strategy for ${key} ${subresource}`);
  return strategy;
};

/** What creating `object` comes to, up to the decision. `key` is `group/resource`. */
export function runCreate(key: string, object: object, table = testStrategies()): Run {
  const strategy = strategyOf(table, key, '');
  const copy = structuredClone(object) as KubeObject;
  const ctx = testContext();
  strategy.defaults?.(copy);
  strategy.prepareForCreate?.(ctx, copy);
  const errors = strategy.validate?.(ctx, copy) ?? [];
  const warnings = [...ctx.warned, ...(strategy.warningsOnCreate?.(ctx, copy) ?? [])];
  return { object: copy, errors, refusals: errors.map(String), warnings };
}

/** What changing `old` into `object` comes to; `old` must be whole already. */
export function runUpdate(key: string, old: object, object: object, subresource = '', table = testStrategies()): Run {
  return update(
    key,
    Object.freeze(structuredClone(old)) as KubeObject,
    structuredClone(object) as KubeObject,
    subresource,
    table,
  );
}

/**
 * What a patch of these members comes to; undefined removes one. The new object shares all others but its metadata with the old one, as
 * it does where a patch is applied; throws a TypeError where a strategy changes what they share.
 */
export function runPatch(
  key: string,
  old: KubeObject,
  members: Readonly<Record<string, unknown>>,
  subresource = '',
  table = testStrategies(),
): Run {
  const before = frozen(structuredClone(old));
  const metadata = { ...structuredClone(old.metadata), labels: { a: 'b' } };
  const object: KubeObject = { ...before, ...structuredClone(members), metadata };
  for (const name of Object.keys(members)) if (members[name] === undefined) delete object[name];
  return update(key, before, object, subresource, table);
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const inner of Object.values(value)) frozen(inner);
  return Object.freeze(value);
}

function update(key: string, before: KubeObject, copy: KubeObject, subresource: string, table: StrategyTable): Run {
  const strategy = strategyOf(table, key, subresource);
  const ctx = testContext();
  strategy.defaults?.(copy);
  strategy.prepareForUpdate?.(ctx, copy, before);
  const errors = strategy.validateUpdate?.(ctx, copy, before) ?? [];
  const warnings = [...ctx.warned, ...(strategy.warningsOnUpdate?.(ctx, copy, before) ?? [])];
  return { object: copy, errors, refusals: errors.map(String), warnings };
}

/** A storage that holds these objects of one resource and can do nothing but show them to a decision. */
export function storageHolding(resource: string, objects: readonly KubeObject[]): Storage {
  const stored = objects.map(
    (object) =>
      ({
        key: {
          group: '',
          resource,
          namespace: object.metadata.namespace ?? '',
          name: object.metadata.name ?? '',
        },
        parse: () => structuredClone(object),
      }) as unknown as StoredObject,
  );
  return {
    newestOf: (of: { resource: string }) => (of.resource === resource ? stored : []),
    newest: (key: { resource: string; namespace: string; name: string }) =>
      key.resource === resource
        ? stored.find((one) => one.key.namespace === key.namespace && one.key.name === key.name)
        : undefined,
  } as unknown as Storage;
}

/** Sets `value` at a dotted path, in place: `spec.containers.0.image`; undefined removes. */
export function setAt(object: object, path: string, value: unknown): void {
  const steps = path.split('.');
  const last = steps.pop() ?? '';
  let at = object as Record<string, unknown>;
  for (const step of steps) {
    at[step] ??= {};
    at = at[step] as Record<string, unknown>;
  }
  if (value === undefined) delete at[last];
  else at[last] = value;
}

/** A copy of `object` with changes by dotted paths. */
export function changed<T extends object>(object: T, changes: Readonly<Record<string, unknown>>): T {
  const copy = structuredClone(object);
  for (const path of Object.keys(changes)) setAt(copy, path, changes[path]);
  return copy;
}
