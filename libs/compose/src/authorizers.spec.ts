import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authorizationModes, createAuthorizers } from './authorizers';
import { type MemoryCluster, memoryCluster } from './testing/memory-cluster.suite';

let cluster: MemoryCluster;
beforeAll(async () => {
  cluster = await memoryCluster();
});
afterAll(() => cluster.close());

const listPods = (name: string, groups: readonly string[] = []) => ({
  user: { name, groups: [...groups] },
  verb: 'list',
  isResource: true,
  group: '',
  version: 'v1',
  resource: 'pods',
  subresource: '',
  namespace: 'default',
  name: '',
  path: '/api/v1/namespaces/default/pods',
});

describe('the authorization modes', () => {
  it.each([
    [['AlwaysAllow'], true],
    [['AlwaysDeny'], false],
    [['RBAC'], false],
    [['RBAC', 'AlwaysAllow'], true],
  ] as const)('%j lets a stranger list pods: %s', async (modes, isAllowed) => {
    const { authorizer, stop } = createAuthorizers(modes, cluster.storage);
    expect((await authorizer.authorize(listPods('jane'))).allowed).toBe(isAllowed);
    expect((await authorizer.authorize(listPods('root', ['system:masters']))).allowed).toBe(true);
    stop();
  });

  it('Node knows nodes', async () => {
    const { authorizer, rbac, stop } = createAuthorizers(['Node'], cluster.storage);
    expect(rbac).toBeUndefined();
    const request = {
      ...listPods('system:node:a', ['system:nodes']),
      verb: 'create',
      resource: 'nodes',
      namespace: '',
    };
    expect((await authorizer.authorize(request)).allowed).toBe(true);
    expect((await authorizer.authorize({ ...request, user: { name: 'jane', groups: [] } })).allowed).toBe(false);
    stop();
  });

  it.each([
    [['ABAC'], '--authorization-mode: ABAC comes later'],
    [['RBAC', 'Webhook'], '--authorization-mode: Webhook comes later'],
    [['rbac'], '--authorization-mode: there is no mode rbac'],
    [['toString'], '--authorization-mode: there is no mode toString'],
    [['RBAC', 'Node', 'RBAC'], '--authorization-mode: RBAC is named twice'],
    [[], '--authorization-mode: at least one mode is needed'],
  ])('%j are refused by name', (modes, message) => {
    expect(() => authorizationModes(modes)).toThrow(expect.objectContaining({ code: 'Option', message }));
  });
});
