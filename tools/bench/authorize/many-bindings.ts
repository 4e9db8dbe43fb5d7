import type { UserInfo } from '@reckon/registry/generic';
import {
  type Authorizer,
  type AuthzAttributes,
  type Decision,
  manyNodesAuthorizer,
  nodeAuthorizer,
  privilegedGroupAuthorizer,
  rbacGroup,
  rbacPolicy,
  type RbacResource,
  unionAuthorizer,
} from '@reckon/serve/authz';
import { MetricsRegistry, silentLogger, systemClock, systemTimers } from '@reckon/kernel';
import { type Change, noRevision, type Storage, type StoredJson } from '@reckon/store/contract';
import { memoryLog } from '@reckon/store/log';
import { openStorage } from '@reckon/store/storage';

/** A cluster of many teams, as far as authorization knows it. */
export interface ManyBindings {
  /** As `reckon up` has it: privileged group, Node, RBAC. */
  readonly authorizer: Authorizer;
  readonly bindings: number;
  /** What somebody with rights may ask, and then what the same one may not; for every number. */
  request(i: number): AuthzAttributes;
  /** Binds somebody new in a namespace, and returns what only that binding lets him do. */
  bindOneMore(i: number): Promise<AuthzAttributes>;
  stop(): Promise<void>;
}

const roles = 50;
const resources = ['pods', 'services', 'configmaps', 'secrets', 'deployments', 'jobs', 'ingresses', 'events'];
const attribution = { actor: 'bench', agent: 'bench', manager: 'bench', request: '' };
const batch = 1_000;

/** One binding in ten is cluster-wide; the others are spread over namespaces, a hundred in each. */
const isClusterWide = (i: number): boolean => i % 10 === 0;
const perNamespace = 100;
const namespaceOf = (i: number): string => `team-${String(Math.floor(i / perNamespace))}`;
const roleOf = (i: number): string => `role-${String(i % roles)}`;

/** Subjects by turns: a user, a group, an account of the namespace. */
function subjectOf(i: number): object {
  switch (i % 3) {
    case 0:
      return { kind: 'User', apiGroup: rbacGroup, name: `user-${String(i)}` };
    case 1:
      return { kind: 'Group', apiGroup: rbacGroup, name: `group-${String(i)}` };
    default:
      return { kind: 'ServiceAccount', name: `account-${String(i)}`, namespace: namespaceOf(i) };
  }
}

/** Who has the i-th binding, with the groups that such a caller brings. */
function callerOf(i: number): UserInfo {
  const teams = [0, 1, 2].map((n) => `team-group-${String((i + n) % 1_000)}`);
  switch (i % 3) {
    case 0:
      return { name: `user-${String(i)}`, groups: [...teams, 'system:authenticated'] };
    case 1:
      return { name: `member-${String(i)}`, groups: [...teams, `group-${String(i)}`, 'system:authenticated'] };
    default:
      return {
        name: `system:serviceaccount:${namespaceOf(i)}:account-${String(i)}`,
        groups: ['system:serviceaccounts', `system:serviceaccounts:${namespaceOf(i)}`, 'system:authenticated'],
      };
  }
}

const change = (resource: RbacResource, object: StoredJson): Change => {
  const { name = '', namespace = '' } = object.metadata;
  return { key: { group: rbacGroup, resource, namespace, name }, verb: 'create', previous: noRevision, object };
};

const bindingOf = (name: string, namespace: string, role: string, subject: object): Change =>
  change(namespace === '' ? 'clusterrolebindings' : 'rolebindings', {
    metadata: namespace === '' ? { name } : { name, namespace },
    roleRef: { apiGroup: rbacGroup, kind: 'ClusterRole', name: role },
    subjects: [subject],
  });

/** Five rules each; the last lets `get` what no other role names. */
const roleAt = (i: number): Change =>
  change('clusterroles', {
    metadata: { name: `role-${String(i)}` },
    rules: [
      ...[0, 1, 2, 3].map((n) => ({
        verbs: ['list', 'watch'],
        apiGroups: ['', 'apps'],
        resources: [resources[(i + n) % resources.length]],
      })),
      { verbs: ['get'], apiGroups: ['bench.reckon.dev'], resources: [`things-${String(i)}`] },
    ],
  });

const attributes = (user: UserInfo, parts: Partial<AuthzAttributes>): AuthzAttributes => ({
  user,
  verb: 'get',
  isResource: true,
  group: 'bench.reckon.dev',
  version: 'v1',
  resource: '',
  subresource: '',
  namespace: '',
  name: 'one',
  path: '',
  ...parts,
});

/** Makes the bindings in a real storage over a log in memory, which the authorizers follow. */
export async function manyBindings(bindings: number): Promise<ManyBindings> {
  const storage = await openStorage({
    log: memoryLog(),
    clock: systemClock,
    timers: systemTimers,
    metrics: new MetricsRegistry(),
    logger: silentLogger,
    onFatal: (error) => {
      throw error;
    },
  });
  const rbac = rbacPolicy(storage);
  const node = nodeAuthorizer({ storage });
  await fill(storage, bindings);
  return {
    authorizer: unionAuthorizer([privilegedGroupAuthorizer, manyNodesAuthorizer(), node, rbac]),
    bindings,
    request(i) {
      const n = Math.floor(i / 2) % bindings;
      // What the role of the binding names, then what that of its neighbour does.
      const resource = `things-${String((n + (i % 2)) % roles)}`;
      return attributes(callerOf(n), { resource, namespace: namespaceOf(n) });
    },
    async bindOneMore(i) {
      const name = `late-${String(i)}`;
      await storage.commit(
        [bindingOf(name, namespaceOf(i), roleOf(i), { kind: 'User', apiGroup: rbacGroup, name })],
        attribution,
      );
      return attributes(
        { name, groups: ['system:authenticated'] },
        { resource: `things-${String(i % roles)}`, namespace: namespaceOf(i) },
      );
    },
    async stop() {
      node.stop();
      rbac.stop();
      await storage.stop();
    },
  };
}

async function fill(storage: Storage, bindings: number): Promise<void> {
  await storage.commit(
    Array.from({ length: roles }, (_, i) => roleAt(i)),
    attribution,
  );
  for (let from = 0; from < bindings; from += batch)
    await storage.commit(
      Array.from({ length: Math.min(batch, bindings - from) }, (_, n) => {
        const i = from + n;
        return bindingOf(`binding-${String(i)}`, isClusterWide(i) ? '' : namespaceOf(i), roleOf(i), subjectOf(i));
      }),
      attribution,
    );
}

/** Both are decided from memory. */
export function decide({ authorizer }: ManyBindings, request: AuthzAttributes): Decision {
  const decision = authorizer.authorize(request);
  if (decision instanceof Promise) throw new Error('an authorizer asked somebody else');
  return decision;
}
