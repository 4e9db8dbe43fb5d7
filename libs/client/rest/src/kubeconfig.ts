import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { type ClientConfig, ClientConfigError } from './client-config';
import { authoritiesIn } from './credentials/authorities';
import { readUser, userSchema } from './credentials/read-user';

const named = <T extends z.ZodType>(key: string, value: T) =>
  z
    .array(
      z
        .object({ name: z.string() })
        .catchall(z.unknown())
        .and(z.object({ [key]: value })),
    )
    .nullish();

/** `client-go/tools/clientcmd/api/v1.Config`, as far as this client uses it. */
const kubeconfigSchema = z.object({
  'current-context': z.string().optional(),
  clusters: named(
    'cluster',
    z.object({
      server: z.string(),
      'certificate-authority': z.string().optional(),
      'certificate-authority-data': z.string().optional(),
      'insecure-skip-tls-verify': z.boolean().optional(),
      'tls-server-name': z.string().optional(),
      'proxy-url': z.string().optional(),
    }),
  ),
  users: named('user', userSchema),
  contexts: named(
    'context',
    z.object({ cluster: z.string(), user: z.string().optional(), namespace: z.string().optional() }),
  ),
});

type Kubeconfig = z.infer<typeof kubeconfigSchema>;

export interface KubeconfigOptions {
  readonly userAgent: string;
  /** Default: the file's `current-context`. */
  readonly context?: string;
}

/** Reads a kubeconfig file; relative paths in it are relative to the file, as client-go resolves them. */
export function loadKubeconfig(file: string, options: KubeconfigOptions): ClientConfig {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ClientConfigError(`cannot read kubeconfig ${file}`, 'name an existing file with --kubeconfig', { cause });
  }
  return readKubeconfig(parse(text), file, options);
}

/** The same of a document that has been read: `file` is whence, for messages and relative paths. */
export function readKubeconfig(document: unknown, file: string, options: KubeconfigOptions): ClientConfig {
  const parsed = kubeconfigSchema.safeParse(document);
  if (!parsed.success)
    throw new ClientConfigError(
      `${file} is not a kubeconfig: ${parsed.error.issues.map((i) => `${i.path.join('.')}: ${i.message}`).join('; ')}`,
      'kubectl config view --kubeconfig FILE shows what is wrong with it',
    );
  return configFrom(parsed.data, file, options);
}

function configFrom(config: Kubeconfig, file: string, options: KubeconfigOptions): ClientConfig {
  const contextName = options.context ?? config['current-context'] ?? '';
  const context = find(config.contexts, contextName, 'context', file).context as {
    cluster: string;
    user?: string;
    namespace?: string;
  };
  const cluster = find(config.clusters, context.cluster, 'cluster', file).cluster as Record<
    string,
    string | boolean | undefined
  >;
  const base = dirname(resolve(file));
  const refuse: Refuse = (problem) =>
    new ClientConfigError(`${file}: ${problem}`, 'kubectl config view --kubeconfig FILE shows what is in it');
  const userName = context.user ?? '';
  const user =
    userName === ''
      ? {}
      : readUser(find(config.users, userName, 'user', file).user as z.infer<typeof userSchema>, {
          name: userName,
          directory: base,
          refuse,
        });
  const text = (key: string): string | undefined => {
    const value = cluster[key];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const caData = text('certificate-authority-data');
  const caFile = text('certificate-authority');
  const authorities =
    caData !== undefined
      ? { caPem: authoritiesOf(Buffer.from(caData, 'base64').toString('utf8'), refuse) }
      : caFile === undefined
        ? {}
        : authorityFile(resolve(base, caFile), context.cluster, refuse);
  const tlsServerName = text('tls-server-name');
  const proxyUrl = text('proxy-url');
  return {
    server: String(cluster['server']),
    userAgent: options.userAgent,
    ...authorities,
    ...user,
    ...(cluster['insecure-skip-tls-verify'] === true ? { insecureSkipTlsVerify: true } : {}),
    ...(tlsServerName === undefined ? {} : { tlsServerName }),
    ...(proxyUrl === undefined ? {} : { proxyUrl }),
    ...(context.namespace === undefined ? {} : { namespace: context.namespace }),
  };
}

type Refuse = (problem: string) => ClientConfigError;

function authorityFile(file: string, cluster: string, refuse: Refuse): Pick<ClientConfig, 'caPem' | 'caFile'> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw refuse(`unable to read certificate-authority ${file} for ${cluster} due to ${why}`);
  }
  return { caPem: authoritiesOf(text, refuse), caFile: file };
}

function authoritiesOf(text: string, refuse: Refuse): string {
  try {
    return authoritiesIn(text);
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : String(error));
  }
}

function find<T extends { name: string }>(
  rows: readonly T[] | null | undefined,
  name: string,
  what: string,
  file: string,
): T & Record<string, unknown> {
  const row = (rows ?? []).find((r) => r.name === name);
  if (row === undefined)
    throw new ClientConfigError(
      `${file} has no ${what} named "${name}"`,
      `its ${what}s are: ${(rows ?? []).map((r) => r.name).join(', ') || 'none'}`,
    );
  return row;
}
