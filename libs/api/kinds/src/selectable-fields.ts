import { goQuote, statusErrors } from '@reckon/api/machinery';
import type { ResourceRow } from './resource-row';

/** An object as far as its fields are looked up; deliberately loose, so that stored forms of any layer fit. */
interface Selectable {
  readonly metadata: { readonly name?: string; readonly namespace?: string };
  readonly [field: string]: unknown;
}

/** What a field selector can ask of a kind. */
export interface SelectableFields {
  /** Names that a selector may use, sorted. */
  readonly names: readonly string[];
  /** The values, by those names (some accepted names never have one: they count as ''). */
  fieldsOf(object: Selectable): Record<string, string>;
  /** Throws StatusError 400 with upstream's text for the first name that the kind does not know. */
  check(names: readonly string[]): void;
}

/** A path into the object, or a function where upstream does more than look. */
type Source = string | ((object: Selectable) => string);

interface KindFields {
  readonly fields: Readonly<Record<string, Source>>;
  /** Accepted without a value ever being there. */
  readonly valueless?: readonly string[];
  readonly refuse?: (name: string) => string;
}

/** The text of `instead` where the path has none. */
function orElse(path: string, instead: string): (object: Selectable) => string {
  const find = lookup(path);
  return (object) => find(object) || instead;
}

function either(path: string, other: string): (object: Selectable) => string {
  const [first, second] = [lookup(path), lookup(other)];
  return (object) => first(object) || second(object);
}

const eventFields = (prefix: string, reporter: string): Record<string, Source> => ({
  ...Object.fromEntries(
    ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'].map((name) => [
      `${prefix}.${name}`,
      `involvedObject.${name}`,
    ]),
  ),
  reason: 'reason',
  type: 'type',
  [reporter]: 'reportingComponent',
});

/**
 * Kinds with more than a name and a namespace, by `<group>/<resource>`: names as their field label conversions take them
 * (pkg/apis/<group>/<version>/conversion.go), values as the registries compute them (`ToSelectableFields`).
 */
const kinds: Readonly<Record<string, KindFields>> = {
  '/pods': {
    fields: {
      'spec.host': 'spec.nodeName',
      'spec.nodeName': 'spec.nodeName',
      'spec.restartPolicy': 'spec.restartPolicy',
      'spec.schedulerName': 'spec.schedulerName',
      'spec.serviceAccountName': 'spec.serviceAccountName',
      'spec.hostNetwork': orElse('spec.hostNetwork', 'false'),
      'status.phase': 'status.phase',
      'status.podIP': 'status.podIPs.0.ip',
      'status.nominatedNodeName': 'status.nominatedNodeName',
    },
    valueless: ['status.podIPs'],
  },
  '/nodes': { fields: { 'spec.unschedulable': orElse('spec.unschedulable', 'false') } },
  '/namespaces': { fields: { 'status.phase': 'status.phase' } },
  '/secrets': { fields: { type: 'type' } },
  '/services': { fields: { 'spec.clusterIP': 'spec.clusterIP', 'spec.type': 'spec.type' } },
  '/replicationcontrollers': { fields: { 'status.replicas': orElse('status.replicas', '0') } },
  '/events': {
    fields: {
      ...eventFields('involvedObject', 'reportingComponent'),
      source: either('source.component', 'reportingComponent'),
    },
  },
  'events.k8s.io/events': { fields: eventFields('regarding', 'reportingController') },
  'batch/jobs': {
    fields: { 'status.successful': orElse('status.succeeded', '0') },
    refuse: (name) => `field label ${goQuote(name)} not supported for Job`,
  },
  'resource.k8s.io/resourceslices': {
    fields: { 'spec.nodeName': 'spec.nodeName', 'spec.driver': 'spec.driver' },
    refuse: (name) => `field label not supported for resource.k8s.io/v1, Kind=ResourceSlice: ${name}`,
  },
  'certificates.k8s.io/certificatesigningrequests': { fields: { 'spec.signerName': 'spec.signerName' } },
};

/** Cluster-wide kinds with fields of their own do not take `metadata.namespace`; all others do, upstream's default. */
export function selectableFields(row: ResourceRow): SelectableFields {
  const own = kinds[`${row.group}/${row.resource}`];
  const meta = own === undefined || row.namespaced ? ['metadata.name', 'metadata.namespace'] : ['metadata.name'];
  const names = [...meta, ...Object.keys(own?.fields ?? {}), ...(own?.valueless ?? [])].sort();
  const accepted = new Set(names);
  const refuse = own === undefined ? refuseUnknown : (own.refuse ?? refuseUnsupported);
  // Objects of both Event groups are extracted in their stored form, for selectors of either.
  const sources = Object.entries(
    row.resource === 'events'
      ? { ...kinds['/events']?.fields, ...kinds['events.k8s.io/events']?.fields }
      : (own?.fields ?? {}),
  ).map(([field, source]) => [field, typeof source === 'string' ? lookup(source) : source] as const);
  return {
    names,
    fieldsOf(object) {
      const { name = '', namespace = '' } = object.metadata;
      const values: Record<string, string> = { 'metadata.name': name, 'metadata.namespace': namespace };
      for (const [field, source] of sources) {
        values[field] = source(object);
      }
      return values;
    },
    check(asked) {
      const unknown = asked.find((name) => !accepted.has(name));
      if (unknown !== undefined) throw statusErrors.badRequest(refuse(unknown));
    },
  };
}

const refuseUnknown = (name: string): string =>
  `${goQuote(name)} is not a known field selector: only "metadata.name", "metadata.namespace"`;

const refuseUnsupported = (name: string): string => `field label not supported: ${name}`;

/** Finds the value at a dotted path as a selector sees it; '' when absent. */
function lookup(path: string): (object: Selectable) => string {
  const steps = path.split('.');
  return (object) => {
    let value: unknown = object;
    for (const step of steps) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return '';
      value = (value as Record<string, unknown>)[step];
    }
    switch (typeof value) {
      case 'string':
        return value;
      case 'number':
      case 'boolean':
        return String(value);
      default:
        return '';
    }
  };
}
