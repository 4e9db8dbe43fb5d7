import { MetricsRegistry } from '@reckon/kernel';
import type { UserInfo } from '@reckon/registry/generic';
import type { AuthzAttributes } from '@reckon/serve/authz';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, startTestServer, type TestServer } from '../testing/test-server.suite';

const maps = '/api/v1/namespaces/rec/configmaps';
const agent = 'system:serviceaccount:rec:agent';

/** What the user of a test may do: `verb resource`, as in the attributes; `*` everything. */
let may: readonly string[] = [];
let asked: AuthzAttributes[] = [];
let requestor: UserInfo;
let server: TestServer;
const registry = new MetricsRegistry();

beforeAll(async () => {
  server = await startTestServer({
    metrics: registry,
    authenticate: () => ({ user: requestor }),
    authorize: (attributes) => {
      asked.push(attributes);
      const { verb, group, resource, subresource, name } = attributes;
      const text = [verb, [resource, subresource, group].filter((t) => t !== '').join('.'), name].join(' ').trim();
      return { allowed: may.includes('*') || may.includes(text), reason: '' };
    },
  });
});
afterAll(async () => {
  await server.close();
});
let users = 0;
beforeEach(() => {
  // The server remembers by name how somebody came through.
  requestor = { name: `u-${String(++users)}`, groups: ['system:authenticated'] };
  may = [];
});

const as = async (headers: Readonly<Record<string, string | string[]>>, path = maps): Promise<Answer> => {
  asked = [];
  return server.ask(path, { headers });
};
const messageOf = (answer: Answer): string => answer.json<{ message: string }>().message;
const verbs = (): string[] => asked.map(({ verb }) => verb);
const became = (): UserInfo | undefined => asked.at(-1)?.user;

describe('impersonations', () => {
  it('are counted by their mode, and so is what was asked for them', async () => {
    const count = (name: string): number => {
      const line = registry
        .render()
        .split('\n')
        .find((text) => text.startsWith(`apiserver_impersonation_${name} `));
      return Number(line?.split(' ').at(-1) ?? 0);
    };
    const counts = (): number[] =>
      [
        'attempts_total{mode="legacy",decision="allowed"}',
        'attempts_total{mode="user-info",decision="allowed"}',
        'attempts_total{mode="",decision="denied"}',
        'attempts_duration_seconds_count{mode="",decision="denied"}',
        'authorization_attempts_total{mode="legacy",decision="allowed"}',
        'authorization_attempts_total{mode="legacy",decision="denied"}',
        'authorization_attempts_total{mode="user-info",decision="allowed"}',
        'authorization_attempts_total{mode="user-info",decision="denied"}',
      ].map(count);
    const before = counts();
    const since = (): number[] => counts().map((n, i) => n - (before[i] ?? 0));
    await as({ 'Impersonate-User': 'jane' });
    expect(since()).toEqual([0, 0, 1, 1, 0, 1, 0, 1]);
    may = ['impersonate users jane'];
    await as({ 'Impersonate-User': 'jane' });
    expect(since()).toEqual([1, 0, 1, 1, 1, 1, 0, 2]);
    requestor = { ...requestor, name: `${requestor.name}-b` };
    may = ['impersonate-on:user-info:list configmaps', 'impersonate:user-info users.authentication.k8s.io jane'];
    await as({ 'Impersonate-User': 'jane' });
    expect(since()).toEqual([1, 1, 1, 1, 1, 1, 2, 2]);
  });
});

