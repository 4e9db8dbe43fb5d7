import { reasonOf } from '@reckon/api/machinery';
import { objectKey, splitKey } from '@reckon/client/cache';
import { refs } from '@reckon/client/rest';
import { Controller, type Result, done } from '@reckon/control/runtime';
import { safeSuffix } from '@reckon/kernel';
import type { ControllerContext, ControllerRow } from '../controller-context';
import { startWhenSynced } from '../start-when-synced';
import {
  type ServiceAccount,
  type TokenSecret,
  accountNameOf,
  accountUidOf,
  annotationsFor,
  base64,
  isFilled,
  tokenSecretType,
} from './token-secret';

/**
 * Keeps Secrets that hold a token of a ServiceAccount (pkg/controller/serviceaccount.TokensController): fills those that someone
 * creates, deletes those whose account is gone and, unless `on-request`, makes one for every account and names it in `secrets`,
 * as Kubernetes did before 1.24.
 *
 * Two queues, so that the account of a deleted Secret is seen at once: accounts by key, Secrets by key.
 */
export const serviceAccountTokenController: ControllerRow = {
  name: 'serviceaccount-token-controller',
  start(context) {
    const accounts = context.informers.informer<ServiceAccount>(refs.serviceAccounts);
    const secrets = context.informers.informer<TokenSecret>(refs.secrets);
    const parts = { context, accounts: accounts.lister, secrets: secrets.lister };
    secrets.addIndex('account', (s) => {
      const name = accountNameOf(s);
      return name === '' ? [] : [`${s.metadata.namespace ?? ''}/${name}`];
    });

    const ofAccounts = new Controller('serviceaccount_tokens_service', (key) => reconcileAccount(parts, key), context);
    const ofSecrets = new Controller('serviceaccount_tokens_secret', (key) => reconcileSecret(parts, key), context);
    const enqueueSecretsOf = (account: ServiceAccount): void => {
      for (const secret of secrets.lister.byIndex('account', objectKey(account))) ofSecrets.enqueue(objectKey(secret));
    };
    const accountSeen = (account: ServiceAccount): void => {
      ofAccounts.enqueue(objectKey(account));
      enqueueSecretsOf(account);
    };
    accounts.addHandler({
      add: accountSeen,
      update: (_, account) => {
        accountSeen(account);
      },
      delete: enqueueSecretsOf,
    });
    const secretSeen = (secret: TokenSecret): void => {
      if (accountNameOf(secret) !== '') ofSecrets.enqueue(objectKey(secret));
    };
    secrets.addHandler({
      add: secretSeen,
      update: (_, secret) => {
        secretSeen(secret);
      },
      delete: (secret) => {
        const name = accountNameOf(secret);
        if (name !== '') ofAccounts.enqueue(`${secret.metadata.namespace ?? ''}/${name}`);
      },
    });
    return startWhenSynced([ofAccounts, ofSecrets], [accounts, secrets]);
  },
};

interface Parts {
  readonly context: ControllerContext;
  readonly accounts: { byKey(key: string): ServiceAccount | undefined };
  readonly secrets: {
    byIndex(index: string, value: string): TokenSecret[];
    byKey(key: string): TokenSecret | undefined;
  };
}

