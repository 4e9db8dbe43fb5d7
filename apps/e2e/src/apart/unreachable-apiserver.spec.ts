import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@reckon/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApartCluster } from './apart-cluster';
import type { ProgramProcess } from './program-process';

interface Kubeconfig {
  readonly clusters: { cluster: Record<string, string> }[];
  readonly users: { user: Record<string, string> }[];
}

describe('a program that is told the wrong apiserver', () => {
  let cluster: ApartCluster;
  beforeEach(() => {
    cluster = new ApartCluster();
  });
  afterEach(() => cluster.dispose());

  const kubeconfigWith = (name: string, change: (config: Kubeconfig) => void): string => {
    const config = JSON.parse(readFileSync(cluster.kubeconfig, 'utf8')) as Kubeconfig;
    change(config);
    const file = join(cluster.folder, `${name}.kubeconfig`);
    writeFileSync(file, JSON.stringify(config));
    return file;
  };
  const start = (program: 'scheduler' | 'controller-manager', kubeconfig: string): Promise<ProgramProcess> =>
    cluster.start([program, '--kubeconfig', kubeconfig, '--bind-address', '127.0.0.1', '--secure-port', '0']);
  const says = (program: ProgramProcess, what: string, hint: string): Promise<void> =>
    eventually(() => {
      expect(program.output()).toContain(`reckon: ${what}`);
      expect(program.output()).toContain(`        ${hint}`);
    });

  it('says what is wrong, where, and what to do, and starts when it is right', async () => {
    const apiserver = await cluster.apiserver();
    const server = `https://127.0.0.1:${String(apiserver.port)}`;
    const stranger = readFileSync(join(cluster.dataDir, 'pki/front-proxy-ca.crt')).toString('base64');
    const otherCa = kubeconfigWith('ca', ({ clusters: [first] }) => {
      if (first !== undefined) first.cluster['certificate-authority-data'] = stranger;
    });
    const noToken = kubeconfigWith('token', ({ users: [first] }) => {
      if (first !== undefined) first.user = { token: 'not-a-token' };
    });
    await Promise.all([
      start('controller-manager', otherCa).then((program) =>
        says(
          program,
          `the certificate of ${server} is not from the authority that is trusted`,
          `name the authority of this apiserver as certificate-authority in ${otherCa}`,
        ),
      ),
      start('scheduler', noToken).then((program) =>
        says(
          program,
          `the apiserver at ${server} does not know who we are: Unauthorized`,
          `see to the token or the client certificate of the user in ${noToken}`,
        ),
      ),
    ]);
    await apiserver.end();
    const late = await cluster.scheduler();
    await says(late, `the apiserver at ${server} cannot be reached: connect ECONNREFUSED`, 'see whether it runs');
    await cluster.apiserver([], apiserver.port);
    await eventually(() => {
      expect(late.output()).toContain(`the apiserver at ${server} answers now`);
    });
  });
});
