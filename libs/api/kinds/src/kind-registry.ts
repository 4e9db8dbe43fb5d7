import type { GroupVersionKind } from '@reckon/api/machinery';
import { addAutoscalingConversion } from './autoscaling-conversion';
import { builtinRows } from './builtin-rows';
import { type Converters, createConverters } from './converters';
import { addEventConversion } from './event-conversion';
import { createPlans, type Plans } from './normalize-plan';
import { createProtobufEncoder, type ProtobufEncoder } from './protobuf/encode';
import type { ResourceRow } from './resource-row';
import { createTypeTable, type StructType, type TypeTable } from './table';

/**
 * The table of kinds, alive: rows appear, change and vanish while the server runs. Everything that depends on kinds
 * reads it when asked, or keeps what it derived together with `revision` and derives anew when that has grown.
 */
export interface KindRegistry {
  /** Grows by one with every change. */
  readonly revision: number;
  readonly types: TypeTable;
  /** Compiled normalizers, shared by all decoders of the registry. */
  readonly plans: Plans;
  /** Writes answers; what it learned about a type serves all of them. */
  readonly protobuf: ProtobufEncoder;
  /** For rows whose objects are stored in another version. */
  readonly converters: Converters;
  resource(group: string, version: string, resource: string): ResourceRow | undefined;
  kind(group: string, version: string, kind: string): ResourceRow | undefined;
  /** In order of discovery: as added. */
  resources(): readonly ResourceRow[];
  groupVersions(): readonly { readonly group: string; readonly version: string }[];
  /** Replaces the row of the same group, version and resource, at its place. */
  add(row: ResourceRow): void;
  /** False when there is no such row. */
  remove(group: string, version: string, resource: string): boolean;
  /** Called after each change, in order of subscription; a throwing listener does not keep others from being called. */
  onChange(listener: () => void): () => void;
  /**
   * The type of any kind that can be decoded: served rows, and built-in kinds without a resource (Scale, DeleteOptions,
   * lists), served or not, as they are part of upstream's scheme.
   */
  structOf(gvk: GroupVersionKind): StructType | undefined;
}

export interface KindRegistryOptions {
  /** Which of the built-in rows are served; default all. */
  readonly serve?: (row: ResourceRow) => boolean;
  /** Instead of the built-in rows. */
  readonly rows?: readonly ResourceRow[];
}

export function createKindRegistry(options: KindRegistryOptions = {}): KindRegistry {
  const types = createTypeTable();
  const plans = createPlans(types);
  const builtin = builtinRows(types);
  const builtinGroups = new Set(['meta.k8s.io', ...builtin.map((row) => row.group)]);
  const converters = createConverters();
  addEventConversion(converters, types, plans);
  addAutoscalingConversion(converters, types, plans);
  const rows = new Map<string, ResourceRow>();
  const kinds = new Map<string, ResourceRow>();
  const listeners = new Set<() => void>();
  let revision = 0;
  let ordered: readonly ResourceRow[] | undefined;
  for (const row of (options.rows ?? builtin).filter(options.serve ?? (() => true))) put(row);

  function put(row: ResourceRow): void {
    const key = keyOf(row.group, row.version, row.resource);
    const before = rows.get(key);
    if (before !== undefined) kinds.delete(keyOf(before.group, before.version, before.kind));
    rows.set(key, row);
    kinds.set(keyOf(row.group, row.version, row.kind), row);
  }

  function changed(): void {
    revision++;
    ordered = undefined;
    const errors: unknown[] = [];
    for (const listener of [...listeners]) {
      try {
        listener();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, 'listeners of the kind registry failed');
  }

  return {
    types,
    plans,
    protobuf: createProtobufEncoder(types),
    converters,
    get revision() {
      return revision;
    },
    resource: (group, version, resource) => rows.get(keyOf(group, version, resource)),
    kind: (group, version, kind) => kinds.get(keyOf(group, version, kind)),
    resources: () => (ordered ??= [...rows.values()]),
    groupVersions() {
      const seen = new Map<string, { group: string; version: string }>();
      for (const { group, version } of rows.values()) seen.set(keyOf(group, version, ''), { group, version });
      return [...seen.values()];
    },
    add(row) {
      put(row);
      changed();
    },
    remove(group, version, resource) {
      const row = rows.get(keyOf(group, version, resource));
      if (row === undefined) return false;
      rows.delete(keyOf(group, version, resource));
      kinds.delete(keyOf(group, version, row.kind));
      changed();
      return true;
    },
    onChange(listener) {
      // A wrapper of its own, so that the same function can be subscribed twice.
      const entry = (): void => {
        listener();
      };
      listeners.add(entry);
      return () => listeners.delete(entry);
    },
    structOf({ group, version, kind }) {
      const row = kinds.get(keyOf(group, version, kind));
      if (row !== undefined) return row.type;
      if (!builtinGroups.has(group)) return undefined;
      const own = `${packageOfGroup(group)}/${version}.${kind}`;
      const name = types.has(own) ? own : `meta/v1.${kind}`;
      const struct = types.has(name) ? types.struct(name) : undefined;
      return struct?.byName.has('apiVersion') === true ? struct : undefined;
    },
  };
}

const keyOf = (group: string, version: string, name: string): string => `${group}/${version}/${name}`;

/** The Go package of a group: its first label, `core` for the empty one. */
export function packageOfGroup(group: string): string {
  return group === '' ? 'core' : (group.split('.')[0] ?? group);
}
