import {
  createDecoder,
  createKindRegistry,
  DecodeError,
  openStructType,
  parseObject,
  type ResourceRow,
  stringifyObject,
} from '@reckon/api/kinds';
import { apiVersionOf, groupResourceName, type KubeObject } from '@reckon/api/machinery';
import type { HistoryEntry } from '@reckon/history';
import { keyText } from '@reckon/store/contract';
import { genesisKey } from '@reckon/store/storage';

type Entry = Omit<HistoryEntry, 'object'>;
type Names = Pick<ResourceRow, 'group' | 'resource' | 'kind' | 'namespaced'>;

export interface ImportedObjects {
  /** What is wrong with an object, as the end of a sentence; in order of revision, so that a definition comes before what it defines. */
  problemOf(entry: Entry, object: Buffer): string | undefined;
}

/**
 * Holds each object of an import against the table of kinds: what a log has was decoded before it was stored, and everything that
 * reads it relies on that. Custom resources are those whose definition came before them in the same file.
 */
export function importedObjects(): ImportedObjects {
  const kinds = createKindRegistry();
  const builtin = new Set(kinds.resources());
  const decoder = createDecoder(kinds);

  const rowFor = (names: Names, version: string): ResourceRow => ({
    singular: '',
    listKind: '',
    shortNames: [],
    categories: [],
    verbs: [],
    subresources: [],
    ...names,
    version,
    storage: { group: names.group, resource: names.resource, version },
    type: openStructType(kinds.types, names.kind),
  });
  // The first entry of a log is no object of the API: it has metadata and nothing else.
  const genesis: ResourceRow = {
    ...rowFor({ group: genesisKey.group, resource: genesisKey.resource, kind: 'Log', namespaced: false }, 'v1'),
    type: kinds.types.struct('meta/v1.PartialObjectMetadata'),
  };
  kinds.add(genesis);

  function define({ spec: { group, scope, names, versions } }: Definition): void {
    for (const { name: version } of versions) {
      const before = kinds.resource(group, version, names.plural);
      if (before !== undefined && builtin.has(before)) continue;
      kinds.add(
        rowFor({ group, resource: names.plural, kind: names.kind, namespaced: scope === 'Namespaced' }, version),
      );
    }
  }

  /** As what an entry's object is stored; undefined for what no log holds. */
  function rowOf(entry: Entry): ResourceRow | undefined {
    const { group, version, resource } = entry;
    // Its bytes do not begin with its kind, so its line names no version.
    if (keyText(entry) === keyText(genesisKey)) return version === '' ? genesis : undefined;
    const row = kinds.resource(group, version, resource);
    return row === undefined || row === genesis || !isStoredAs(row) ? undefined : row;
  }

  /** Throws `DecodeError`. */
  function problemWithin(row: ResourceRow, object: KubeObject): string | undefined {
    const { object: decoded, strictErrors } = decoder.normalize(object, { expected: row, strict: true });
    if (strictErrors.length > 0) return `its object is not a ${row.kind}: ${strictErrors.join(', ')}`;
    if ((decoded.metadata?.uid ?? '') === '') return 'its object has no metadata.uid';
    if (row.resource === 'customresourcedefinitions' && builtin.has(row)) define(decoded as unknown as Definition);
    return undefined;
  }

  return {
    problemOf(entry, bytes) {
      const row = rowOf(entry);
      if (row === undefined)
        return `there is no resource ${entry.resource} of ${apiVersionOf(entry)}, and no line before it defines one`;
      if (row.namespaced !== (entry.namespace !== ''))
        return `${groupResourceName(row)} are ${row.namespaced ? '' : 'not '}in a namespace`;
      const object = parseObject(bytes);
      const { kind, apiVersion } = object;
      if (kind !== row.kind || apiVersion !== apiVersionOf(row))
        return `its object is of kind ${String(kind)} (${String(apiVersion)}), not ${row.kind} (${apiVersionOf(row)})`;
      if (!Buffer.from(stringifyObject(object)).equals(bytes))
        return 'another program wrote its object anew: its spaces, escapes or numbers differ';
      try {
        return problemWithin(row, object);
      } catch (error) {
        if (error instanceof DecodeError) return `its object is not a ${row.kind}: ${error.message}`;
        throw error;
      }
    },
  };
}

/** What is read of a CustomResourceDefinition. */
interface Definition {
  readonly spec: {
    readonly group: string;
    readonly scope: string;
    readonly names: { readonly plural: string; readonly kind: string };
    readonly versions: readonly { readonly name: string }[];
  };
}

const isStoredAs = ({ group, version, resource, storage }: ResourceRow): boolean =>
  storage.group === group && storage.version === version && storage.resource === resource;