describe('impersonation as it always was', () => {
  it('makes a user of headers, each of them allowed by the verb impersonate', async () => {
    may = [
      'impersonate users jane',
      'impersonate groups dev',
      'impersonate groups a,b',
      'impersonate userextras.a/b.authentication.k8s.io x',
      'impersonate uids.authentication.k8s.io 7',
    ];
    await as({
      'Impersonate-User': 'jane',
      'Impersonate-Group': ['dev', 'a,b'],
      'Impersonate-Uid': '7',
      'Impersonate-Extra-a%2fb': 'x',
    });
    expect(asked.map((a) => [a.user.name, a.verb, a.group, a.resource, a.subresource, a.name])).toEqual([
      [requestor.name, 'impersonate-on:user-info:list', '', 'configmaps', '', ''],
      [requestor.name, 'impersonate', '', 'users', '', 'jane'],
      [requestor.name, 'impersonate', 'authentication.k8s.io', 'uids', '', '7'],
      [requestor.name, 'impersonate', '', 'groups', '', 'dev'],
      [requestor.name, 'impersonate', '', 'groups', '', 'a,b'],
      [requestor.name, 'impersonate', 'authentication.k8s.io', 'userextras', 'a/b', 'x'],
      ['jane', 'list', '', 'configmaps', '', ''],
    ]);
    expect(became()).toEqual({
      name: 'jane',
      uid: '7',
      groups: ['dev', 'a,b', 'system:authenticated'],
      extra: { 'a/b': ['x'] },
    });
    // The second time the way that led somewhere comes first.
    await as({ 'Impersonate-User': 'jane' });
    expect(verbs()).toEqual(['impersonate', 'list']);
  });

  it.each([
    [
      'system:serviceaccount:rec:robot',
      [],
      'serviceaccounts robot',
      ['system:serviceaccounts', 'system:serviceaccounts:rec', 'system:authenticated'],
    ],
    ['system:serviceaccount:rec:robot', ['x'], 'serviceaccounts robot', ['x', 'system:authenticated']],
    ['system:serviceaccount:rec:Robot', [], 'users system:serviceaccount:rec:Robot', ['system:authenticated']],
    ['system:serviceaccount:rec:a:b', [], 'users system:serviceaccount:rec:a:b', ['system:authenticated']],
    ['system:serviceaccount::robot', [], 'users system:serviceaccount::robot', ['system:authenticated']],
    ['system:anonymous', [], 'users system:anonymous', ['system:unauthenticated']],
    ['jane', ['system:unauthenticated'], 'users jane', ['system:unauthenticated']],
    ['jane', ['system:authenticated'], 'users jane', ['system:authenticated']],
    ['zoë', [], 'users zoë', ['system:authenticated']],
  ])('knows the groups of %s with groups %j', async (name, groups, right, all) => {
    may = [`impersonate ${right}`, ...groups.map((group) => `impersonate groups ${group}`)];
    await as({
      'Impersonate-User': Buffer.from(name).toString('latin1'),
      ...(groups.length === 0 ? {} : { 'Impersonate-Group': groups }),
    });
    expect(became()).toMatchObject({ name, groups: all });
  });

  it.each([
    [{ 'Impersonate-Group': 'x' }, 'Name:"", UID:"", Groups:[]string{"x"}, Extra:map[string][]string(nil)'],
    [{ 'Impersonate-Uid': '7' }, 'Name:"", UID:"7", Groups:[]string(nil), Extra:map[string][]string(nil)'],
    [
      { 'Impersonate-Extra-Scope': ['a', 'b'] },
      'Name:"", UID:"", Groups:[]string(nil), Extra:map[string][]string{"scope":[]string{"a", "b"}}',
    ],
    [
      { 'Impersonate-User': '', 'Impersonate-Group': 'x' },
      'Name:"", UID:"", Groups:[]string{"x"}, Extra:map[string][]string(nil)',
    ],
  ])('refuses %j, which names no user', async (headers, told) => {
    may = ['*'];
    const answer = await as(headers);
    expect([answer.status, messageOf(answer)]).toEqual([
      400,
      `requested &user.DefaultInfo{${told}} without impersonating a user name`,
    ]);
    expect(asked).toEqual([]);
  });

  it('takes the first of several names, and says nothing where none is named', async () => {
    may = ['*'];
    await as({ 'Impersonate-User': ['jane', 'root'] });
    expect(became()?.name).toBe('jane');
    await as({ 'Impersonate-User': '' });
    expect(became()?.name).toBe(requestor.name);
    // Neither another separator nor a letter that only looks like one makes a header of impersonation.
    await as({ Impersonate_User: 'root' });
    expect(became()?.name).toBe(requestor.name);
  });

  it('leaves out nothing that must be allowed', async () => {
    const headers = {
      'Impersonate-User': 'jane',
      'Impersonate-Group': 'system:masters',
      'Impersonate-Uid': '7',
      'Impersonate-Extra-a': 'x',
    };
    const rights = [
      'impersonate users jane',
      'impersonate groups system:masters',
      'impersonate uids.authentication.k8s.io 7',
      'impersonate userextras.a.authentication.k8s.io x',
    ];
    for (const missing of rights) {
      may = rights.filter((right) => right !== missing);
      expect((await as(headers)).status, missing).toBe(403);
      expect(became()?.name).toBe(requestor.name);
    }
    may = rights;
    await as(headers);
    expect(became()?.name).toBe('jane');
  });
});

