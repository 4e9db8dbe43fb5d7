import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Kubectl, type ReckonProcess, reckonProgram, startReckon } from '@reckon/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ProgramProcess, startProgram } from '../apart/program-process';

let reckon: ReckonProcess;
let kubectl: Kubectl;
let worker: ProgramProcess | undefined;

beforeAll(async () => {
  reckon = await startReckon({ flags: ['--nodes', '1'] });
  kubectl = new Kubectl(reckon.kubeconfig);
  const kubeconfig = join(reckon.dataDir, 'worker.kubeconfig');
  const identity = ['--cn', 'system:node:worker', '--group', 'system:nodes', '--out', kubeconfig];
  await promisify(execFile)(process.execPath, [
    reckonProgram,
    ...['kubeconfig', 'user', '--data-dir', reckon.dataDir, ...identity],
  ]);
  worker = await startProgram([
    ...['kubelet', '--kubeconfig', kubeconfig, '--hostname-override', 'worker', '--node-ip', '127.0.0.1'],
    ...['--address', '127.0.0.1', '--port', '0', '--healthz-port', '0'],
    ...['--client-ca-file', join(reckon.dataDir, 'pki', 'ca.crt')],
  ]);
});
afterAll(async () => {
  await worker?.end();
  await reckon.dispose();
});

describe('a kubelet that joins a whole cluster', () => {
  it('runs pods there, and the logs of each pod come from its own node', async () => {
    await kubectl.run('wait --for=create node/worker --timeout=60s');
    await kubectl.run('wait --for=condition=Ready node/worker --timeout=60s');
    for (const node of ['worker', 'reckon-node-0']) {
      const overrides = JSON.stringify({ spec: { nodeName: node } });
      await kubectl.run(['run', `on-${node}`, '--image=nginx', `--overrides=${overrides}`]);
      await kubectl.run(`wait pod/on-${node} --for=condition=Ready --timeout=60s`);
      expect(await kubectl.run(`logs on-${node}`)).toContain(`simulated container on-${node} of default/on-${node}`);
    }
  });
});
