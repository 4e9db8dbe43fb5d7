import { StatusError } from '@reckon/api/machinery';
import type { UserInfo } from '@reckon/registry/generic';
import type { AuthzAttributes, Decision } from '@reckon/serve/authz';
import type { Exchange } from '../exchange';
import { forbidden } from './forbidden';
import { forbiddenExtra } from './impersonated-extra';
import { requestAttributes } from './request-attributes';
import { nodeOf, serviceAccountOf } from './system-usernames';

/** What the headers say, nothing added. */
export interface WantedUser {
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

type Authorize = (attributes: AuthzAttributes) => Decision | Promise<Decision>;

/** One way to be allowed to be somebody else. */
interface Mode {
  /** Of the verbs that it asks for; `impersonate` alone is the old way. */
  readonly name: string;
  readonly isConstrained: boolean;
  /** Whether it is for such a user at all. */
  suits(wanted: WantedUser, requestor: UserInfo): boolean;
}

const nodeNameKey = 'authentication.kubernetes.io/node-name';

const isNameAlone = ({ uid, groups, extra }: WantedUser): boolean =>
  uid === '' && groups.length === 0 && Object.keys(extra).length === 0;

/** In upstream's order (`allImpersonationModes`): what allows least is asked for first. */
const modes: readonly Mode[] = [
  {
    name: 'associated-node',
    isConstrained: true,
    suits(wanted, requestor) {
      const node = nodeOf(wanted.name);
      const told = requestor.extra?.[nodeNameKey] ?? [];
      const isOwn = node !== undefined && serviceAccountOf(requestor.name) !== undefined;
      return isNameAlone(wanted) && isOwn && told.length === 1 && told[0] === node;
    },
  },
  {
    name: 'arbitrary-node',
    isConstrained: true,
    suits: (wanted) => isNameAlone(wanted) && nodeOf(wanted.name) !== undefined,
  },
  {
    name: 'serviceaccount',
    isConstrained: true,
    suits: (wanted) => isNameAlone(wanted) && serviceAccountOf(wanted.name) !== undefined,
  },
  {
    name: 'user-info',
    isConstrained: true,
    suits: ({ name }) => nodeOf(name) === undefined && serviceAccountOf(name) === undefined,
  },
  { name: '', isConstrained: false, suits: () => true },
];

/** By which mode a user was last let through: it is tried first. The map is emptied when it is full. */
const mostRemembered = 10_000;

/** Remembers for one server. */
export type ModeMemory = Map<string, Mode>;

/**
 * The user that the request goes on as, or 403 with what the first mode that suits said
 * (k8s.io/apiserver/pkg/endpoints/filters/impersonation `impersonationModesTracker`).
 */
export async function impersonatedUser(exchange: Exchange, wanted: WantedUser): Promise<UserInfo> {
  const attributes = requestAttributes(exchange);
  const { access, monotonic } = exchange.server;
  const secondsSince = (startedMs: number): number => (monotonic.elapsedMs() - startedMs) / 1000;
  const authorize: Authorize = async (asked) => {
    const startedMs = monotonic.elapsedMs();
    const decision = await exchange.server.authorize(asked);
    access.impersonations.asked(asked.verb, decision.allowed ? 'allowed' : 'denied', secondsSince(startedMs));
    return decision;
  };
  const startedMs = monotonic.elapsedMs();
  const memory = exchange.server.impersonationModes;
  const last = memory.get(attributes.user.name);
  let first: StatusError | undefined;
  for (const mode of last === undefined ? modes : [last, ...modes.filter((other) => other !== last)]) {
    if (!mode.suits(wanted, attributes.user)) continue;
    const refusal = await refusalBy(mode, wanted, attributes, authorize);
    if (refusal === undefined) {
      if (memory.size >= mostRemembered) memory.clear();
      memory.set(attributes.user.name, mode);
      const user = userOf(mode, wanted);
      exchange.audit?.impersonated(user, mode.isConstrained ? `impersonate:${mode.name}` : '');
      access.impersonations.attempted(mode.isConstrained ? mode.name : 'legacy', 'allowed', secondsSince(startedMs));
      return user;
    }
    first ??= refusal;
  }
  access.impersonations.attempted('', 'denied', secondsSince(startedMs));
  // The last mode suits everybody, so that one has refused.
  throw first ?? forbidden(attributes, 'all impersonation modes failed');
}

async function refusalBy(
  mode: Mode,
  wanted: WantedUser,
  request: AuthzAttributes,
  authorize: Authorize,
): Promise<StatusError | undefined> {
  try {
    if (mode.isConstrained) await demandOn(mode, request, authorize);
    await new WantedParts(mode, wanted, request.user, authorize).demandAll();
    return undefined;
  } catch (error) {
    if (error instanceof StatusError) return error;
    throw error;
  }
}

/** Whether this very request may be sent under such an impersonation. */
async function demandOn(mode: Mode, request: AuthzAttributes, authorize: Authorize): Promise<void> {
  const asked = { ...request, verb: `impersonate-on:${mode.name}:${request.verb}` };
  await demand(mode.name === 'associated-node' ? { ...asked, user: withoutExtra(request.user) } : asked, authorize);
}

async function demand(attributes: AuthzAttributes, authorize: Authorize): Promise<void> {
  const { allowed, reason, error } = await authorize(attributes);
  if (allowed) return;
  throw forbidden(attributes, [error, reason].filter((text) => text !== undefined && text !== '').join(': '));
}

/** Who asks for its own node is not told apart by what its token says of it: the mode has compared that. */
const withoutExtra = (user: UserInfo): UserInfo => ({
  ...user,
  extra: { 'authentication.kubernetes.io/associated-node-keys': Object.keys(user.extra ?? {}).sort() },
});

/** From so many values on, the right to all of them is asked for first. */
const many = 4;
const authenticationGroup = { group: 'authentication.k8s.io', version: 'v1' };

class WantedParts {
  private readonly base: AuthzAttributes;
  /** Names and groups are things of `authentication.k8s.io`, but in the old way of the core. */
  private readonly isConstrained: boolean;