describe('constrained impersonation', () => {
  it('tells what the first way that suits was refused for', async () => {
    const table: readonly (readonly [string, string])[] = [
      ['jane', 'impersonate-on:user-info:list'],
      ['system:serviceaccount:rec:robot', 'impersonate-on:serviceaccount:list'],
      ['system:node:n1', 'impersonate-on:arbitrary-node:list'],
    ];
    for (const [name, verb] of table)
      expect(messageOf(await as({ 'Impersonate-User': name }))).toBe(
        `configmaps is forbidden: User "${requestor.name}" cannot ${verb} resource "configmaps" in API group "" in the namespace "rec"`,
      );
    may = ['impersonate-on:user-info:list configmaps'];
    expect(messageOf(await as({ 'Impersonate-User': 'jane' }))).toBe(
      `users.authentication.k8s.io "jane" is forbidden: User "${requestor.name}" cannot impersonate:user-info resource "users" in API group "authentication.k8s.io" at the cluster scope`,
    );
  });

  it('allows one user for one verb', async () => {
    may = ['impersonate-on:user-info:list configmaps', 'impersonate:user-info users.authentication.k8s.io jane'];
    await as({ 'Impersonate-User': 'jane' });
    expect(became()?.name).toBe('jane');
    expect((await as({ 'Impersonate-User': 'jane' }, `${maps}/x`)).status).toBe(403);
    expect((await as({ 'Impersonate-User': 'root' })).status).toBe(403);
  });

  it('never gives system:masters, the empty group or extra facts without a domain', async () => {
    const refused = async (headers: Readonly<Record<string, string>>): Promise<string> => {
      may = [
        'impersonate-on:user-info:list configmaps',
        'impersonate:user-info users.authentication.k8s.io jane',
        'impersonate:user-info groups.authentication.k8s.io system:masters',
        'impersonate:user-info groups.authentication.k8s.io',
      ];
      const answer = await as({ 'Impersonate-User': 'jane', ...headers });
      expect(answer.status).toBe(403);
      return messageOf(answer).split('at the cluster scope: ')[1] ?? '';
    };
    expect(await refused({ 'Impersonate-Group': 'system:masters' })).toBe(
      'impersonating the system:masters group is not allowed',
    );
    expect(await refused({ 'Impersonate-Group': '' })).toBe('impersonating the empty string group is not allowed');
    expect(await refused({ 'Impersonate-Extra-a': 'x' })).toBe(
      'impersonating an invalid key in extra is not allowed: extra.key: Invalid value: "a": must be a domain-prefixed path (such as "acme.io/foo")',
    );
    expect(await refused({ 'Impersonate-Extra-a.io%2Fb': '' })).toBe(
      'impersonating the empty string value in extra is not allowed',
    );
  });

  it('asks for the right to all of many groups or facts first', async () => {
    const all = 'impersonate:user-info groups.authentication.k8s.io *';
    may = ['impersonate-on:user-info:list configmaps', 'impersonate:user-info users.authentication.k8s.io jane', all];
    await as({ 'Impersonate-User': 'jane', 'Impersonate-Group': ['a', 'b', 'c', 'd'] });
    expect(became()?.groups).toEqual(['a', 'b', 'c', 'd', 'system:authenticated']);
    expect((await as({ 'Impersonate-User': 'jane', 'Impersonate-Group': ['a', 'b', 'c'] })).status).toBe(403);
    may = [...may, 'impersonate:user-info userextras.*.authentication.k8s.io *'];
    await as({ 'Impersonate-User': 'jane', 'Impersonate-Extra-a.io%2Fb': ['1', '2', '3', '4'] });
    expect(became()?.extra).toEqual({ 'a.io/b': ['1', '2', '3', '4'] });
  });

  it('lets an agent be its own node, whichever that is, and no other', async () => {
    const onNode = (node: string): UserInfo => ({
      name: agent,
      groups: ['system:serviceaccounts'],
      extra: { 'authentication.kubernetes.io/node-name': [node], 'authentication.kubernetes.io/pod-name': ['p'] },
    });
    may = [
      'impersonate-on:associated-node:list configmaps',
      'impersonate:associated-node nodes.authentication.k8s.io *',
    ];
    requestor = onNode('n1');
    await as({ 'Impersonate-User': 'system:node:n1' });
    expect(asked[0]?.user.extra).toEqual({
      'authentication.kubernetes.io/associated-node-keys': [
        'authentication.kubernetes.io/node-name',
        'authentication.kubernetes.io/pod-name',
      ],
    });
    expect(became()).toMatchObject({ name: 'system:node:n1', groups: ['system:nodes', 'system:authenticated'] });
    expect((await as({ 'Impersonate-User': 'system:node:n2' })).status).toBe(403);
    expect((await as({ 'Impersonate-User': 'system:node:n1', 'Impersonate-Group': 'x' })).status).toBe(403);
    requestor = { ...onNode('n1'), name: 'mallory' };
    expect((await as({ 'Impersonate-User': 'system:node:n1' })).status).toBe(403);
  });

  it('gives a node the groups of nodes, but in the old way only those that are named', async () => {
    may = [
      'impersonate-on:arbitrary-node:list configmaps',
      'impersonate:arbitrary-node nodes.authentication.k8s.io n1',
    ];
    await as({ 'Impersonate-User': 'system:node:n1' });
    expect(became()?.groups).toEqual(['system:nodes', 'system:authenticated']);
    may = ['impersonate users system:node:n1'];
    await as({ 'Impersonate-User': 'system:node:n1' });
    expect(became()?.groups).toEqual(['system:authenticated']);
  });
});
