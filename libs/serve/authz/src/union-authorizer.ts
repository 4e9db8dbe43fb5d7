import type { Authorizer, AuthzAttributes, Decision } from './authorizer';

/** Asks each in turn until one allows or firmly denies; a refusal carries the reasons of all (authorization/union `Authorize`). */
export function unionAuthorizer(members: readonly Authorizer[]): Authorizer {
  return { name: 'union', authorize: (attributes) => ask(members, 0, attributes, '') };
}

function ask(
  members: readonly Authorizer[],
  from: number,
  attributes: AuthzAttributes,
  reasons: string,
): Decision | Promise<Decision> {
  let gathered = reasons;
  for (let i = from; i < members.length; i++) {
    const decision = members[i]?.authorize(attributes);
    if (decision === undefined) continue;
    if (decision instanceof Promise)
      return decision.then((d) => (isFinal(d) ? d : ask(members, i + 1, attributes, joined(gathered, d.reason))));
    if (isFinal(decision)) return decision;
    gathered = joined(gathered, decision.reason);
  }
  return gathered === '' ? denied : { allowed: false, reason: gathered };
}

const denied: Decision = { allowed: false, reason: '' };

const isFinal = ({ allowed, denied: isDenied }: Decision): boolean => allowed || isDenied === true;

const joined = (a: string, b: string): string => (a === '' ? b : b === '' ? a : `${a}\n${b}`);
