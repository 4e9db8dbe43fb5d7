import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@reckon/kernel';
import { issue, kubeconfigText } from '@reckon/pki';
import { dataDirectory } from './data-directory';
import { OptionError } from './option-error';

export interface UserKubeconfigOptions {
  readonly dataDir: string;
  /** Name of the user. */
  readonly cn: string;
  readonly groups: readonly string[];
  readonly days: number;
  /** Default: as in the kubeconfig of the data directory. */
  readonly server?: string;
}

/** A kubeconfig with a new client certificate, signed by the CA of a data directory. The cluster need not run. */
export async function userKubeconfig(options: UserKubeconfigOptions): Promise<string> {
  const directory = dataDirectory(options.dataDir);
  const [certFile, keyFile] = [join(directory.pki, 'ca.crt'), join(directory.pki, 'ca.key')];
  if (!existsSync(certFile) || !existsSync(keyFile) || !existsSync(directory.kubeconfig))
    throw new OptionError(
      `${directory.folder} holds no cluster`,
      'name the folder of a cluster that was started with --data-dir',
    );
  if (options.cn === '') throw new OptionError('--cn: a name is needed', 'give one like --cn jane');
  if (options.groups.includes('')) throw new OptionError('--group: a name is needed', 'give one like --group dev');
  const { loadKubeconfig } = await import('./load-kubeconfig');
  const admin = loadKubeconfig(directory.kubeconfig, { userAgent: '' });
  const authority = { certPem: readFileSync(certFile, 'utf8'), keyPem: readFileSync(keyFile, 'utf8') };
  const { certPem: cert, keyPem: key } = issue(authority, {
    commonName: options.cn,
    organizations: options.groups,
    usages: ['client'],
    days: options.days,
    clock: systemClock,
  });
  return kubeconfigText({
    server: options.server ?? admin.server,
    ...(admin.caPem === undefined ? {} : { caPem: admin.caPem }),
    user: { cert, key },
    userName: options.cn,
    context: 'reckon',
  });
}

/** Writes it to a file for this user only. Throws `OptionError` where that cannot be, or where it would take the place of another. */
export function writeUserKubeconfig(
  file: string,
  text: string,
  { overwrites }: { readonly overwrites: boolean },
): void {
  try {
    writeFileSync(file, '', { mode: 0o600, flag: overwrites ? 'w' : 'wx' });
    // A file that was there keeps its mode, and the key must never be readable by others.
    if (overwrites) chmodSync(file, 0o600);
    writeFileSync(file, text);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST')
      throw new OptionError(`--out: ${file} is there already`, 'name a new file, or overwrite it with --force', {
        cause,
      });
    throw new OptionError(
      `--out: ${file} cannot be written: ${message}`,
      'name a file in a folder that this user may write',
      {
        cause,
      },
    );
  }
}
