import { nameIsDnsLabel, nameIsDnsSubdomain } from '@reckon/api/machinery';
import type { CelFunctionTable } from '../evaluate/cel-run';
import { CelError, CelLibraryValue, type CelValue } from '../value/cel-value';

export interface CelResourceCheck {
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** As it was written; one that cannot be read is for the authorizer to leave out. */
  readonly fieldSelector?: string;
  readonly labelSelector?: string;
}

/** What an expression asks: about a resource (of any version), or about a path. */
export interface CelAuthorizationCheck {
  readonly verb: string;
  /** Absent: the user of the request. */
  readonly serviceAccount?: { readonly namespace: string; readonly name: string };
  readonly path?: string;
  readonly resource?: CelResourceCheck;
}

export interface CelDecision {
  readonly allowed: boolean;
  readonly reason: string;
  readonly error?: string;
}

export interface CelAuthorizerSource {
  authorize(check: CelAuthorizationCheck): CelDecision | Promise<CelDecision>;
  /** What `authorizer.requestResource` is about: the request that is admitted. */
  readonly requestResource?: Omit<CelResourceCheck, 'fieldSelector' | 'labelSelector'>;
}

/** The variable `authorizer`; each distinct check is asked once for as long as it is used. */
export const celAuthorizer = (source: CelAuthorizerSource): unknown => new CelAuthorizerValue(source, undefined);

/** Thrown through an evaluation that needs an answer which is not there yet. */
export class CelPending extends Error {
  readonly code = 'CelPending';
  /** Resolves when going on makes sense; rejects as the authorizer did. */
  constructor(readonly settled: Promise<void>) {
    super('an authorizer answers with a promise: evaluateAsync waits for it');
    this.name = 'CelPending';
  }
}

type ServiceAccount = CelAuthorizationCheck['serviceAccount'];

export class CelAuthorizerValue extends CelLibraryValue {
  readonly typeName = 'kubernetes.authorization.Authorizer';

  constructor(
    private readonly source: CelAuthorizerSource,
    private readonly account: ServiceAccount,
    private readonly answers = new Map<string, CelDecision>(),
  ) {
    super();
  }

  equals(other: unknown): boolean {
    return other === this;
  }

  forAccount(account: NonNullable<ServiceAccount>): CelAuthorizerValue {
    return new CelAuthorizerValue(this.source, account, this.answers);
  }

  requestResource(): ResourceCheckValue | undefined {
    const { requestResource } = this.source;
    return requestResource === undefined ? undefined : new ResourceCheckValue(this, { ...requestResource });
  }

  decide(check: CelAuthorizationCheck): DecisionValue {
    const asked: CelAuthorizationCheck =
      this.account === undefined ? check : { ...check, serviceAccount: this.account };
    const key = JSON.stringify([asked.verb, asked.path, asked.resource, asked.serviceAccount]);
    const known = this.answers.get(key);
    if (known !== undefined) return new DecisionValue(known);
    const answer = this.source.authorize(asked);
    if (!(answer instanceof Promise)) {
      this.answers.set(key, answer);
      return new DecisionValue(answer);
    }
    throw new CelPending(
      answer.then((decision) => {
        this.answers.set(key, decision);
      }),
    );
  }
}

class PathCheckValue extends CelLibraryValue {
  readonly typeName = 'kubernetes.authorization.PathCheck';

  constructor(
    readonly authorizer: CelAuthorizerValue,
    readonly path: string,
  ) {
    super();
  }

  equals(other: unknown): boolean {
    return other instanceof PathCheckValue && other.authorizer === this.authorizer && other.path === this.path;
  }
}

class GroupCheckValue extends CelLibraryValue {
  readonly typeName = 'kubernetes.authorization.GroupCheck';

  constructor(
    readonly authorizer: CelAuthorizerValue,
    readonly group: string,
  ) {
    super();
  }

  equals(other: unknown): boolean {
    return other instanceof GroupCheckValue && other.authorizer === this.authorizer && other.group === this.group;
  }
}

class ResourceCheckValue extends CelLibraryValue {
  readonly typeName = 'kubernetes.authorization.ResourceCheck';

  constructor(
    readonly authorizer: CelAuthorizerValue,
    readonly check: CelResourceCheck,
  ) {
    super();
  }

  equals(other: unknown): boolean {
    return (
      other instanceof ResourceCheckValue &&
      other.authorizer === this.authorizer &&
      JSON.stringify(other.check) === JSON.stringify(this.check)
    );
  }
}

class DecisionValue extends CelLibraryValue {
  readonly typeName = 'kubernetes.authorization.Decision';

  constructor(readonly decision: CelDecision) {
    super();
  }

  equals(other: unknown): boolean {
    return other instanceof DecisionValue && other.decision === this.decision;
  }
}

/** A check may be asked twice in an expression, no more. */
const checkCost = 350_000;

const narrowed =
  (field: keyof CelResourceCheck) =>
  ([check, value]: readonly CelValue[]): CelValue | undefined =>
    check instanceof ResourceCheckValue && typeof value === 'string'
      ? new ResourceCheckValue(check.authorizer, { ...check.check, [field]: value })
      : undefined;

const told =
  (tell: (decision: CelDecision) => CelValue) =>
  ([value]: readonly CelValue[]): CelValue | undefined =>
    value instanceof DecisionValue ? tell(value.decision) : undefined;

function resourceCheck([group, resource]: readonly CelValue[]): CelValue | undefined {
  if (!(group instanceof GroupCheckValue) || typeof resource !== 'string') return undefined;
  if (resource.trim() === '') return new CelError('resource must not be empty');
  return new ResourceCheckValue(group.authorizer, {
    group: group.group,
    resource,
    subresource: '',
    namespace: '',
    name: '',
  });
}

function serviceAccount([authorizer, namespace, name]: readonly CelValue[]): CelValue | undefined {
  if (!(authorizer instanceof CelAuthorizerValue) || typeof namespace !== 'string' || typeof name !== 'string')
    return undefined;
  if (nameIsDnsSubdomain(name, 'name').length > 0) return new CelError('Invalid service account name');
  if (nameIsDnsLabel(namespace, 'name').length > 0) return new CelError('Invalid service account namespace');
  return authorizer.forAccount({ namespace, name });
}

/** apiserver/pkg/cel/library `Authz`, `AuthzSelectors`. */
export const authorizerFunctions: CelFunctionTable = {
  path: ([authorizer, path]) => {
    if (!(authorizer instanceof CelAuthorizerValue) || typeof path !== 'string') return undefined;
    return path.trim() === '' ? new CelError('path must not be empty') : new PathCheckValue(authorizer, path);
  },
  group: ([authorizer, group]) =>
    authorizer instanceof CelAuthorizerValue && typeof group === 'string'
      ? new GroupCheckValue(authorizer, group)
      : undefined,
  serviceAccount,
  resource: resourceCheck,
  subresource: narrowed('subresource'),
  namespace: narrowed('namespace'),
  name: narrowed('name'),
  fieldSelector: narrowed('fieldSelector'),
  labelSelector: narrowed('labelSelector'),
  check: {
    run: ([check, verb]) => {
      if (typeof verb !== 'string') return undefined;
      if (check instanceof PathCheckValue) return check.authorizer.decide({ verb, path: check.path });
      return check instanceof ResourceCheckValue ? check.authorizer.decide({ verb, resource: check.check }) : undefined;
    },
    cost: () => checkCost,
  },
  allowed: told(({ allowed }) => allowed),
  reason: told(({ reason }) => reason),
  errored: told(({ error }) => error !== undefined),
  error: told(({ error }) => error ?? ''),
};
