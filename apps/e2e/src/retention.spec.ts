import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  RawClient,
  type RawReply,
  type ReckonProcess,
  eventually,
  reckonProgram,
  run,
  startReckon,
} from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const objects = '/api/v1/namespaces/default';
const flags = ['--retention', 'configmaps=2s,secrets=forever,*=1h', '-v', '1', '--logging-format', 'json'];

const versionOf = (reply: RawReply): number => {
  expect(reply.status, reply.text).toBeLessThan(300);
  return Number((reply.body as { metadata: { resourceVersion: string } }).metadata.resourceVersion);
};

describe('--retention', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'reckon-retention-'));
  let reckon: ReckonProcess;
  let client: RawClient;
  /** Of each object's states, oldest first. */
  const versions = { configmaps: [] as number[], secrets: [] as number[] };

  const begin = async (): Promise<void> => {
    reckon = await startReckon({ dataDir, flags });
    client = RawClient.of(reckon.kubeconfig);
  };
  const historyOf = (resource: keyof typeof versions, after: number): Promise<RawReply> =>
    client.send('GET', `/history${objects}/${resource}?after=${String(after)}`);
  const revisionsOf = ({ text }: RawReply): number[] =>
    text
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { revision: number }).revision);

  beforeAll(async () => {
    await begin();
    for (const resource of ['configmaps', 'secrets'] as const) {
      const path = `${objects}/${resource}`;
      versions[resource].push(versionOf(await client.send('POST', path, { body: { metadata: { name: 'kept' } } })));
      for (let n = 1; n <= 5; n++) {
        const body = { metadata: { annotations: { n: String(n) } } };
        const headers = { 'content-type': 'application/merge-patch+json' };
        versions[resource].push(versionOf(await client.send('PATCH', `${path}/kept`, { body, headers })));
      }
    }
  });
  afterAll(async () => {
    client.close();
    await reckon.end();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('answers 410 for history that is gone, soon after its time', async () => {
    const [first = 0] = versions.configmaps;
    const gone = await eventually(async () => {
      const reply = await historyOf('configmaps', first);
      expect(reply.status).toBe(410);
      return reply;
    });
    expect(gone.body).toMatchObject({ kind: 'Status', status: 'Failure', reason: 'Expired', code: 410 });
    const newest = versions.configmaps.at(-1) ?? 0;
    const left = revisionsOf(await client.send('GET', `/history${objects}/configmaps/kept?after=oldest`));
    expect(left).toEqual([newest]);
  });

  it('keeps every state of what is kept for longer', async () => {
    const [first = 0] = versions.secrets;
    const reply = await historyOf('secrets', first - 1);
    expect(reply.status).toBe(200);
    expect(revisionsOf(reply)).toEqual(expect.arrayContaining(versions.secrets));
  });

  it('tells the log, in the format that was asked for', () => {
    const lines = reckon
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines).toContainEqual({
      level: 30,
      time: expect.any(Number),
      component: 'apiserver',
      removed: expect.any(Number),
      msg: 'history compacted',
    });
  });

  it('leaves a sound log, whose next life knows what is gone', async () => {
    client.close();
    expect(await reckon.end()).toBe(0);
    const check = await run(process.execPath, [reckonProgram, 'check', '--data-dir', dataDir]);
    expect(check).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/^sound: \d+ entries/) });
    await begin();
    expect((await historyOf('configmaps', versions.configmaps[0] ?? 0)).status).toBe(410);
    expect((await historyOf('secrets', versions.secrets[0] ?? 0)).status).toBe(200);
  });
});

describe('a --retention that cannot be', () => {
  it.each([
    ['up', 'pds=1h', 'reckon: --retention: there is no resource pds\n'],
    ['up', 'events=1m', 'reckon: --retention: events: 1m is shorter than Events live\n'],
    ['apiserver', 'pods', 'reckon: --retention: "pods" is not <resource>=<duration>\n'],
    ['apiserver', 'pods=never', 'reckon: --retention: pods: never must be a duration such as 15s, 1m30s or 100ms\n'],
  ])('%s --retention %s is refused before anything is made', async (command, rules, why) => {
    const folder = mkdtempSync(join(tmpdir(), 'reckon-retention-'));
    const dataDir = join(folder, 'data');
    const ran = await run(process.execPath, [reckonProgram, command, '--data-dir', dataDir, '--retention', rules]);
    expect(ran).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(why) });
    expect(readdirSync(folder)).toEqual([]);
    rmSync(folder, { recursive: true, force: true });
  });
});
