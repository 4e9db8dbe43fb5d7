import {
  fieldErrors,
  fieldPath,
  goQuote,
  type KubeObject,
  parseApiVersion,
  statusErrors,
  timeText,
} from '@reckon/api/machinery';
import type { authenticationv1 } from '@reckon/api/types';
import type { RequestContext } from '@reckon/registry/generic';
import type { Storage } from '@reckon/store/contract';
import { extendedExpirationSeconds, type NameAndUid, warnOnlyExpirationSeconds } from '../service-account/token-claims';
import type { BoundTokenClaims, TokenIssuer } from '../service-account/token-issuer';

export interface TokenRequestParts {
  readonly storage: Pick<Storage, 'get'>;
  readonly issuer: TokenIssuer;
  readonly apiAudiences: readonly string[];
  /** `--service-account-extend-token-expiration`; default true. */
  readonly extendExpiration?: boolean;
  /** `--service-account-max-token-expiration`; no limit by default. */
  readonly maxExpirationSeconds?: number;
}

/** The account that the path names. */
export interface TokenRequestPlace {
  readonly namespace: string;
  readonly name: string;
}

const groupKind = { group: 'authentication.k8s.io', kind: 'TokenRequest' };
const minimumSeconds = 10 * 60;
const maximumSeconds = 2 ** 32;

/**
 * POST serviceaccounts/<name>/token (pkg/registry/core/serviceaccount/storage `TokenREST.Create`): checks the request, calls
 * `validate` (validating admission) on it, signs. The body is changed into the answer.
 */
export async function requestToken(
  parts: TokenRequestParts,
  ctx: Pick<RequestContext, 'nowMs' | 'warn' | 'annotate'>,
  place: TokenRequestPlace,
  request: authenticationv1.TokenRequest,
  validate?: (request: authenticationv1.TokenRequest) => void | Promise<void>,
): Promise<authenticationv1.TokenRequest> {
  refuseOtherName(request, place);
  const account = await find(parts, 'serviceaccounts', place.namespace, place.name);
  complete(parts, request, place, account, ctx.nowMs);
  validateSpec(request.spec);
  await validate?.(request);

  const { spec } = request;
  const bound = await boundObjects(parts, place, spec.boundObjectRef);
  const { expires, warnAfter } = lifetime(parts, ctx, spec, bound.pod !== undefined);
  const token = await parts.issuer.issue({
    account: { namespace: place.namespace, name: place.name, uid: account.metadata.uid ?? '' },
    audiences: spec.audiences ?? [],
    expirationSeconds: expires,
    ...(warnAfter === undefined ? {} : { warnAfterSeconds: warnAfter }),
    ...bound,
  });
  ctx.annotate?.('authentication.kubernetes.io/issued-credential-id', `JTI=${idOf(token)}`);
  const { audiences, expirationSeconds = 0, boundObjectRef } = spec;
  return {
    kind: groupKind.kind,
    apiVersion: 'authentication.k8s.io/v1',
    metadata: request.metadata,
    // Go writes the pointer even where it is nil.
    spec: { audiences, expirationSeconds, boundObjectRef: boundObjectRef ?? null } as authenticationv1.TokenRequestSpec,
    status: { token, expirationTimestamp: timeText(ctx.nowMs + expirationSeconds * 1000) },
  };
}

const idOf = (token: string): string =>
  (JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { readonly jti: string }).jti;

function refuseOtherName({ metadata }: authenticationv1.TokenRequest, place: TokenRequestPlace): void {
  const path = fieldPath('metadata');
  if ((metadata.name ?? '') !== '' && metadata.name !== place.name)
    throw statusErrors.invalid(groupKind, place.name, [
      fieldErrors.invalid(path.child('name'), metadata.name, 'must match the service account name if specified'),
    ]);
  if ((metadata.namespace ?? '') !== '' && metadata.namespace !== place.namespace)
    throw statusErrors.invalid(groupKind, place.name, [
      fieldErrors.invalid(
        path.child('namespace'),
        metadata.namespace,
        'must match the service account namespace if specified',
      ),
    ]);
}

function complete(
  parts: TokenRequestParts,
  request: authenticationv1.TokenRequest,
  place: TokenRequestPlace,
  account: KubeObject,
  nowMs: number,
): void {
  const uid = account.metadata.uid ?? '';
  const given = request.metadata.uid ?? '';
  if (given !== '' && given !== uid)
    throw statusErrors.conflict(
      { group: groupKind.group, resource: groupKind.kind },
      place.name,
      `the UID in the token request (${given}) does not match the UID of the service account (${uid})`,
    );
  request.metadata = { ...request.metadata, ...place, uid, creationTimestamp: timeText(nowMs) };
  const { spec } = request;
  if ((spec.audiences ?? []).length === 0) spec.audiences = [...parts.apiAudiences];
  spec.expirationSeconds ??= 60 * 60;
  delete request.status;
}

