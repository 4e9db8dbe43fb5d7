import { aggregateMessage } from '@reckon/api/machinery';
import { type Authorizer, type AuthzAttributes, type Decision, noOpinion } from './authorizer';

/**
 * Asks each in turn until one allows or firmly denies, whose word is then the answer; a refusal by nobody in particular carries the
 * reasons and the errors of all (k8s.io/apiserver/pkg/authorization/union `Authorize`).
 */
export function unionAuthorizer(members: readonly Authorizer[]): Authorizer {
  return { name: 'union', authorize: (attributes) => ask(members, 0, attributes, nothing) };
}

interface Gathered {
  readonly reasons: string;
  readonly errors: readonly string[];
}

const nothing: Gathered = { reasons: '', errors: [] };

function ask(
  members: readonly Authorizer[],
  from: number,
  attributes: AuthzAttributes,
  before: Gathered,
): Decision | Promise<Decision> {
  let gathered = before;
  for (let i = from; i < members.length; i++) {
    const decision = members[i]?.authorize(attributes);
    if (decision === undefined) continue;
    if (decision instanceof Promise)
      return decision.then((d) => (isFinal(d) ? d : ask(members, i + 1, attributes, joined(gathered, d))));
    if (isFinal(decision)) return decision;
    gathered = joined(gathered, decision);
  }
  if (gathered === nothing) return noOpinion;
  const { reasons: reason, errors } = gathered;
  return errors.length === 0 ? { allowed: false, reason } : { allowed: false, reason, error: aggregateMessage(errors) };
}

const isFinal = ({ allowed, denied }: Decision): boolean => allowed || denied === true;

function joined(gathered: Gathered, { reason, error }: Decision): Gathered {
  if (reason === '' && error === undefined) return gathered;
  const { reasons, errors } = gathered;
  return {
    reasons: reasons === '' ? reason : reason === '' ? reasons : `${reasons}\n${reason}`,
    errors: error === undefined ? errors : [...errors, error],
  };
}
