import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { kubeletConfigFiles } from './kubelet-config-files';

const folder = mkdtempSync(join(tmpdir(), 'reckon-kubelet-config-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const put = (name: string, fields: object): string => {
  const file = join(folder, name);
  const head = { apiVersion: 'kubelet.config.k8s.io/v1beta1', kind: 'KubeletConfiguration' };
  writeFileSync(file, JSON.stringify({ ...head, ...fields }));
  return file;
};

it('files of a folder win over the file, the later over the earlier', async () => {
  mkdirSync(join(folder, 'conf.d'));
  const config = put('config.json', { port: 1, maxPods: 1, healthzPort: 1 });
  put('conf.d/20-late.conf', { maxPods: 3 });
  put('conf.d/10-early.conf', { maxPods: 2, healthzPort: 2, cgroupDriver: 'systemd' });
  put('conf.d/readme.txt', { port: 9 });
  const warnings: string[] = [];
  const flags = { config, 'config-dir': join(folder, 'conf.d') };
  expect(await kubeletConfigFiles(flags, (line) => warnings.push(line))).toEqual({
    port: 1,
    'max-pods': 3,
    'healthz-port': 2,
  });
  expect(warnings).toEqual([expect.stringContaining('10-early.conf: cgroupDriver: it has no effect here')]);
  expect(await kubeletConfigFiles({ config: '', 'config-dir': '' }, () => undefined)).toEqual({});
});

it('a folder that is not there, or a file in it that is none, is named', async () => {
  const read = (name: string) => kubeletConfigFiles({ config: '', 'config-dir': join(folder, name) }, () => undefined);
  await expect(read('none')).rejects.toThrow('--config-dir: cannot read');
  mkdirSync(join(folder, 'bad.d'));
  writeFileSync(join(folder, 'bad.d/a.conf'), 'kind: Pod');
  await expect(read('bad.d')).rejects.toThrow('a.conf is of no version or kind Pod');
});