/** pkg/apis/authentication/validation `ValidateTokenRequest` */
function validateSpec({ expirationSeconds = 0 }: authenticationv1.TokenRequestSpec): void {
  const path = fieldPath('spec', 'expirationSeconds');
  if (expirationSeconds < minimumSeconds)
    throw statusErrors.invalid(groupKind, '', [
      fieldErrors.invalid(path, expirationSeconds, 'may not specify a duration less than 10 minutes'),
    ]);
  if (expirationSeconds > maximumSeconds)
    throw statusErrors.invalid(groupKind, '', [
      fieldErrors.invalid(path, expirationSeconds, 'may not specify a duration larger than 2^32 seconds'),
    ]);
}

/** A token that dies with another object must name one that is there. */
async function boundObjects(
  parts: TokenRequestParts,
  { namespace, name }: TokenRequestPlace,
  ref: authenticationv1.BoundObjectReference | null | undefined,
): Promise<Pick<BoundTokenClaims, 'pod' | 'node' | 'secret'>> {
  if (ref == null) return {};
  const version = parseApiVersion(ref.apiVersion ?? '') ?? { group: '', version: '' };
  const kind = version.group === '' ? (ref.kind ?? '') : '';
  const refName = ref.name ?? '';
  switch (kind) {
    case 'Pod': {
      const pod = await find(parts, 'pods', namespace, refName);
      const spec = pod['spec'] as { serviceAccountName?: string; nodeName?: string } | undefined;
      if (spec?.serviceAccountName !== name)
        throw statusErrors.badRequest(
          `cannot bind token for serviceaccount ${goQuote(name)} to pod running with different serviceaccount name.`,
        );
      const node = await nodeOf(parts, spec.nodeName ?? '');
      refuseOtherUid(kind, ref, pod);
      return { pod: nameAndUid(pod), ...(node === undefined ? {} : { node }) };
    }
    case 'Node': {
      const node = await find(parts, 'nodes', '', refName);
      refuseOtherUid(kind, ref, node);
      return { node: nameAndUid(node) };
    }
    case 'Secret': {
      const secret = await find(parts, 'secrets', namespace, refName);
      refuseOtherUid(kind, ref, secret);
      return { secret: nameAndUid(secret) };
    }
    default:
      throw statusErrors.badRequest(
        `cannot bind token to object of type ${version.group}/${version.version}, Kind=${ref.kind ?? ''}`,
      );
  }
}

function refuseOtherUid(kind: string, ref: authenticationv1.BoundObjectReference, object: KubeObject): void {
  const given = ref.uid ?? '';
  if (given === '' || given === object.metadata.uid) return;
  throw statusErrors.conflict(
    { group: '', resource: kind },
    ref.name ?? '',
    `the UID in the bound object reference (${given}) does not match the UID in record. The object might have been deleted and then recreated`,
  );
}

const nameAndUid = ({ metadata }: KubeObject): NameAndUid => ({ name: metadata.name ?? '', uid: metadata.uid ?? '' });

/** The node of a bound pod is told to whoever inspects the token; it need not be there. */
async function nodeOf(parts: TokenRequestParts, name: string): Promise<BoundTokenClaims['node']> {
  if (name === '') return undefined;
  const node = await parts.storage.get({ group: '', resource: 'nodes', namespace: '', name });
  return node === undefined ? { name } : nameAndUid(node.parse());
}

async function find(parts: TokenRequestParts, resource: string, namespace: string, name: string): Promise<KubeObject> {
  const stored = await parts.storage.get({ group: '', resource, namespace, name });
  if (stored === undefined) throw statusErrors.notFound({ group: '', resource }, name);
  return stored.parse();
}

/** How long the token holds; a pod's projected token is let live on past its refresh, with a mark from when on it is late. */
function lifetime(
  { maxExpirationSeconds = 0, extendExpiration = true, apiAudiences }: TokenRequestParts,
  ctx: Pick<RequestContext, 'warn'>,
  spec: authenticationv1.TokenRequestSpec,
  isPodBound: boolean,
): { readonly expires: number; readonly warnAfter?: number } {
  const asked = spec.expirationSeconds ?? 0;
  if (maxExpirationSeconds > 0 && asked > maxExpirationSeconds) {
    ctx.warn(`requested expiration of ${asked} seconds shortened to ${maxExpirationSeconds} seconds`);
    spec.expirationSeconds = maxExpirationSeconds;
  }
  const expires = spec.expirationSeconds ?? 0;
  const isForApi = (spec.audiences ?? []).every((audience) => apiAudiences.includes(audience));
  if (extendExpiration && isPodBound && isForApi && expires === warnOnlyExpirationSeconds)
    return { expires: extendedExpirationSeconds, warnAfter: expires };
  return { expires };
}
