import { dirname } from 'node:path';
import { credentialsOf, readUser, userSchema } from '@reckon/client/rest';
import { systemClock } from '@reckon/kernel';
import type { CredentialsOf } from '@reckon/serve/admission';
import * as z from 'zod';

const schema = z.looseObject({
  'current-context': z.string().nullish(),
  contexts: z
    .array(z.looseObject({ name: z.string(), context: z.looseObject({ user: z.string().nullish() }) }))
    .nullish(),
  users: z.array(z.looseObject({ name: z.string(), user: userSchema.nullish() })).nullish(),
});

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
    (users ?? []).map(({ name, user }) => {
      const read = readUser(user ?? {}, { name, directory: dirname(file), refuse });
      const credentials = credentialsOf(read, { clock: systemClock });
      return [name, 'fixed' in credentials ? credentials.fixed : credentials.source];
    }),
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
