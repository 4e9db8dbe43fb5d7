import { createKindRegistry } from '@reckon/api/kinds';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestServer, startTestServer } from '../testing/test-server.suite';

/** Rights are asked for by what a path says; what is served must be the same thing. */
describe('what is in no namespace', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(async () => {
    await server.close();
  });

  const rows = createKindRegistry()
    .resources()
    .filter(({ namespaced }) => !namespaced);

  it.each(rows.map(({ group, version, resource }) => [`${group}/${version}/${resource}`, group, version, resource]))(
    'is not reached by the rights in one: %s',
    async (_, group, version, resource) => {
      const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
      const inside = `namespaces/default/${resource}`;
      const paths = [
        `${root}/${inside}`,
        `${root}/${inside}/x`,
        `${root}/${inside}/default`,
        `${root}/${inside}/x/status`,
      ];
      const asked = [
        ...paths.flatMap((path) => ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].map((method) => ({ method, path }))),
        ...[`${root}/watch/${inside}`, `${root}/watch/${inside}/x`, `${root}/${inside}?watch=1&timeoutSeconds=1`]
          .concat(paths.flatMap((path) => [`/at/1${path}`, `/history${path}`]))
          .map((path) => ({ method: 'GET', path })),
      ];
      const codes = await Promise.all(
        asked.map(
          async ({ method, path }) => `${method} ${path} ${String((await server.ask(path, { method })).status)}`,
        ),
      );
      expect(codes.filter((line) => !line.endsWith(' 404'))).toEqual([]);
    },
  );

  it('is a Namespace by its own path', async () => {
    const paths = ['/api/v1/namespaces', '/history/api/v1/namespaces/none'];
    for (const path of paths) expect([path, (await server.ask(path)).status]).toEqual([path, 200]);
    expect((await server.ask('/api/v1/namespaces/none')).json()['details']).toMatchObject({ kind: 'namespaces' });
  });
});