/** Sees to it that the account has a token Secret and that `secrets` names those that are there, and no token Secret that is gone. */
async function reconcileAccount({ context, ...cached }: Parts, key: string): Promise<Result> {
  if (context.options.serviceAccountTokenSecrets === 'on-request') return done;
  const cachedAccount = cached.accounts.byKey(key);
  if (cachedAccount === undefined || cachedAccount.metadata.deletionTimestamp !== undefined) return done;
  const { namespace, name } = splitKey(key);
  const accounts = context.rest.resource<ServiceAccount>(refs.serviceAccounts);
  const secrets = context.rest.resource<TokenSecret>(refs.secrets);

  // The cache may not yet show the Secret that the last reconcile made: the server is asked before another is made.
  const account = await liveAccount(context, namespace, name);
  if (account === undefined || account.metadata.uid !== cachedAccount.metadata.uid) return done;
  const isOwn = (s: TokenSecret): boolean =>
    accountNameOf(s) === name &&
    s.metadata.deletionTimestamp === undefined &&
    ['', account.metadata.uid].includes(accountUidOf(s));
  let own = cached.secrets.byIndex('account', key).filter(isOwn);
  const listed = account.secrets ?? [];
  if (own.length === 0 || listed.some((r) => !own.some((s) => s.metadata.name === r.name)))
    own = (await secrets.list(namespace, { fieldSelector: `type=${tokenSecretType}` })).items.filter(isOwn);
  if (own.length === 0) {
    const created = await createTokenSecret(context, account);
    if (created === undefined) return done;
    own = [created];
  }
  const names = own.map((s) => s.metadata.name ?? '');
  // References to other Secrets are the user's; a reference to a token Secret of ours that is gone is taken out.
  const prefix = `${name}-token-`;
  const kept = listed.filter((r) => names.includes(r.name ?? '') || !(r.name ?? '').startsWith(prefix));
  const missing = names.filter((n) => n.startsWith(prefix) && !listed.some((r) => r.name === n));
  if (missing.length === 0 && kept.length === listed.length) return done;
  await accounts.update({ ...account, secrets: [...kept, ...missing.map((n) => ({ name: n }))] }).catch(ignoreGone);
  return done;
}

async function createTokenSecret(
  context: ControllerContext,
  account: ServiceAccount,
): Promise<TokenSecret | undefined> {
  const secretName = `${account.metadata.name ?? ''}-token-${safeSuffix(context.random)}`;
  try {
    return await context.rest.resource<TokenSecret>(refs.secrets).create({
      metadata: { namespace: account.metadata.namespace ?? '', name: secretName, annotations: annotationsFor(account) },
      type: tokenSecretType,
      data: await dataFor(context, account, secretName),
    });
  } catch (error) {
    // The namespace is going away, and the account with it.
    if (reasonOf(error) === 'Forbidden' || reasonOf(error) === 'NotFound') return undefined;
    throw error;
  }
}

/** Fills a token Secret, or deletes it when its account is gone. */
async function reconcileSecret({ context, ...cached }: Parts, key: string): Promise<Result> {
  const secret = cached.secrets.byKey(key);
  const accountName = secret === undefined ? '' : accountNameOf(secret);
  if (secret === undefined || accountName === '' || secret.metadata.deletionTimestamp !== undefined) return done;
  const { namespace, name } = splitKey(key);
  const secrets = context.rest.resource<TokenSecret>(refs.secrets);
  const account = await liveAccount(context, namespace, accountName);
  const wantedUid = accountUidOf(secret);
  if (account === undefined || (wantedUid !== '' && wantedUid !== account.metadata.uid)) {
    await secrets.delete(namespace, name, { preconditions: { uid: secret.metadata.uid ?? '' } }).catch(ignoreGone);
    return done;
  }
  if (isFilled(secret, context.options.rootCaPem)) return done;
  await secrets
    .update({
      ...secret,
      metadata: { ...secret.metadata, annotations: { ...secret.metadata.annotations, ...annotationsFor(account) } },
      data: { ...secret.data, ...(await dataFor(context, account, name, secret.data?.['token'])) },
    })
    .catch(ignoreGone);
  return done;
}

async function liveAccount(
  context: ControllerContext,
  namespace: string,
  name: string,
): Promise<ServiceAccount | undefined> {
  try {
    return await context.rest.resource<ServiceAccount>(refs.serviceAccounts).get(namespace, name);
  } catch (error) {
    if (reasonOf(error) === 'NotFound') return undefined;
    throw error;
  }
}

async function dataFor(
  context: ControllerContext,
  account: ServiceAccount,
  secretName: string,
  token?: string,
): Promise<Record<string, string>> {
  const namespace = account.metadata.namespace ?? '';
  return {
    'ca.crt': base64(context.options.rootCaPem),
    namespace: base64(namespace),
    token:
      token ??
      base64(
        await context.options.signLegacyToken({
          namespace,
          serviceAccountName: account.metadata.name ?? '',
          serviceAccountUid: account.metadata.uid ?? '',
          secretName,
        }),
      ),
  };
}

function ignoreGone(error: unknown): void {
  if (reasonOf(error) !== 'NotFound') throw error;
}
