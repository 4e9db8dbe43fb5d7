import { everything, exemptLevel, flowSchema, groups, limitedLevel } from './flow-objects';

const everybody = groups('system:unauthenticated', 'system:authenticated');

const byName = <T extends { readonly metadata: { name?: string } }>(...objects: readonly T[]): ReadonlyMap<string, T> =>
  new Map(objects.map((object) => [object.metadata.name ?? '', object]));

/** Those that nobody may change (apiserver/pkg/apis/flowcontrol/bootstrap `Mandatory…`). */
export const mandatoryPriorityLevels = byName(limitedLevel('catch-all', 5, 0, 'reject'), exemptLevel('exempt'));

export const mandatoryFlowSchemas = byName(
  flowSchema('exempt', 'exempt', 1, 'none', everything(groups('system:masters'))),
  flowSchema('catch-all', 'catch-all', 10_000, 'ByUser', everything(everybody)),
);
