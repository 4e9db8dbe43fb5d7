import { statusErrors } from '@reckon/api/machinery';
import type { Monotonic } from '@reckon/kernel';
import type { ConditionMetrics } from '../expressions/condition-metrics';
import { conditionsHold } from '../expressions/match-conditions';
import { requestVariables } from '../expressions/request-variables';
import type { Candidate } from '../matching/hook-index';
import { namespaceMatches, objectMatches } from '../matching/selectors';
import type { ObjectReader } from '../object-reader';
import type { VersionedRequest } from '../versioned-request';
import type { Authorizer } from '@reckon/serve/authz';
import type { Webhook } from './webhook';

export interface ShouldCallParts {
  readonly objects: ObjectReader;
  readonly authorizer: Pick<Authorizer, 'authorize'> | undefined;
  readonly clock: Monotonic;
  readonly conditionMetrics: ConditionMetrics;
  readonly type: 'admit' | 'validating';
}

/** What the rules leave open: selectors, then conditions (plugin/webhook/generic `ShouldCallHook`). Synchronous without conditions. */
export function shouldCall(
  { hook, matched }: Candidate<Webhook>,
  request: VersionedRequest,
  { objects, authorizer, clock, conditionMetrics, type }: ShouldCallParts,
): boolean | Promise<boolean> {
  const { attributes } = request;
  // A missing namespace is a refusal only of what the object selector chooses.
  if (!objectMatches(hook.objectSelector, attributes)) return false;
  if (!namespaceMatches(hook.namespaceSelector, attributes, objects)) return false;
  const { conditions } = hook;
  if (conditions === undefined) return true;
  const begunMs = clock.elapsedMs();
  return conditionsHold(conditions, requestVariables({ request, matched, authorizer })).then((matching) => {
    const owner = { name: hook.name, kind: 'webhook', type, operation: attributes.operation } as const;
    conditionMetrics.evaluated(owner, (clock.elapsedMs() - begunMs) / 1000, matching.errors);
    if ('holds' in matching) {
      if (!matching.holds) conditionMetrics.excluded(owner);
      return matching.holds;
    }
    const { row, name } = attributes;
    throw statusErrors.forbidden({ group: row.group, resource: row.resource }, name, matching.error);
  });
}
