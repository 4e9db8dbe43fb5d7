import { mkdtempSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Ran, run } from './kubectl';

/** Real helm with one kubeconfig and a home folder of its own beside it, which goes with the data directory. */
export class Helm {
  private readonly home: string;

  constructor(private readonly kubeconfig: string) {
    this.home = mkdtempSync(join(dirname(kubeconfig), 'helm-'));
  }

  /** Whatever its exit code. */
  try(args: readonly string[]): Promise<Ran> {
    const env = {
      KUBECONFIG: this.kubeconfig,
      HOME: this.home,
      HELM_CACHE_HOME: join(this.home, 'cache'),
      HELM_CONFIG_HOME: join(this.home, 'config'),
      HELM_DATA_HOME: join(this.home, 'data'),
    };
    return run(helmPath(), args, { env, timeoutMs: 120_000 });
  }

  /** Its standard output; throws what it printed if it failed. */
  async run(...args: readonly string[]): Promise<string> {
    const ran = await this.try(args);
    if (ran.code !== 0)
      throw new Error(`helm ${args.join(' ')} failed (${String(ran.code)}):\n${ran.stdout}${ran.stderr}`);
    return ran.stdout;
  }
}

/** Where the test command put the real helm (`tools/clients.mjs`). */
function helmPath(): string {
  const path = process.env['RECKON_HELM'] ?? '';
  if (path === '') throw new Error('RECKON_HELM is not set: run tests through vitest of this repository');
  return path;
}
