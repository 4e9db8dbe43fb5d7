import type { KubeObject } from '@reckon/api/machinery';
import type { ResourceRow } from '../resource-row';
import { clusterRoleBindingColumns, roleBindingColumns } from './access-columns';
import type { Cell, FieldReference, KindTable } from './column';
import { eventColumns } from './event-columns';
import { nodeColumns } from './node-columns';
import {
  configMapColumns,
  fallbackColumns,
  leaseColumns,
  namespaceColumns,
  priorityClassColumns,
  secretColumns,
  serviceAccountColumns,
} from './plain-columns';
import { podColumns } from './pod-columns';
import { endpointsColumns, endpointSliceColumns, serviceColumns } from './service-columns';
import { controllerRevisionColumns, deploymentColumns, replicaSetColumns } from './workload-columns';

/** `metav1.Table`, without the list's metadata. */
export interface Table {
  readonly kind: 'Table';
  readonly apiVersion: string;
  readonly metadata: Record<string, never>;
  readonly columnDefinitions: readonly ColumnDefinition[];
  readonly rows: readonly TableRow[];
}

export interface ColumnDefinition {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  readonly priority: number;
}

export interface TableRow {
  readonly cells: readonly Cell[];
  readonly conditions?: readonly object[];
  readonly object: object | null;
}

export interface ColumnOptions {
  readonly nowMs: number;
  /** What a row carries beside its cells. */
  readonly includeObject: 'None' | 'Metadata' | 'Object';
  /** `meta.k8s.io/v1` or an older one that was asked for. */
  readonly apiVersion: string;
  /** Documentation of a field, for columns that show one; '' when there is none at hand. */
  readonly describe?: (struct: string, field: string) => string;
}

const tables: Readonly<Record<string, KindTable>> = {
  '/configmaps': configMapColumns,
  '/endpoints': endpointsColumns,
  '/events': eventColumns,
  '/namespaces': namespaceColumns,
  '/nodes': nodeColumns,
  '/pods': podColumns,
  '/secrets': secretColumns,
  '/serviceaccounts': serviceAccountColumns,
  '/services': serviceColumns,
  'apps/controllerrevisions': controllerRevisionColumns,
  'apps/deployments': deploymentColumns,
  'apps/replicasets': replicaSetColumns,
  'coordination.k8s.io/leases': leaseColumns,
  'discovery.k8s.io/endpointslices': endpointSliceColumns,
  'events.k8s.io/events': eventColumns,
  'rbac.authorization.k8s.io/clusterrolebindings': clusterRoleBindingColumns,
  'rbac.authorization.k8s.io/rolebindings': roleBindingColumns,
  'scheduling.k8s.io/priorityclasses': priorityClassColumns,
};

/** What `kubectl get` shows of objects, in their served version, as upstream's printers do (pkg/printers/internalversion). */
export function tableFor(row: ResourceRow, objects: readonly KubeObject[], options: ColumnOptions): Table {
  const id = `${row.group}/${row.resource}`;
  const table = (Object.hasOwn(tables, id) ? tables[id] : undefined) ?? fallbackColumns;
  return {
    kind: 'Table',
    apiVersion: options.apiVersion,
    metadata: {},
    columnDefinitions: definitionsOf(table, options),
    rows: objects.map((object) => rowOf(table, object, options, row)),
  };
}

function definitionsOf(table: KindTable, { describe }: ColumnOptions): ColumnDefinition[] {
  const text = (description: string | FieldReference): string =>
    typeof description === 'string' ? description : (describe?.(...description) ?? '');
  return table.columns.map(({ name, type = 'string', format = '', description, priority = 0 }) => ({
    name,
    type,
    format,
    description: text(description),
    priority,
  }));
}

function rowOf(table: KindTable, object: KubeObject, options: ColumnOptions, row: ResourceRow): TableRow {
  const subject = table.prepare(object);
  const cells = table.columns.map((column) => column.cell(subject, options));
  const conditions = row.kind === 'Pod' ? podConditions(object) : undefined;
  return { cells, ...(conditions === undefined ? {} : { conditions }), object: shown(object, options) };
}

function shown(object: KubeObject, { includeObject, apiVersion }: ColumnOptions): object | null {
  switch (includeObject) {
    case 'None':
      return null;
    case 'Object':
      return object;
    case 'Metadata':
      return { kind: 'PartialObjectMetadata', apiVersion, metadata: object.metadata };
  }
}

/** Pods that are over are marked, so that clients can leave them out. */
function podConditions(object: KubeObject): readonly object[] | undefined {
  const { phase } = (object.status ?? {}) as { phase?: string };
  if (phase === 'Succeeded')
    return [{ type: 'Completed', status: 'True', reason: phase, message: 'The pod has completed successfully.' }];
  if (phase === 'Failed') return [{ type: 'Completed', status: 'True', reason: phase, message: 'The pod failed.' }];
  return undefined;
}
