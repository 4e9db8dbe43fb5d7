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
};

export function queryParameter(name: string): object {
  const [type, description] = known[name] ?? ['string', ''];
  return { name, in: 'query', description, schema: { type, uniqueItems: true } };
}

export function pathParameter(name: string, description: string): object {
  return { name, in: 'path', required: true, description, schema: { type: 'string', uniqueItems: true } };
}
