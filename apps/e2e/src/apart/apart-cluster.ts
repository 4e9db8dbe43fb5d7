import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Background, Kubectl, RawClient, reckonProgram, run } from '@reckon/testkit';
import { type ProgramProcess, startProgram } from './program-process';

/** Programs of one cluster, each its own process; ended with the last started first. */
export class ApartCluster {
  readonly folder = mkdtempSync(join(tmpdir(), 'reckon-apart-'));
  readonly dataDir = join(this.folder, 'data');
  readonly kubeconfig = join(this.dataDir, 'kubeconfig');
  private readonly running: ProgramProcess[] = [];
  private readonly clients: RawClient[] = [];
  private readonly followers: Background[] = [];

  async start(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<ProgramProcess> {
    const started = await startProgram(args, undefined, env);
    this.running.push(started);
    return started;
  }

  /** An apiserver with the authorization of a real cluster. */
  apiserver(
    flags: readonly string[] = [],
    port = 0,
    env: Readonly<Record<string, string>> = {},
  ): Promise<ProgramProcess> {
    const args = [
      'apiserver',
      ...['--data-dir', this.dataDir, '--bind-address', '127.0.0.1', '--secure-port', String(port)],
      ...['--authorization-mode', 'Node,RBAC', '--enable-admission-plugins', 'NodeRestriction', ...flags],
    ];
    return this.start(args, env);
  }

  async controllerManager(flags: readonly string[] = []): Promise<ProgramProcess> {
    const kubeconfig = await this.kubeconfigOf('system:kube-controller-manager');
    return this.start([
      'controller-manager',
      ...['--kubeconfig', kubeconfig, '--bind-address', '127.0.0.1', '--secure-port', '0'],
      ...['--service-account-private-key-file', join(this.dataDir, 'pki/sa.key'), ...flags],
    ]);
  }

  async scheduler(flags: readonly string[] = []): Promise<ProgramProcess> {
    const kubeconfig = await this.kubeconfigOf('system:kube-scheduler');
    return this.start([
      'scheduler',
      ...['--kubeconfig', kubeconfig, '--bind-address', '127.0.0.1', '--secure-port', '0', ...flags],
    ]);
  }

  /** One node with an identity of its own. */
  async kubelet(name: string, flags: readonly string[] = []): Promise<ProgramProcess> {
    const kubeconfig = await this.kubeconfigOf(`system:node:${name}`, ['system:nodes']);
    return this.start([
      'kubelet',
      ...['--kubeconfig', kubeconfig, '--hostname-override', name, '--address', '127.0.0.1', '--port', '0'],
      ...['--healthz-port', '0', '--client-ca-file', join(this.dataDir, 'pki/ca.crt'), ...flags],
    ]);
  }

  async kubeconfigOf(cn: string, groups: readonly string[] = []): Promise<string> {
    const file = join(this.folder, `${cn.replaceAll(':', '-')}.kubeconfig`);
    const { code, stderr } = await run(process.execPath, [
      reckonProgram,
      ...['kubeconfig', 'user', '--cn', cn, '--data-dir', this.dataDir, '--out', file, '--force'],
      ...groups.flatMap((group) => ['--group', group]),
    ]);
    if (code !== 0) throw new Error(stderr);
    return file;
  }

  kubectl(kubeconfig = this.kubeconfig): Kubectl {
    return new Kubectl(kubeconfig);
  }

  client(kubeconfig = this.kubeconfig): RawClient {
    const client = RawClient.of(kubeconfig);
    this.clients.push(client);
    return client;
  }

  /** `reckon …` as the administrator, until the test ends it. Only its standard output is kept. */
  follow(args: readonly string[]): Background {
    const child = spawn(process.execPath, [reckonProgram, ...args], {
      env: { ...process.env, KUBECONFIG: this.kubeconfig, HOME: this.folder },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const printed: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => printed.push(chunk));
    const ended = new Promise<void>((resolve) => {
      child.once('close', () => {
        resolve();
      });
    });
    const following: Background = {
      output: () => Buffer.concat(printed).toString('utf8'),
      ended,
      async end() {
        child.kill('SIGTERM');
        await ended;
      },
    };
    this.followers.push(following);
    return following;
  }

  async dispose(): Promise<void> {
    for (const follower of this.followers.splice(0)) await follower.end();
    for (const client of this.clients.splice(0)) client.close();
    for (let one = this.running.pop(); one !== undefined; one = this.running.pop()) await one.end();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
