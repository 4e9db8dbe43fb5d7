import { mkdtempSync, openSync, closeSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kubectl, eventually, reckonProgram, run, startReckon } from '@reckon/testkit';
import { afterEach, beforeEach, expect, it } from 'vitest';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'reckon-damaged-'));
});
afterEach(() => {
  rmSync(dataDir, { recursive: true, force: true });
});

it('a start on a log whose old history is damaged serves, and tells the first bad revision', async () => {
  const first = await startReckon({ dataDir, flags: ['--nodes', '0'] });
  const kubectl = new Kubectl(first.kubeconfig);
  await kubectl.run('create configmap app --from-literal=level=debug-of-old');
  await kubectl.run(['patch', 'configmap', 'app', '-p', '{"data":{"level":"info"}}']);
  expect(await first.end()).toBe(0);

  const file = join(dataDir, 'log.db');
  const at = readFileSync(file).indexOf('debug-of-old');
  expect(at).toBeGreaterThan(0);
  const fd = openSync(file, 'r+');
  writeSync(fd, 'D', at);
  closeSync(fd);
  const { stderr } = await run(process.execPath, [reckonProgram, 'check', '--data-dir', dataDir]);
  const [, revision] = /revision (\d+): its checksum does not fit its content/.exec(stderr) ?? [];
  expect(Number(revision)).toBeGreaterThan(0);

  const again = await startReckon({ dataDir, flags: ['--nodes', '0', '--logging-format', 'json'] });
  try {
    const metrics = () => new Kubectl(again.kubeconfig).run('get --raw /metrics');
    await eventually(async () => {
      expect(await metrics()).toMatch(/^reckon_log_damaged_entries 1$/m);
    });
    const lines = again
      .output()
      .split('\n')
      .filter((line) => line.includes('history is damaged'));
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({
        level: 50,
        component: 'apiserver',
        file,
        revision: Number(revision),
        problem: 'its checksum does not fit its content',
      }),
    ]);
    expect(await new Kubectl(again.kubeconfig).run('get configmap app -o jsonpath={.data.level}')).toBe('info');
  } finally {
    expect(await again.end()).toBe(0);
  }
});
