import { existsSync, readFileSync } from 'node:fs';
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
