import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Kubectl, type ReckonProcess, eventually, startReckon } from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** Processes of this machine whose command line has all of these words. */
const processesWith = (...words: readonly string[]): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return words.every((word) => line.includes(word));
      } catch {
        // It has ended meanwhile.
        return false;
      }
    })
    .map(Number);

// The processes are looked up in /proc, which other systems have not.
describe.runIf(process.platform === 'linux')('up --isolate', () => {
  let reckon: ReckonProcess;
  let kubectl: Kubectl;
  const agents = (): number[] => processesWith(join(reckon.dataDir, 'agents'));

  beforeAll(async () => {
    reckon = await startReckon({ flags: ['--isolate', '--nodes', '2'] });
    kubectl = new Kubectl(reckon.kubeconfig);
  });
  afterAll(() => reckon.dispose());

  it('runs each agent in a process of its own, with a kubeconfig that only its owner can read', async () => {
    expect(agents()).toHaveLength(3);
    for (const name of readdirSync(join(reckon.dataDir, 'agents')))
      expect(statSync(join(reckon.dataDir, 'agents', name)).mode & 0o777).toBe(0o600);
    await kubectl.run('create deployment web --image=nginx --replicas=2');
    await kubectl.run('rollout status deployment/web --timeout=60s');
    expect(await kubectl.run('logs deployment/web')).toContain('simulated container nginx');
  });

  it('starts an agent again that was killed', async () => {
    const [scheduler] = processesWith(join(reckon.dataDir, 'agents', 'scheduler.kubeconfig'));
    process.kill(scheduler ?? 0, 'SIGKILL');
    await kubectl.run('scale deployment/web --replicas=4');
    await kubectl.run('rollout status deployment/web --timeout=60s');
    expect(processesWith(join(reckon.dataDir, 'agents', 'scheduler.kubeconfig'))).not.toContain(scheduler);
    expect(reckon.output()).toContain('agent ended and is started again');
  });

  it('ends with all of them', async () => {
    expect(await reckon.end('SIGINT')).toBe(0);
    expect(agents()).toEqual([]);
  });

  it('leaves none behind even when it is killed', async () => {
    const second = await startReckon({ dataDir: reckon.dataDir, flags: ['--isolate', '--nodes', '1'] });
    expect(agents()).toHaveLength(3);
    await second.end('SIGKILL');
    await eventually(() => {
      expect(agents()).toEqual([]);
    });
  });
});
