import { aggregateMessage, issueText } from '@reckon/api/machinery';
import type { EncryptionOptions, EncryptionRule, WrappingKey, WrappingProvider } from '@reckon/store/log';
import * as z from 'zod';
import { parse } from '../yaml-text';
import { type ResourceName, resourceName, resourceProblems, shownResource } from './encrypted-resources';

const apiVersion = 'apiserver.config.k8s.io/v1';
const kind = 'EncryptionConfiguration';

const keys = z.strictObject({
  keys: z.array(z.strictObject({ name: z.string().nullish(), secret: z.string().nullish() })).nullish(),
});

/** k8s.io/apiserver/pkg/apis/apiserver/v1 `EncryptionConfiguration`, or the same by its old name: unknown fields are refused. */
const schema = z.strictObject({
  apiVersion: z.string(),
  kind: z.string(),
  resources: z
    .array(
      z.strictObject({
        resources: z.array(z.string()).nullish(),
        providers: z
          .array(
            z.strictObject({
              aesgcm: keys.nullish(),
              aescbc: keys.nullish(),
              secretbox: keys.nullish(),
              identity: z.strictObject({}).nullish(),
              kms: z.looseObject({ name: z.string().nullish() }).nullish(),
            }),
          )
          .nullish(),
      }),
    )
    .nullish(),
});

type Provider = NonNullable<NonNullable<NonNullable<z.infer<typeof schema>['resources']>[number]['providers']>[number]>;

/** What is wrong with an EncryptionConfiguration, in upstream's words where it has some. */
export class EncryptionConfigError extends Error {
  readonly code = 'EncryptionConfig';

  constructor(message: string) {
    super(message);
    this.name = 'EncryptionConfigError';
  }
}

const secretBytes: Readonly<Record<WrappingProvider, readonly number[]>> = {
  aesgcm: [16, 24, 32],
  aescbc: [16, 24, 32],
  secretbox: [32],
};

/**
 * Reads an EncryptionConfiguration, in YAML or JSON. Throws `EncryptionConfigError`; no message holds a key
 * (apis/apiserver/validation `ValidateEncryptionConfiguration`, server/options/encryptionconfig).
 */
export function parseEncryptionConfig(text: string): EncryptionOptions {
  let content: unknown;
  try {
    content = parse(text);
  } catch (error) {
    // Only the first line: the others show the text, and so may show a key.
    throw new EncryptionConfigError(error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error));
  }
  if (content === null || content === undefined) throw new EncryptionConfigError('it is empty');
  const parsed = schema.safeParse(content);
  if (!parsed.success) throw new EncryptionConfigError(parsed.error.issues.map(issueText).join('; '));
  const { data } = parsed;
  const isOld = data.apiVersion === 'v1' && data.kind === 'EncryptionConfig';
  if (!isOld && (data.apiVersion !== apiVersion || data.kind !== kind))
    throw new EncryptionConfigError(`it is ${data.apiVersion} ${data.kind} and not ${apiVersion} ${kind}`);

  const problems: string[] = [];
  const rules: EncryptionRule[] = [];
  const known: WrappingKey[] = [];
  const list = data.resources ?? [];
  if (list.length === 0) problems.push('resources: Required value: at least one resources is required');
  for (const [i, { resources, providers }] of list.entries()) {
    const at = `resources[${String(i)}]`;
    problems.push(...resourceProblems(resources ?? [], `${at}.resources`));
    if ((providers ?? []).length === 0)
      problems.push(`${at}.providers: Required value: at least one ${at}.providers is required`);
    let writeKey: WrappingKey | undefined;
    for (const [j, provider] of (providers ?? []).entries()) {
      const found = keysOf(provider, `${at}.providers[${String(j)}]`, problems);
      if (j === 0) [writeKey] = found;
      known.push(...found);
    }
    rules.push({ resources: (resources ?? []).map(resourceName), writeKey });
  }
  if (problems.length > 0) throw new EncryptionConfigError(aggregateMessage(problems));
  demandUnmasked(rules);
  return { rules, keys: known };
}

/** The keys of one provider, in order; what is wrong goes to `problems`. */
function keysOf(provider: Provider, at: string, problems: string[]): readonly WrappingKey[] {
  const given = Object.entries(provider).filter(([, value]) => value !== null && value !== undefined);
  const [first] = given;
  if (first === undefined) {
    problems.push(
      `${at}: Invalid value: {}: provider does not contain any of the expected providers: KMS, AESGCM, AESCBC, Secretbox, Identity`,
    );
    return [];
  }
  if (given.length > 1) {
    const names = `{${given.map(([name]) => name).join(' ')}}`;
    problems.push(
      `${at}: Invalid value: ${names}: more than one provider specified in a single element, should split into different list elements`,
    );
    return [];
  }
  const [name] = first as [keyof Provider, unknown];
  if (name === 'identity') return [];
  if (name === 'kms') {
    problems.push(
      `${at}.kms: Forbidden: KMS providers are not supported by Reckon, name a local key (aesgcm, secretbox)`,
    );
    return [];
  }
  const list = provider[name]?.keys ?? [];
  if (list.length === 0) problems.push(`${at}.${name}.keys: Required value: at least one keys is required`);
  return list.flatMap((key, k) => {
    const path = `${at}.${name}.keys[${String(k)}]`;
    if (key.name === undefined || key.name === null || key.name === '')
      problems.push(`${path}.name: Required value: name is a mandatory field for a key`);
    const secret = secretOf(key.secret ?? '', path, secretBytes[name], problems);
    return secret === undefined ? [] : [{ provider: name, name: key.name ?? '', secret }];
  });
}

function secretOf(text: string, path: string, bytes: readonly number[], problems: string[]): Buffer | undefined {
  if (text === '') {
    problems.push(`${path}.secret: Required value: secret is a mandatory field for a key`);
    return undefined;
  }
  // As Go's base64: padded, and line breaks are passed over.
  const base64 = text.replace(/[\r\n]/g, '');
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) {
    problems.push(`${path}.secret: Invalid value: "REDACTED": secrets must be base64 encoded`);
    return undefined;
  }
  const secret = Buffer.from(base64, 'base64');
  if (bytes.includes(secret.length)) return secret;
  problems.push(
    `${path}.secret: Invalid value: "REDACTED": secret is not of the expected length, got ${String(secret.length)}, expected one of [${bytes.join(' ')}]`,
  );
  return undefined;
}

/** A rule for what an earlier one with a wildcard covers would never count. */
function demandUnmasked(rules: readonly EncryptionRule[]): void {
  const earlier: ResourceName[] = [];
  for (const { resources } of rules) {
    for (const one of resources) {
      const mask = earlier.find(({ group, resource }) => resource === '*' && (group === '*' || group === one.group));
      if (mask !== undefined)
        throw new EncryptionConfigError(
          `resource ${JSON.stringify(shownResource(one))} is masked by earlier rule ${JSON.stringify(shownResource(mask))}`,
        );
    }
    earlier.push(...resources);
  }
}
