import type { KindRegistry } from '@reckon/api/kinds';
import { type KubeObject, deepCopy, semanticEqual, timeText } from '@reckon/api/machinery';
import type { flowcontrolv1 } from '@reckon/api/types';
import type { Random } from '@reckon/kernel';
import {
  type ManagedFieldsType,
  type RequestContext,
  createManagedFieldsTypes,
  recordManagedFields,
} from '@reckon/registry/generic';
import {
  mandatoryFlowSchemas,
  mandatoryPriorityLevels,
  suggestedFlowSchemas,
  suggestedPriorityLevels,
} from '@reckon/registry/kinds';
import { type Change, type Storage, type StoredObject, noRevision } from '@reckon/store/contract';
import { danglingCondition, flowControlConsumer, flowControlGroup } from '../flow-schema-condition';

type Level = flowcontrolv1.PriorityLevelConfiguration;
type Schema = flowcontrolv1.FlowSchema;

const producer = 'api-priority-and-fairness-config-producer-v1';
const annotation = 'apf.kubernetes.io/autoupdate-spec';
const apiVersion = `${flowControlGroup}/v1`;

interface FlowControlParts {
  readonly kinds: KindRegistry;
  readonly storage: Storage;
  readonly ctx: RequestContext;
  readonly random: Random;
}

interface Wanted {
  readonly resource: 'prioritylevelconfigurations' | 'flowschemas';
  readonly object: Level | Schema;
  readonly isMandatory: boolean;
}

const named = (object: Level | Schema): string => object.metadata.name ?? '';

const wanted: readonly Wanted[] = [
  ...list('prioritylevelconfigurations', [...mandatoryPriorityLevels.values()], suggestedPriorityLevels),
  ...list('flowschemas', [...mandatoryFlowSchemas.values()], suggestedFlowSchemas),
];

function list(
  resource: Wanted['resource'],
  mandatory: readonly (Level | Schema)[],
  suggested: readonly (Level | Schema)[],
): Wanted[] {
  return [
    ...mandatory.map((object) => ({ resource, object, isMandatory: true })),
    ...suggested.map((object) => ({ resource, object, isMandatory: false })),
  ];
}

/**
 * What is missing or outdated of the objects of priority and fairness that every cluster has, as one list of changes
 * (registry/flowcontrol/ensurer): what an administrator took over stays, what the server once made and knows no more goes.
 */
export function flowControlChanges(parts: FlowControlParts): Change[] {
  const changes: Change[] = [];
  const record = recorder(parts);
  const known = new Set<string>();
  for (const one of wanted) {
    const name = named(one.object);
    known.add(`${one.resource}/${name}`);
    const key = { group: flowControlGroup, resource: one.resource, namespace: '', name };
    const current = parts.storage.newest(key);
    if (current === undefined)
      changes.push({ key, verb: 'create', previous: noRevision, object: newObject(parts, one, record) });
    else {
      const object = updated(one, current, record);
      if (object !== undefined) changes.push({ key, verb: 'update', previous: current.revision, object });
    }
  }
  for (const resource of ['prioritylevelconfigurations', 'flowschemas'] as const)
    for (const stored of parts.storage.newestOf({ group: flowControlGroup, resource }))
      if (!known.has(`${resource}/${stored.key.name}`) && isForgotten(stored))
        changes.push({ key: stored.key, verb: 'delete', previous: stored.revision, object: stored.parse() });
  return changes;
}

/** Made by a server of another version and left to it ever since. */
function isForgotten(stored: StoredObject): boolean {
  const { annotations, finalizers = [] } = (stored.parse() as KubeObject).metadata;
  return annotations?.[annotation] === 'true' && finalizers.length === 0;
}

function newObject({ ctx, random }: FlowControlParts, { resource, object }: Wanted, record: RecordOwner): KubeObject {
  const time = timeText(ctx.nowMs);
  const made: KubeObject = {
    kind: object.kind ?? '',
    apiVersion,
    metadata: {
      name: named(object),
      uid: random.uuid(),
      resourceVersion: '',
      generation: 1,
      creationTimestamp: time,
      annotations: { [annotation]: 'true' },
    },
    spec: deepCopy(object.spec),
    status: {},
  };
  record(resource, undefined, made);
  if (resource === 'prioritylevelconfigurations') return made;
  // Its level is among those that are made in the same step.
  made['status'] = { conditions: [{ ...danglingCondition(object as Schema, () => true), lastTransitionTime: time }] };
  made.metadata.managedFields = [
    {
      manager: flowControlConsumer,
      operation: 'Apply',
      apiVersion,
      time,
      fieldsType: 'FieldsV1',
      fieldsV1: conditionFields,
      subresource: 'status',
    },
    ...(made.metadata.managedFields ?? []),
  ];
  return made;
}

const conditionFields = {
  'f:status': {
    'f:conditions': {
      'k:{"type":"Dangling"}': {
        '.': {},
        'f:lastTransitionTime': {},
        'f:message': {},
        'f:reason': {},
        'f:status': {},
        'f:type': {},
      },
    },
  },
};

type RecordOwner = (resource: string, previous: KubeObject | undefined, next: KubeObject) => void;

/** Writes down that the server itself made or changed an object. */
function recorder({ kinds, ctx }: FlowControlParts): RecordOwner {
  const typeOf = createManagedFieldsTypes(kinds);
  const types = new Map<string, ManagedFieldsType>();
  return (resource, previous, next) => {
    let type = types.get(resource);
    if (type === undefined) {
      const row = kinds.resource(flowControlGroup, 'v1', resource);
      if (row === undefined) throw new Error(`${resource} is not served`);
      type = typeOf(row.type);
      types.set(resource, type);
    }
    const { nowMs } = ctx;
    recordManagedFields(type, previous, next, {
      manager: producer,
      subresource: '',
      apiVersion,
      nowMs,
      resetFields: [['status']],
    });
  };
}

/** The object as it should be; undefined when it is, or is not ours to change. */
function updated(
  { resource, object, isMandatory }: Wanted,
  stored: StoredObject,
  record: RecordOwner,
): KubeObject | undefined {
  const current = stored.parse() as unknown as Level | Schema;
  const said = current.metadata.annotations?.[annotation];
  // Nobody has said anything and nobody has changed it.
  const isOurs = isMandatory || said === 'true' || (said !== 'false' && current.metadata.generation === 1);
  if (!isOurs) return undefined;
  const spec =
    named(object) === 'exempt' && 'exempt' in (object.spec ?? {}) ? withExemption(object, current) : object.spec;
  const isSame = semanticEqual(current.spec, spec);
  if (isSame && said === 'true') return undefined;
  const next = stored.parse() as KubeObject;
  next['spec'] = deepCopy(spec);
  next.metadata.annotations = { ...next.metadata.annotations, [annotation]: 'true' };
  if (!isSame) next.metadata.generation = (next.metadata.generation ?? 0) + 1;
  record(resource, stored.parse(), next);
  return next;
}

/** How many seats the exempt level has is for administrators to say. */
const withExemption = (object: Level | Schema, current: Level | Schema): object => ({
  ...object.spec,
  ...((current as Level).spec?.exempt === undefined ? {} : { exempt: (current as Level).spec?.exempt }),
});
