import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { ClientConfigError } from '@reckon/client/rest';
import { parse } from 'yaml';

interface Named {
  readonly name?: unknown;
  readonly [part: string]: unknown;
}

/** A kubeconfig of one context: everything a client needs, with absolute paths. */
export interface Kubeconfig {
  readonly apiVersion: 'v1';
  readonly kind: 'Config';
  readonly 'current-context': string;
  readonly contexts: readonly Named[];
  readonly clusters: readonly Named[];
  readonly users: readonly Named[];
}

export interface KubeconfigFlags {
  readonly kubeconfig?: string;
  readonly context?: string;
}

/**
 * Finds what kubectl would find: `--kubeconfig`, else the files of `KUBECONFIG`, else that of the data directory here, else
 * `~/.kube/config`. Of several files the first that says something counts (client-go/tools/clientcmd `ClientConfigLoadingRules`).
 */
export function findKubeconfig(
  flags: KubeconfigFlags,
  env: NodeJS.ProcessEnv,
): { readonly config: Kubeconfig; readonly files: string } {
  const files = filesOf(flags, env);
  const documents = files.map((file) => readDocument(file));
  const names = files.join(delimiter);
  const context =
    flags.context ?? documents.map((d) => d['current-context']).find((name) => typeof name === 'string' && name !== '');
  if (typeof context !== 'string')
    throw new ClientConfigError(`${names} names no current context`, 'choose one with --context');
  const found = pick(documents, 'contexts', context, names);
  const { cluster, user } = (found['context'] ?? {}) as { readonly cluster?: unknown; readonly user?: unknown };
  return {
    files: names,
    config: {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': context,
      contexts: [found],
      clusters: [pick(documents, 'clusters', String(cluster), names)],
      users: typeof user === 'string' && user !== '' ? [pick(documents, 'users', user, names)] : [],
    },
  };
}

function filesOf({ kubeconfig }: KubeconfigFlags, env: NodeJS.ProcessEnv): string[] {
  if (kubeconfig !== undefined) return [kubeconfig];
  const listed = (env['KUBECONFIG'] ?? '').split(delimiter).filter((file) => file !== '');
  // Of a list, files that are not there are left out; one alone is missed.
  if (listed.length > 0) return listed.length === 1 ? listed : listed.filter((file) => existsSync(file));
  const here = join('.reckon', 'kubeconfig');
  return [existsSync(here) ? here : join(env['HOME'] ?? homedir(), '.kube', 'config')];
}

function readDocument(file: string): Readonly<Record<string, unknown>> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ClientConfigError(
      `cannot read kubeconfig ${file}`,
      'name one with --kubeconfig or KUBECONFIG, or read a data directory itself with --data-dir',
      { cause },
    );
  }
  try {
    const document: unknown = parse(text);
    if (typeof document === 'object' && document !== null) return withAbsolutePaths(document, dirname(resolve(file)));
  } catch (cause) {
    throw new ClientConfigError(`${file} is not YAML`, 'it should be a kubeconfig', { cause });
  }
  throw new ClientConfigError(
    `${file} is not a kubeconfig`,
    'kubectl config view --kubeconfig FILE shows what is in it',
  );
}

const pathFields: ReadonlySet<string> = new Set([
  'certificate-authority',
  'client-certificate',
  'client-key',
  'tokenFile',
]);

/** A copy whose paths no longer depend on where the file lies. */
function withAbsolutePaths(value: object, base: string): Record<string, unknown> {
  const absolute = (inner: unknown): unknown => {
    if (Array.isArray(inner)) return inner.map(absolute);
    return typeof inner === 'object' && inner !== null ? withAbsolutePaths(inner, base) : inner;
  };
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) =>
      pathFields.has(name) && typeof inner === 'string' && inner !== '' && !isAbsolute(inner)
        ? [name, resolve(base, inner)]
        : [name, absolute(inner)],
    ),
  );
}

function pick(
  documents: readonly Readonly<Record<string, unknown>>[],
  list: string,
  name: string,
  files: string,
): Named {
  const rows = documents.flatMap((document) => (Array.isArray(document[list]) ? (document[list] as Named[]) : []));
  const row = rows.find((each) => each.name === name);
  if (row !== undefined) return row;
  throw new ClientConfigError(
    `${files} has no ${list.slice(0, -1)} named "${name}"`,
    `its ${list} are: ${rows.map((each) => String(each.name)).join(', ') || 'none'}`,
  );
}