  constructor(
    private readonly mode: Mode,
    private readonly wanted: WantedUser,
    requestor: UserInfo,
    private readonly authorize: Authorize,
  ) {
    this.isConstrained = mode.isConstrained;
    this.base = {
      user: mode.name === 'associated-node' ? withoutExtra(requestor) : requestor,
      verb: mode.isConstrained ? `impersonate:${mode.name}` : 'impersonate',
      isResource: true,
      group: '',
      version: 'v1',
      ...(mode.isConstrained ? authenticationGroup : {}),
      resource: '',
      subresource: '',
      namespace: '',
      name: '',
      path: '',
    };
  }

  async demandAll(): Promise<void> {
    const { uid } = this.wanted;
    await this.demandName();
    if (uid !== '') await this.demand({ ...authenticationGroup, resource: 'uids', name: uid });
    await this.demandGroups();
    await this.demandExtra();
  }

  private async demandName(): Promise<void> {
    const { name } = this.wanted;
    const account = serviceAccountOf(name);
    const node = this.isConstrained ? nodeOf(name) : undefined;
    // The right to one's own node is the right to whichever that is.
    const nodeName = this.mode.name === 'associated-node' ? '*' : node;
    if (account !== undefined) await this.demand({ resource: 'serviceaccounts', ...account });
    else if (nodeName !== undefined) await this.demand({ resource: 'nodes', name: nodeName });
    else await this.demand({ resource: 'users', name });
  }

  private async demandGroups(): Promise<void> {
    const { groups } = this.wanted;
    if (this.isConstrained) {
      if (groups.includes(''))
        throw this.forbidden({ resource: 'groups' }, 'impersonating the empty string group is not allowed');
      if (groups.includes('system:masters'))
        throw this.forbidden(
          { resource: 'groups', name: 'system:masters' },
          'impersonating the system:masters group is not allowed',
        );
      if (groups.length >= many && (await this.mayAll({ resource: 'groups', name: '*' }))) return;
    }
    for (const name of groups) await this.demand({ resource: 'groups', name });
  }

  private async demandExtra(): Promise<void> {
    const pairs = Object.entries(this.wanted.extra);
    if (pairs.length === 0) return;
    const extras = { ...authenticationGroup, resource: 'userextras' };
    if (this.isConstrained) {
      const problem = forbiddenExtra(this.wanted.extra);
      if (problem !== undefined) throw this.forbidden(extras, problem);
      const count = pairs.reduce((sum, [, values]) => sum + values.length, 0);
      const isMuch = pairs.length >= many || count >= many;
      if (isMuch && (await this.mayAll({ ...extras, subresource: '*', name: '*' }))) return;
    }
    for (const [subresource, values] of pairs)
      for (const name of values) await this.demand({ ...extras, subresource, name });
  }

  private demand(part: Partial<AuthzAttributes>): Promise<void> {
    return demand({ ...this.base, ...part }, this.authorize);
  }

  private async mayAll(part: Partial<AuthzAttributes>): Promise<boolean> {
    return (await this.authorize({ ...this.base, ...part })).allowed;
  }

  private forbidden(part: Partial<AuthzAttributes>, reason: string): StatusError {
    return forbidden({ ...this.base, ...part }, reason);
  }
}

/** The groups that come with a name where none are given, and those that everybody or nobody known is in. */
function userOf(mode: Mode, { name, uid, groups: given, extra }: WantedUser): UserInfo {
  const account = serviceAccountOf(name);
  const groups = [...given];
  if (mode.isConstrained && nodeOf(name) !== undefined) groups.push('system:nodes');
  else if (account !== undefined && given.length === 0)
    groups.push('system:serviceaccounts', `system:serviceaccounts:${account.namespace}`);
  const further = name === 'system:anonymous' ? 'system:unauthenticated' : 'system:authenticated';
  if (!groups.includes(further) && !groups.includes('system:unauthenticated')) groups.push(further);
  return { name, ...(uid === '' ? {} : { uid }), groups, extra };
}
