import { type Background, type RawClient, eventually, reckonProgram, run } from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApartCluster } from './apart/apart-cluster';
import type { ProgramProcess } from './apart/program-process';

const maps = '/api/v1/namespaces/default/configmaps';

/** One change of one object, as `-o json` prints it. */
interface Change {
  readonly revision: number;
  readonly verb: string;
  readonly name: string;
}

function changesIn(printed: string): Change[] {
  // The last line may be half of one.
  const whole = printed.slice(0, printed.lastIndexOf('\n') + 1);
  return whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { revision: number; verb: string; object: { metadata: { name: string } } })
    .map(({ revision, verb, object }) => ({ revision, verb, name: object.metadata.name }));
}

describe('reckon log -f over an apiserver that restarts', () => {
  const cluster = new ApartCluster();
  let apiserver: ProgramProcess;
  let client: RawClient;
  let following: Background;

  beforeAll(async () => {
    apiserver = await cluster.apiserver();
    client = cluster.client();
    following = cluster.follow(['log', 'configmaps', '-n', 'default', '-f', '-o', 'json']);
    await write('first');
    await eventually(() => {
      expect(changesIn(following.output()).map(({ name }) => name)).toContain('first');
    });
  });
  afterAll(() => cluster.dispose());

  const write = async (name: string): Promise<void> => {
    const made = await client.send('POST', maps, { body: { metadata: { name } } });
    expect(made.status, made.text).toBe(201);
  };

  /** Writes one after another until it is ended; what the server has answered. */
  const startWriting = (life: string): { end(): Promise<string[]> } => {
    const answered: string[] = [];
    let isOver = false;
    const loop = (async () => {
      for (let i = 0; !isOver; i++) {
        const name = `${life}-${String(i)}`;
        // A server that goes away answers nothing, or nothing that counts.
        await write(name).then(
          () => answered.push(name),
          () => new Promise((resolve) => setTimeout(resolve, 20)),
        );
      }
    })();
    return {
      async end() {
        isOver = true;
        await loop;
        return answered;
      },
    };
  };

  it.each(['SIGTERM', 'SIGKILL'] as const)('misses nothing and tells nothing twice after %s', async (signal) => {
    const { port } = apiserver;
    const writing = startWriting(signal.toLowerCase());
    await eventually(() => {
      expect(following.output()).toContain(`${signal.toLowerCase()}-20"`);
    });
    await apiserver.end(signal);
    apiserver = await cluster.apiserver([], port);
    await write(`${signal.toLowerCase()}-after`);
    const answered = await writing.end();
    const last = `${signal.toLowerCase()}-last`;
    await write(last);
    await eventually(() => {
      expect(changesIn(following.output()).at(-1)?.name).toBe(last);
    });
    const told = changesIn(following.output());
    expect(told.map(({ name }) => name)).toEqual(expect.arrayContaining(answered));
    // All that the log holds, in its order, and each change once.
    const args = ['log', 'configmaps', '-n', 'default', '-o', 'json'];
    const { code, stdout } = await run(process.execPath, [reckonProgram, ...args], {
      env: { KUBECONFIG: cluster.kubeconfig, HOME: cluster.folder },
    });
    expect(code).toBe(0);
    expect(told).toEqual(changesIn(stdout));
  });
});
