import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '@reckon/kernel';
import { type RestartableReckon, eventually, reckonProgram, restartableReckon, run } from '@reckon/testkit';

const configMaps = '/api/v1/namespaces/default/configmaps';
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

interface Meta {
  readonly name: string;
  readonly resourceVersion: string;
  readonly creationTimestamp: string;
}

describe('clocks that jump', () => {
  const beganMs = systemClock.nowMs();
  let reckon: RestartableReckon;

  beforeAll(async () => {
    reckon = await restartableReckon();
  });
  afterAll(async () => {
    await reckon.dispose();
  });

  /** Creates a ConfigMap at a time so far ahead of this machine's. */
  const expectCreated = async (name: string, aheadMs: number): Promise<void> => {
    const began = systemClock.nowMs();
    const reply = await reckon.client.send('POST', configMaps, { body: { metadata: { name } } });
    expect(reply.status, reply.text).toBe(201);
    const { creationTimestamp } = (reply.body as { metadata: Meta }).metadata;
    expect(Math.abs(Date.parse(creationTimestamp) - began - aheadMs)).toBeLessThan(30_000);
  };
  /** Those of the ConfigMaps above that were there at a time so far ahead of when the test began. */
  const namesAt = async (aheadMs: number): Promise<string[]> => {
    const reply = await reckon.client.send('GET', `/at/${new Date(beganMs + aheadMs).toISOString()}${configMaps}`);
    expect(reply.status, reply.text).toBe(200);
    const { items } = reply.body as { items: readonly { metadata: Meta }[] };
    return items.map(({ metadata }) => metadata.name).filter((name) => /^c\d$/.test(name));
  };
  const setTo = async (offsetMs: number): Promise<void> => {
    reckon.clock.set(offsetMs);
    await new Promise((resolve) => setTimeout(resolve, 100));
  };
  /** Whether a Deployment still gets its pods, and loses them. */
  const expectWorking = async (name: string): Promise<void> => {
    await reckon.kubectl.run(`create deployment ${name} --image=nginx --replicas=2`);
    await reckon.kubectl.run(`rollout status deployment/${name} --timeout=60s`);
    await reckon.kubectl.run(`delete deployment ${name} --timeout=60s`);
    await eventually(async () => {
      expect(await reckon.kubectl.run(`get pods -l app=${name} -o name`)).toBe('');
    });
    await reckon.kubectl.run('wait --for=condition=Ready nodes --all --timeout=60s');
    expect((await reckon.client.send('GET', '/readyz')).text).toBe('ok');
  };

  it('forward: the cluster goes on in the new time', async () => {
    await expectCreated('c1', 0);
    await setTo(hourMs);
    await expectCreated('c2', hourMs);
    await expectWorking('forward');
    expect(await namesAt(hourMs / 2)).toEqual(['c1']);
  });

  it('back: objects tell the new time, the log stays at its newest, and the cluster goes on', async () => {
    await setTo(-hourMs);
    await expectCreated('c3', -hourMs);
    await expectWorking('back');
    expect(await namesAt(hourMs / 2)).toEqual(['c1']);
    expect(await namesAt(hourMs + 10 * minuteMs)).toEqual(['c1', 'c2', 'c3']);
  });

  it('back over a restart: the log stays at its newest', async () => {
    expect(await reckon.stop()).toBe(0);
    await setTo(0);
    await reckon.start();
    await expectCreated('c4', 0);
    await expectWorking('restarted');
    expect(await namesAt(hourMs / 2)).toEqual(['c1']);
    expect(await namesAt(hourMs + 10 * minuteMs)).toEqual(['c1', 'c2', 'c3', 'c4']);
  });

  it('back over a kill: so it does, and the log is sound', async () => {
    await reckon.stop('SIGKILL');
    await setTo(-hourMs / 4);
    await reckon.start();
    await expectCreated('c5', -hourMs / 4);
    expect(await namesAt(hourMs / 2)).toEqual(['c1']);
    expect(await reckon.stop()).toBe(0);
    const check = await run(process.execPath, [reckonProgram, 'check', '--data-dir', reckon.dataDir]);
    expect(check).toMatchObject({ code: 0, stderr: '' });
    await reckon.start();
  });

  it('far forward: Events and tokens have expired, and the cluster goes on', async () => {
    const holder = reckon.client.as({
      token: (await reckon.kubectl.run('create token default --duration=10m')).trim(),
    });
    const status = async (): Promise<number> => (await holder.send('GET', '/api/v1/pods')).status;
    const events = async (): Promise<string[]> => {
      const { items } = (await reckon.client.send('GET', '/api/v1/events')).body as {
        items: readonly { metadata: Meta }[];
      };
      return items.map(({ metadata }) => metadata.name);
    };
    expect(await status()).toBe(403);
    const before = await events();
    expect(before).not.toEqual([]);
    await setTo(3 * hourMs);
    expect(await status()).toBe(401);
    holder.close();
    await eventually(async () => {
      const now = await events();
      expect(before.filter((name) => now.includes(name))).toEqual([]);
    });
    await expectWorking('later');
  });
});
