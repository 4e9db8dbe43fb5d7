import {
  type Authorizer,
  type RbacPolicy,
  type RuleResolver,
  nodeAuthorizer,
  privilegedGroupAuthorizer,
  rbacPolicy,
  unionAuthorizer,
} from '@reckon/serve/authz';
import type { Storage } from '@reckon/store/contract';
import { OptionError } from './option-error';

/** What `--authorization-mode` can name. */
export type AuthorizationMode = 'AlwaysAllow' | 'AlwaysDeny' | 'Node' | 'RBAC';

export const usualModes: readonly AuthorizationMode[] = ['Node', 'RBAC'];

/** Upstream's modes that are not written yet. */
const laterModes = ['ABAC', 'Webhook'];

export interface Authorizers {
  /** All of them, in their order. */
  readonly authorizer: Authorizer;
  /** Those who can say what somebody may do. */
  readonly resolvers: readonly RuleResolver[];
  /** The stored policy, where it is one of them. */
  readonly rbac: RbacPolicy | undefined;
  stop(): void;
}

type Member = Authorizer & RuleResolver;

/** The texts of `--authorization-mode`. Throws `OptionError` for what is no mode. */
export function authorizationModes(texts: readonly string[]): readonly AuthorizationMode[] {
  const known = Object.keys(members) as AuthorizationMode[];
  const modes = texts.map((text) => {
    const mode = known.find((one) => one === text);
    if (mode !== undefined) return mode;
    const hint = `the modes are ${known.join(', ')}`;
    if (laterModes.includes(text)) throw new OptionError(`--authorization-mode: ${text} comes later`, hint);
    throw new OptionError(`--authorization-mode: there is no mode ${text}`, hint);
  });
  const twice = modes.find((mode, i) => modes.indexOf(mode) !== i);
  if (twice !== undefined) throw new OptionError(`--authorization-mode: ${twice} is named twice`, 'name it once');
  if (modes.length === 0)
    throw new OptionError('--authorization-mode: at least one mode is needed', `the modes are ${known.join(', ')}`);
  return modes;
}

/** Who decides what may be done: the privileged group always may, then the modes in their order. */
export function createAuthorizers(modes: readonly AuthorizationMode[], storage: Storage): Authorizers {
  const ends: (() => void)[] = [];
  const made = modes.map((mode) => members[mode]({ storage, onStop: (end) => ends.push(end) }));
  const rbac = made[modes.indexOf('RBAC')];
  return {
    authorizer: unionAuthorizer([privilegedGroupAuthorizer, ...made]),
    resolvers: made,
    rbac: rbac !== undefined && isPolicy(rbac) ? rbac : undefined,
    stop() {
      for (const end of ends) end();
    },
  };
}

const isPolicy = (member: Member): member is RbacPolicy => member.name === 'RBAC';

interface MemberParts {
  readonly storage: Storage;
  readonly onStop: (end: () => void) => void;
}

const members: Readonly<Record<AuthorizationMode, (parts: MemberParts) => Member>> = {
  AlwaysAllow: () => ({
    name: 'AlwaysAllow',
    authorize: () => ({ allowed: true, reason: '' }),
    rulesFor: () => ({
      rules: [
        { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
        { verbs: ['*'], nonResourceURLs: ['*'] },
      ],
      errors: [],
    }),
  }),
  AlwaysDeny: () => ({
    name: 'AlwaysDeny',
    authorize: () => ({ allowed: false, reason: 'Everything is forbidden.' }),
    rulesFor: () => ({ rules: [], errors: [] }),
  }),
  Node: ({ storage, onStop }) => {
    const node = nodeAuthorizer({ storage });
    onStop(() => {
      node.stop();
    });
    return node;
  },
  RBAC: ({ storage }) => rbacPolicy(storage),
};
