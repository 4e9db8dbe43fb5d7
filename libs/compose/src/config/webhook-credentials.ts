import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Credentials, CredentialsOf } from '@reckon/serve/admission';
import * as z from 'zod';

const schema = z.looseObject({
  'current-context': z.string().nullish(),
  contexts: z
    .array(z.looseObject({ name: z.string(), context: z.looseObject({ user: z.string().nullish() }) }))
    .nullish(),
  users: z
    .array(
      z.looseObject({
        name: z.string(),
        user: z.looseObject({
          token: z.string().optional(),
          tokenFile: z.string().optional(),
          username: z.string().optional(),
          password: z.string().optional(),
          'client-certificate': z.string().optional(),
          'client-certificate-data': z.string().optional(),
          'client-key': z.string().optional(),
          'client-key-data': z.string().optional(),
        }),
      }),
    )
    .nullish(),
});

type User = NonNullable<z.infer<typeof schema>['users']>[number]['user'];

export interface CredentialsFile {
  readonly file: string;
  /** What is thrown for something that cannot be used. */
  readonly refuse: (problem: string) => Error;
}

/**
 * The users of a kubeconfig by the webhooks that they are for: named as `host:port`, `*.domain:port`, without the port where that is 443,
 * `*`, else the user of the current context (util/webhook `defaultAuthenticationInfoResolver`).
 */
export function webhookCredentials(document: unknown, { file, refuse }: CredentialsFile): CredentialsOf {
  const parsed = schema.safeParse(document);
  if (!parsed.success)
    throw refuse(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
  const { users, contexts, 'current-context': current } = parsed.data;
  const byName = new Map(
    (users ?? []).map(({ name, user }) => [name, credentialsOf(user, { name, directory: dirname(file), refuse })]),
  );
  const usual = (contexts ?? []).find(({ name }) => name === current)?.context.user ?? '';
  return (target) => {
    const withoutPort = target.endsWith(':443') ? target.slice(0, -':443'.length) : undefined;
    const names = [
      ...namesFor(target),
      ...(withoutPort === undefined ? [] : namesFor(withoutPort)),
      '*',
      ...(usual === '' ? [] : [usual]),
    ];
    return names.map((name) => byName.get(name)).find((found) => found !== undefined) ?? {};
  };
}

function namesFor(target: string): string[] {
  const steps = target.split('.');
  return [target, ...steps.slice(1).map((_, i) => `*.${steps.slice(i + 1).join('.')}`)];
}

function credentialsOf(
  user: User,
  {
    name,
    directory,
    refuse,
  }: { readonly name: string; readonly directory: string; readonly refuse: CredentialsFile['refuse'] },
): Credentials {
  const pem = (field: 'client-certificate' | 'client-key'): string | undefined => {
    const data = user[`${field}-data`];
    if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8');
    return fileText(user[field]);
  };
  const fileText = (path: string | undefined): string | undefined => {
    if (path === undefined || path === '') return undefined;
    try {
      return readFileSync(resolve(directory, path), 'utf8');
    } catch {
      // The person needs the name of the file, whatever kept it from being read.
      throw refuse(`user ${name}: cannot read ${resolve(directory, path)}`);
    }
  };
  const token = user.token ?? fileText(user.tokenFile)?.trim();
  const certPem = pem('client-certificate');
  const keyPem = pem('client-key');
  if ((certPem === undefined) !== (keyPem === undefined))
    throw refuse(`user ${name}: a client certificate and its key are of no use without each other`);
  return {
    ...(token === undefined ? {} : { token }),
    ...(user.username === undefined ? {} : { basic: { username: user.username, password: user.password ?? '' } }),
    ...(certPem === undefined || keyPem === undefined ? {} : { certPem, keyPem }),
  };
}
