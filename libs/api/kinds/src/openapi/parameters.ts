import type { TypeRef } from '../go-type';
import type { StructType } from '../table';
import type { Parameter } from './dialect';
import type { Describe } from './schemas';

/** Query parameters by name: type and meaning. Clients look here for what a verb takes. */
const known: Readonly<Record<string, readonly [type: 'string' | 'integer' | 'boolean', description: string]>> = {
  allowWatchBookmarks: ['boolean', 'Ask for BOOKMARK events in a watch.'],
  continue: ['string', 'The continue token of the page before.'],
  dryRun: ['string', 'All: do everything but write.'],
  fieldManager: ['string', 'Who is recorded as the owner of the fields that change.'],
  fieldSelector: ['string', 'Only objects whose fields match.'],
  fieldValidation: ['string', 'What unknown and duplicate fields lead to: Ignore, Warn or Strict.'],
  force: ['boolean', 'Take fields over from other managers; for apply patches only.'],
  gracePeriodSeconds: ['integer', 'How long the object has to end by itself.'],
  ignoreStoreReadErrorWithClusterBreakingPotential: ['boolean', 'Delete an object that cannot be read.'],
  labelSelector: ['string', 'Only objects whose labels match.'],
  limit: ['integer', 'The most items of one page.'],
  orphanDependents: ['boolean', 'Deprecated: use propagationPolicy.'],
  pretty: ['string', 'true: indent the answer.'],
  propagationPolicy: ['string', 'What becomes of dependents: Orphan, Background or Foreground.'],
  resourceVersion: ['string', 'Which state the answer may show.'],
  resourceVersionMatch: ['string', 'How resourceVersion is meant: Exact or NotOlderThan.'],
  sendInitialEvents: ['boolean', 'Begin a watch with the present state.'],
  timeoutSeconds: ['integer', 'How long a list or watch may last.'],
  watch: ['boolean', 'Watch instead of list.'],
};

const selection = [
  'continue',
  'fieldSelector',
  'labelSelector',
  'limit',
  'resourceVersion',
  'resourceVersionMatch',
  'sendInitialEvents',
  'timeoutSeconds',
] as const;
const deletion = [
  'dryRun',
  'gracePeriodSeconds',
  'ignoreStoreReadErrorWithClusterBreakingPotential',
  'orphanDependents',
  'propagationPolicy',
] as const;
const write = ['dryRun', 'fieldManager', 'fieldValidation'] as const;

/** By verb, as upstream's routes take them; `pretty` is common to all. */
export const parametersOf: Readonly<Record<string, readonly string[]>> = {
  get: [],
  list: ['allowWatchBookmarks', ...selection, 'watch'],
  create: write,
  update: write,
  patch: [...write, 'force'],
  delete: deletion,
  deletecollection: [...selection, ...deletion],
  watch: ['allowWatchBookmarks', ...selection, 'watch'],
};

export function queryParameter(name: string): Parameter {
  const [type, description] = known[name] ?? ['string', ''];
  return { name, in: 'query', type, description };
}

export const pathParameter = (name: string, description: string): Parameter => ({
  name,
  in: 'path',
  type: 'string',
  description,
});

/** The fields of an options struct (`PodExecOptions`) are given in the query. */
export function optionParameters(struct: StructType, describe: Describe): Parameter[] {
  return struct.fields
    .filter(({ name }) => name !== 'apiVersion' && name !== 'kind')
    .map(({ name, type }) => ({ name, in: 'query', type: plainType(type), description: describe(struct.name, name) }));
}

/** A list is given by naming its parameter several times, a time as text. */
function plainType(type: TypeRef): Parameter['type'] {
  switch (type.kind) {
    case 'pointer':
      return plainType(type.of);
    case 'bool':
      return 'boolean';
    case 'int':
    case 'int32':
    case 'int64':
      return 'integer';
    default:
      return 'string';
  }
}
