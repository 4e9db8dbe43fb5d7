import {
  type FieldValidation,
  failure,
  type GroupVersionKind,
  type KubeObject,
  StatusError,
  statusErrors,
} from '@reckon/api/machinery';
import { createPatcher, type PatchType } from '@reckon/registry/generic';
import type { Exchange } from '../exchange';
import { noSuchResource } from '../response/respond-error';
import { readBody } from './read-body';

const patchTypes: Readonly<Record<string, PatchType | 'apply'>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
};

/** Makes the new form of `current`, of the expected kind, normalised, with field validation applied. `current` stays as it is. */
export type ApplyPatch = (current: KubeObject) => KubeObject;

/** Reads a PATCH body of a type that `patchTypeOf` has found. */
export async function readPatch(
  exchange: Exchange,
  type: PatchType,
  expected: GroupVersionKind,
  fieldValidation: FieldValidation,
): Promise<ApplyPatch> {
  const { kinds, decoder } = exchange.server;
  const body = await readBody(exchange);
  if (exchange.audit?.keepsRequest === true) exchange.audit.requestPatch(jsonOf(body));
  const patcher = createPatcher({ type, body, fieldValidation, kinds, decoder, expected });
  return (current) => {
    const { object, warnings } = patcher(current);
    for (const warning of warnings) exchange.warn(warning);
    return object;
  };
}

/** Before the options, which depend on it. Throws 415 for a content type that is no patch. */
export function patchTypeOf(exchange: Exchange, expected: GroupVersionKind): PatchType | 'apply' {
  const struct = exchange.server.kinds.structOf(expected);
  if (struct === undefined) throw noSuchResource();
  const header = exchange.header('content-type');
  // Kinds that no struct describes (custom resources) have no merge keys.
  const typeOf = (mediaType: string): PatchType | 'apply' | undefined =>
    Object.hasOwn(patchTypes, mediaType) && !(struct.open && patchTypes[mediaType] === 'strategic')
      ? patchTypes[mediaType]
      : undefined;
  const end = header.indexOf(';');
  const type = typeOf(end > 0 ? header.slice(0, end) : header);
  if (type !== undefined) return type;
  // Upstream's route reads the header with more patience than the handler behind it.
  const isRouted = header.split(',').some((one) => typeOf((one.split(';')[0] ?? '').trim()) !== undefined);
  const types = Object.keys(patchTypes).filter((one) => typeOf(one) !== undefined);
  throw isRouted
    ? statusErrors.unsupportedMediaType(
        `the body of the request was in an unknown format - accepted media types include: ${types.join(', ')}`,
      )
    : new StatusError(failure({ reason: 'UnsupportedMediaType', message: '415: Unsupported Media Type', details: {} }));
}

/** Undefined for what is no JSON: it is refused anyway. */
function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    // The patcher says what is wrong with it.
    return undefined;
  }
}
