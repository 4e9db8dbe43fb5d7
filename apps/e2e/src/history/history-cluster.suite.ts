import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Background,
  Kubectl,
  type Ran,
  readKubeconfig,
  type ReckonProcess,
  reckonProgram,
  run,
  startReckon,
} from '@reckon/testkit';
import { stringify } from 'yaml';

export interface HistoryCluster {
  readonly reckon: ReckonProcess;
  readonly kubectl: Kubectl;
  readonly folder: string;
  /** `reckon …` as the administrator, or with another kubeconfig. */
  reckonTo(args: readonly string[], kubeconfig?: string): Promise<Ran>;
  /** Its standard output; throws what it said if it failed. */
  tell(args: string | readonly string[], kubeconfig?: string): Promise<string>;
  /** Goes on until the test ends it. */
  follow(args: readonly string[], kubeconfig?: string): Background;
  /** Kubeconfig of a service account. */
  accountConfig(namespace: string, name: string): Promise<string>;
  dispose(): Promise<void>;
}

export async function startHistoryCluster(flags: readonly string[] = []): Promise<HistoryCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'reckon-history-'));
  const reckon = await startReckon({ flags });
  const kubectl = new Kubectl(reckon.kubeconfig);
  const environment = (kubeconfig: string): Record<string, string> => ({
    KUBECONFIG: kubeconfig,
    HOME: folder,
    TMPDIR: folder,
  });
  const reckonTo = (args: readonly string[], kubeconfig = reckon.kubeconfig): Promise<Ran> =>
    run(process.execPath, [reckonProgram, ...args], { env: environment(kubeconfig) });
  return {
    reckon,
    kubectl,
    folder,
    reckonTo,
    async tell(args, kubeconfig) {
      const list = typeof args === 'string' ? args.split(' ') : args;
      const { code, stdout, stderr } = await reckonTo(list, kubeconfig);
      if (code !== 0) throw new Error(`reckon ${list.join(' ')} failed (${String(code)}):\n${stdout}${stderr}`);
      return stdout;
    },
    follow(args, kubeconfig = reckon.kubeconfig) {
      const child = spawn(process.execPath, [reckonProgram, ...args], {
        env: { ...process.env, ...environment(kubeconfig) },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let printed = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk: Buffer) => {
          printed += chunk.toString('utf8');
        });
      const ended = new Promise<void>((resolve) => {
        child.once('close', () => {
          resolve();
        });
      });
      return {
        output: () => printed,
        ended,
        async end() {
          child.kill('SIGTERM');
          await ended;
        },
      };
    },
    async accountConfig(namespace, name) {
      const token = (await kubectl.run(`create token ${name} -n ${namespace}`)).trim();
      const { server, caPem } = readKubeconfig(reckon.kubeconfig);
      const cluster = { server, 'certificate-authority-data': Buffer.from(caPem).toString('base64') };
      const file = join(folder, `${namespace}-${name}`);
      writeFileSync(
        file,
        stringify({
          apiVersion: 'v1',
          kind: 'Config',
          clusters: [{ name: 'c', cluster }],
          users: [{ name: 'u', user: { token } }],
          contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', namespace } }],
          'current-context': 'x',
        }),
      );
      return file;
    },
    async dispose() {
      await reckon.dispose();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Rows of `reckon log`: what stands in front of the manager, times and changed fields left out. */
export interface Row {
  readonly revision: number;
  readonly verb: string;
  readonly object: string;
  readonly by: string;
  readonly changes: readonly string[];
}

export function rowsOf(printed: string): Row[] {
  const rows: { revision: number; verb: string; object: string; by: string; changes: string[] }[] = [];
  for (const line of printed.split('\n')) {
    const row = /^ *(\d+) {2}\S+Z {2}(\w+) +(?:([\w.-]+) +)?(\S+\/\S+) +(\S.*)$/.exec(line);
    if (row !== null) {
      const [, revision, verb = '', , object = '', by = ''] = row;
      rows.push({ revision: Number(revision), verb, object, by, changes: [] });
    } else if (line.startsWith('          ')) rows.at(-1)?.changes.push(line.trim());
  }
  return rows;
}
