import type { Monotonic } from '@reckon/kernel';
import type { Authorizer } from '@reckon/serve/authz';
import type { ConditionMetrics } from '../expressions/condition-metrics';
import type { ObjectForms } from '../versioned-request';
import type { DispatchParts } from './dispatch-policies';
import type { PolicyCheck } from './policy-metrics';
import type { Policy } from './policy-index';

/** What a plugin of policies stands on. */
export interface PolicyParts<P extends Policy> extends DispatchParts<P> {
  readonly forms: ObjectForms;
  readonly metrics: (check: PolicyCheck) => void;
  readonly conditionMetrics: ConditionMetrics;
  readonly clock: Monotonic;
  readonly authorizer: Pick<Authorizer, 'authorize'> | undefined;
}
