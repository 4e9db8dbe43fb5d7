import type { KindRegistry, ResourceRow } from '@reckon/api/kinds';
import { answeredExamples } from '../resources/answered-examples';
import { examples } from '../resources/examples';
import { namespace } from '../resources/resource-example';
import type { Value } from './damage-value';

/** A resource that bodies are sent to, and a right object of it. */
export interface FuzzTarget {
  readonly row: ResourceRow;
  /** `/apis/apps/v1/namespaces/examples/deployments`. */
  readonly collection: string;
  readonly name: string;
  readonly object: { readonly [field: string]: Value };
  /** A part of the object, as a controller would write it. */
  readonly status: Value;
  /** What it asks for has no bound that the fuzzer could keep to: nothing of it is stored but its example. */
  readonly isDryRun: boolean;
}

/** Controllers make as many pods as these say. */
const makers = new Set([
  'daemonsets',
  'deployments',
  'replicasets',
  'replicationcontrollers',
  'statefulsets',
  'jobs',
  'cronjobs',
]);

/** One target for every resource of the table. Throws for a resource that has no example. */
export function fuzzTargets(kinds: KindRegistry): FuzzTarget[] {
  return kinds.resources().map((row) => {
    const id = `${row.group}/${row.version}/${row.resource}`;
    const example = examples.find(({ resource }) => resource === id);
    const object = example?.object ?? answeredObject(row, id);
    return {
      row,
      collection: collectionOf(row),
      name: (object['metadata'] as { name?: string } | undefined)?.name ?? 'none',
      object: JSON.parse(JSON.stringify(object)) as FuzzTarget['object'],
      status: JSON.parse(JSON.stringify(example?.status ?? {})) as Value,
      isDryRun: makers.has(row.resource),
    };
  });
}

function answeredObject(row: ResourceRow, id: string): Readonly<Record<string, unknown>> {
  const meta = { apiVersion: row.group === '' ? row.version : `${row.group}/${row.version}`, kind: row.kind };
  const answered = answeredExamples.find(({ resource }) => resource === id);
  if (answered !== undefined) return { ...meta, ...answered.body };
  switch (id) {
    case '/v1/bindings':
      return { ...meta, metadata: { name: 'nobody', namespace }, target: { kind: 'Node', name: 'nowhere' } };
    case '/v1/componentstatuses':
      return { ...meta, metadata: { name: 'scheduler' } };
    default:
      throw new Error(`${id} has no example`);
  }
}

function collectionOf(row: ResourceRow): string {
  const root = row.group === '' ? `/api/${row.version}` : `/apis/${row.group}/${row.version}`;
  return `${root}${row.namespaced ? `/namespaces/${namespace}` : ''}/${row.resource}`;
}
