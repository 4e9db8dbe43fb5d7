import {
  type FieldValidation,
  failure,
  type GroupVersionKind,
  type KubeObject,
  StatusError,
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
  const end = header.indexOf(';');
  const mediaType = (end === -1 ? header : header.slice(0, end)).trim().toLowerCase();
  const type = Object.hasOwn(patchTypes, mediaType) ? patchTypes[mediaType] : undefined;
  // Kinds that no struct describes (custom resources) have no merge keys.
  if (type === undefined || (type === 'strategic' && struct.open))
    throw new StatusError(
      failure({ reason: 'UnsupportedMediaType', message: '415: Unsupported Media Type', details: {} }),
    );
  return type;
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
