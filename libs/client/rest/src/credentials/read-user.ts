import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import * as z from 'zod';
import type { CertificateFiles } from './certificate-beside';
import type { BasicCredentials } from './credential-source';
import { type ExecConfig, execSchema, readExecConfig } from './exec-config';
import type { Impersonation } from './impersonation';

/** `client-go/tools/clientcmd/api/v1.AuthInfo`, as far as it is used here. */
export const userSchema = z.looseObject({
  'client-certificate': z.string().optional(),
  'client-certificate-data': z.string().optional(),
  'client-key': z.string().optional(),
  'client-key-data': z.string().optional(),
  token: z.string().optional(),
  tokenFile: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  as: z.string().optional(),
  'as-uid': z.string().optional(),
  'as-groups': z.array(z.string()).nullish(),
  'as-user-extra': z.record(z.string(), z.array(z.string())).nullish(),
  exec: execSchema.nullish(),
  'auth-provider': z.unknown().optional(),
});

/** Who a kubeconfig says we are. */
export interface KubeconfigUser {
  readonly certPem?: string;
  readonly keyPem?: string;
  /** Absolute, where certificate and key are from files. */
  readonly certificateFiles?: CertificateFiles;
  readonly token?: string;
  /** Absolute; goes before `token`. */
  readonly tokenFile?: string;
  readonly basic?: BasicCredentials;
  readonly exec?: ExecConfig;
  readonly impersonation?: Impersonation;
}

export interface ReadUserOptions {
  readonly name: string;
  /** What relative paths are relative to. */
  readonly directory: string;
  /** What is thrown for what cannot be used. */
  readonly refuse: (problem: string) => Error;
}

/** Reads the files that a user names; refuses what clientcmd's `validateAuthInfo` refuses, in its words. */
export function readUser(
  user: z.infer<typeof userSchema>,
  { name, directory, refuse }: ReadUserOptions,
): KubeconfigUser {
  const { token = '', tokenFile = '', username = '', password = '', exec } = user;
  if (user['auth-provider'] != null)
    throw refuse(`user ${name}: auth-provider is not supported, as in clients since v1.26: use exec`);
  const hasBasic = username !== '' || password !== '';
  if (hasBasic && (token !== '' || tokenFile !== ''))
    throw refuse(`more than one authentication method found for ${name}; found [token basicAuth], only one is allowed`);
  const impersonation = impersonationOf(user, name, refuse);
  const contentOf = (file: string): string => {
    try {
      return readFileSync(resolve(directory, file), 'utf8');
    } catch {
      // The person needs the name of the file, whatever kept it from being read.
      throw refuse(`user ${name}: cannot read ${resolve(directory, file)}`);
    }
  };
  const pem = (what: 'client-certificate' | 'client-key'): string | undefined => {
    const data = user[`${what}-data`] ?? '';
    const file = user[what] ?? '';
    if (data !== '') return Buffer.from(data, 'base64').toString('utf8');
    return file === '' ? undefined : contentOf(file);
  };
  // It is read again later; what cannot be read now is told now.
  if (tokenFile !== '') contentOf(tokenFile);
  const certPem = pem('client-certificate');
  const keyPem = pem('client-key');
  if ((certPem === undefined) !== (keyPem === undefined))
    throw refuse(`user ${name}: a client certificate and its key are of no use without each other`);
  const isFromFiles = (user['client-certificate-data'] ?? '') === '' && (user['client-key-data'] ?? '') === '';
  return {
    ...(certPem === undefined || keyPem === undefined ? {} : { certPem, keyPem }),
    ...(certPem === undefined || !isFromFiles
      ? {}
      : {
          certificateFiles: {
            cert: resolve(directory, user['client-certificate'] ?? ''),
            key: resolve(directory, user['client-key'] ?? ''),
          },
        }),
    ...(token === '' ? {} : { token }),
    ...(tokenFile === '' ? {} : { tokenFile: resolve(directory, tokenFile) }),
    ...(hasBasic ? { basic: { username, password } } : {}),
    ...(impersonation === undefined ? {} : { impersonation }),
    ...(exec == null ? {} : { exec: commandIn(readExecConfig(exec, name, refuse), directory) }),
  };
}

function impersonationOf(
  user: z.infer<typeof userSchema>,
  name: string,
  refuse: ReadUserOptions['refuse'],
): Impersonation | undefined {
  const { as = '', 'as-uid': uid = '', 'as-groups': groups, 'as-user-extra': extra } = user;
  const hasMore = uid !== '' || (groups ?? []).length > 0 || Object.keys(extra ?? {}).length > 0;
  if (as === '' && hasMore)
    throw refuse(`requesting uid, groups or user-extra for ${name} without impersonating a user`);
  if (as === '') return undefined;
  return {
    user: as,
    ...(uid === '' ? {} : { uid }),
    ...(groups == null ? {} : { groups }),
    ...(extra == null ? {} : { extra }),
  };
}

/** A path is relative to the kubeconfig; a name alone is looked for in PATH. */
const commandIn = (exec: ExecConfig, directory: string): ExecConfig =>
  exec.command.includes('/') ? { ...exec, command: resolve(directory, exec.command) } : exec;
