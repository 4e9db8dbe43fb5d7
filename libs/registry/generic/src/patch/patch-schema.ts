import type { TypeRef, TypeTable } from '@reckon/api/kinds';
import { goQuote } from '@reckon/api/machinery';
import { plainFailure } from '../storage-to-status';

/** What a strategic merge knows of a field: its type and the words of its `patchStrategy` and `patchMergeKey` tags. */
export interface PatchField {
  readonly type: TypeRef;
  readonly merges: boolean;
  readonly replaces: boolean;
  readonly mergeKey: string;
}

/**
 * The member `key` of a value of `type` (apimachinery/third_party/forked/golang/json `LookupPatchMetadataForStruct`).
 * Throws upstream's 500 where a type has no such field: only what is in the object can get here, so it is free-form data.
 */
export function patchField(types: TypeTable, type: TypeRef, key: string): PatchField {
  const actual = settled(type);
  if (actual.kind === 'map') return { type: actual.of, merges: false, replaces: false, mergeKey: '' };
  if (actual.kind === 'struct') {
    const struct = types.struct(actual.struct);
    const field = struct.byName.get(key);
    if (field !== undefined) {
      return {
        type: field.type,
        merges: field.patchStrategy.includes('merge'),
        replaces: field.patchStrategy.includes('replace'),
        mergeKey: field.patchMergeKey,
      };
    }
  }
  const name = actual.goName.slice(actual.goName.lastIndexOf('.') + 1);
  throw plainFailure(`unable to find api field in struct ${name} for the json field ${goQuote(key)}`);
}

/** The type of a list's items. */
export function itemType(type: TypeRef): TypeRef {
  const actual = settled(type);
  return actual.kind === 'slice' ? actual.of : actual;
}

export const settled = (type: TypeRef): TypeRef => (type.kind === 'pointer' ? settled(type.of) : type);
