import type { KubeObject } from '@reckon/api/machinery';
import { metadataAlone } from '../metadata-alone';
import type { ResourceRow } from '../resource-row';
import {
  admissionPolicyBindingColumns,
  mutatingAdmissionPolicyColumns,
  validatingAdmissionPolicyColumns,
  webhookConfigurationColumns,
} from './admissionregistration-columns';
import { apiServiceColumns } from './apiregistration-columns';
import { clusterRoleBindingColumns, roleBindingColumns } from './access-columns';
import { horizontalPodAutoscalerColumns, scaleColumns } from './autoscaling-columns';
import { cronJobColumns, jobColumns } from './batch-columns';
import { certificateSigningRequestColumns } from './certificates-columns';
import type { Cell, FieldReference, KindTable } from './column';
import { eventColumns } from './event-columns';
import { flowSchemaColumns, priorityLevelConfigurationColumns } from './flowcontrol-columns';
import {
  ingressClassColumns,
  ingressColumns,
  ipAddressColumns,
  networkPolicyColumns,
  serviceCidrColumns,
} from './networking-columns';
import { nodeColumns, runtimeClassColumns } from './node-columns';
import {
  componentStatusColumns,
  configMapColumns,
  fallbackColumns,
  leaseColumns,
  namespaceColumns,
  priorityClassColumns,
  resourceQuotaColumns,
  secretColumns,
  serviceAccountColumns,
} from './plain-columns';
import { podColumns } from './pod-columns';
import { podDisruptionBudgetColumns } from './policy-columns';
import {
  deviceClassColumns,
  resourceClaimColumns,
  resourceClaimTemplateColumns,
  resourceSliceColumns,
} from './resource-columns';
import { endpointsColumns, endpointSliceColumns, serviceColumns } from './service-columns';
import {
  csiDriverColumns,
  csiNodeColumns,
  persistentVolumeClaimColumns,
  persistentVolumeColumns,
  storageClassColumns,
  volumeAttachmentColumns,
  volumeAttributesClassColumns,
} from './storage-columns';
import {
  controllerRevisionColumns,
  daemonSetColumns,
  deploymentColumns,
  podTemplateColumns,
  replicaSetColumns,
  replicationControllerColumns,
  statefulSetColumns,
} from './workload-columns';

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
  '/componentstatuses': componentStatusColumns,
  '/configmaps': configMapColumns,
  '/endpoints': endpointsColumns,
  '/events': eventColumns,
  '/namespaces': namespaceColumns,
  '/nodes': nodeColumns,
  '/persistentvolumeclaims': persistentVolumeClaimColumns,
  '/persistentvolumes': persistentVolumeColumns,
  '/pods': podColumns,
  '/podtemplates': podTemplateColumns,
  '/replicationcontrollers': replicationControllerColumns,
  '/resourcequotas': resourceQuotaColumns,
  '/secrets': secretColumns,
  '/serviceaccounts': serviceAccountColumns,
  '/services': serviceColumns,
  'admissionregistration.k8s.io/mutatingadmissionpolicies': mutatingAdmissionPolicyColumns,
  'admissionregistration.k8s.io/mutatingadmissionpolicybindings': admissionPolicyBindingColumns,
  'admissionregistration.k8s.io/mutatingwebhookconfigurations': webhookConfigurationColumns,
  'admissionregistration.k8s.io/validatingadmissionpolicies': validatingAdmissionPolicyColumns,
  'admissionregistration.k8s.io/validatingadmissionpolicybindings': admissionPolicyBindingColumns,
  'admissionregistration.k8s.io/validatingwebhookconfigurations': webhookConfigurationColumns,
  'apiregistration.k8s.io/apiservices': apiServiceColumns,
  'apps/controllerrevisions': controllerRevisionColumns,
  'apps/daemonsets': daemonSetColumns,
  'apps/deployments': deploymentColumns,
  'apps/replicasets': replicaSetColumns,
  'apps/statefulsets': statefulSetColumns,
  'autoscaling/horizontalpodautoscalers': horizontalPodAutoscalerColumns,
  'autoscaling/scales': scaleColumns,
  'batch/cronjobs': cronJobColumns,
  'batch/jobs': jobColumns,
  'certificates.k8s.io/certificatesigningrequests': certificateSigningRequestColumns,
  'coordination.k8s.io/leases': leaseColumns,
  'discovery.k8s.io/endpointslices': endpointSliceColumns,
  'events.k8s.io/events': eventColumns,
  'flowcontrol.apiserver.k8s.io/flowschemas': flowSchemaColumns,
  'flowcontrol.apiserver.k8s.io/prioritylevelconfigurations': priorityLevelConfigurationColumns,
  'networking.k8s.io/ingressclasses': ingressClassColumns,
  'networking.k8s.io/ingresses': ingressColumns,
  'networking.k8s.io/ipaddresses': ipAddressColumns,
  'networking.k8s.io/networkpolicies': networkPolicyColumns,
  'networking.k8s.io/servicecidrs': serviceCidrColumns,
  'node.k8s.io/runtimeclasses': runtimeClassColumns,
  'policy/poddisruptionbudgets': podDisruptionBudgetColumns,
  'rbac.authorization.k8s.io/clusterrolebindings': clusterRoleBindingColumns,
  'rbac.authorization.k8s.io/rolebindings': roleBindingColumns,
  'resource.k8s.io/deviceclasses': deviceClassColumns,
  'resource.k8s.io/resourceclaims': resourceClaimColumns,
  'resource.k8s.io/resourceclaimtemplates': resourceClaimTemplateColumns,
  'resource.k8s.io/resourceslices': resourceSliceColumns,
  'scheduling.k8s.io/priorityclasses': priorityClassColumns,
  'storage.k8s.io/csidrivers': csiDriverColumns,
  'storage.k8s.io/csinodes': csiNodeColumns,
  'storage.k8s.io/storageclasses': storageClassColumns,
  'storage.k8s.io/volumeattachments': volumeAttachmentColumns,
  'storage.k8s.io/volumeattributesclasses': volumeAttributesClassColumns,
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
    rows: ordered(table, objects).map((object) => rowOf(table, object, options, row)),
  };
}

const ordered = ({ compare }: KindTable, objects: readonly KubeObject[]): readonly KubeObject[] =>
  compare === undefined || objects.length < 2 ? objects : [...objects].sort(compare);

/** The OpenAPI ends the description of an enumeration with its values; the Go source, which upstream's printers show, does not. */
const withoutValues = (text: string): string => text.replace(/\s*\n\nPossible enum values:\n[\s\S]*$/, '');

function definitionsOf(table: KindTable, { describe }: ColumnOptions): ColumnDefinition[] {
  const text = (description: string | FieldReference): string =>
    typeof description === 'string' ? description : withoutValues(describe?.(...description) ?? '');
  const declared = table.columns.filter((column) => column.isUndeclared !== true);
  return declared.map(({ name, type = 'string', format = '', description, priority = 0 }) => ({
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
      return { kind: 'PartialObjectMetadata', apiVersion, metadata: metadataAlone(object) };
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
