import type { flowcontrolv1 } from '@reckon/api/types';
import type { UserInfo } from '@reckon/registry/generic';
import type { FlowRequest } from './flow-request';
import { type RequestMatch, compileRules } from './rule-match';

type Schema = flowcontrolv1.FlowSchema;

/** A FlowSchema and what its requests lead to. */
export interface Classified<T> {
  readonly schema: Schema;
  readonly target: T;
}

interface Candidate<T> {
  readonly match: RequestMatch;
  readonly found: Classified<T>;
}

interface Known<T> {
  readonly groups: readonly string[];
  readonly candidates: readonly Candidate<T>[];
}

/** Users whose candidates are remembered; beyond it all are forgotten. */
const mostUsers = 10_000;

/** Precedence, then name (apihelpers `FlowSchemaSequence`). */
export const byPrecedence = (a: Schema, b: Schema): number => {
  const difference = (a.spec?.matchingPrecedence ?? 1000) - (b.spec?.matchingPrecedence ?? 1000);
  if (difference !== 0) return difference;
  return (a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1;
};

/** Which FlowSchema a request belongs to: the first that matches. Which ones a user may come under at all is remembered. */
export class Classifier<T> {
  private readonly rules: readonly { readonly means: ReturnType<typeof compileRules>; readonly found: Classified<T> }[];
  private readonly fallback: Classified<T>;
  private readonly known = new Map<string, Known<T>>();

  /** `all` in any order; the last of them by precedence takes what none means. */
  constructor(all: readonly Classified<T>[]) {
    const sorted = all.toSorted((a, b) => byPrecedence(a.schema, b.schema));
    this.rules = sorted.map((found) => ({ means: compileRules(found.schema), found }));
    const fallback = sorted.find(({ schema }) => schema.metadata.name === 'catch-all') ?? sorted.at(-1);
    if (fallback === undefined) throw new Error('no flow schema to fall back on');
    this.fallback = fallback;
  }

  classify(request: FlowRequest): Classified<T> {
    const { info } = request;
    for (const { match, found } of this.candidatesOf(request.user)) if (match(info)) return found;
    return this.fallback;
  }

  private candidatesOf(user: UserInfo): readonly Candidate<T>[] {
    const known = this.known.get(user.name);
    if (known !== undefined && isSame(known.groups, user.groups)) return known.candidates;
    const candidates: Candidate<T>[] = [];
    for (const { means, found } of this.rules) {
      const match = means(user);
      if (match !== undefined) candidates.push({ match, found });
    }
    if (this.known.size >= mostUsers) this.known.clear();
    this.known.set(user.name, { groups: user.groups, candidates });
    return candidates;
  }
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
