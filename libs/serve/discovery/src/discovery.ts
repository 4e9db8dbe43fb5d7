import type { KindRegistry, ResourceRow } from '@reckon/api/kinds';
import { createHash } from 'node:crypto';
import { aggregatedDocument } from './aggregated-document';
import { compareGroups, compareGroupVersions } from './group-version-priority';
import {
  apiVersionsDocument,
  groupDocument,
  groupListDocument,
  resourceListDocument,
  type ServedGroup,
} from './legacy-documents';

export interface AggregatedDocument {
  readonly body: Buffer;
  /** Quoted, as the header wants it; changes with the body. */
  readonly etag: string;
}

/** Discovery documents as JSON, always those of the kind registry's present rows. */
export interface Discovery {
  /** `/api` */
  apiVersions(): Buffer;
  /** `/apis` */
  groupList(): Buffer;
  /** `/apis/<group>`; undefined for a group that is not served. */
  group(name: string): Buffer | undefined;
  /** `/api/v1`, `/apis/<group>/<version>`; undefined if not served. */
  resourceList(group: string, version: string): Buffer | undefined;
  /** `/api` and `/apis` when the aggregated form is asked for. */
  aggregated(prefix: 'api' | 'apis'): AggregatedDocument;
  servesGroup(name: string): boolean;
  /** In discovery order; '' is the core group. */
  groups(): readonly ServedGroup[];
}

/** Documents are made when first asked for and forgotten when the registry changes. */
export function createDiscovery(kinds: KindRegistry, options: { readonly advertise: () => string }): Discovery {
  let seen = -1;
  let groups: readonly ServedGroup[] = [];
  let rows = new Map<string, ResourceRow[]>();
  let made = new Map<string, unknown>();

  const refresh = (): void => {
    if (kinds.revision === seen) return;
    seen = kinds.revision;
    made = new Map();
    rows = new Map();
    const versions = new Map<string, string[]>();
    for (const row of kinds.resources()) {
      const id = `${row.group}/${row.version}`;
      const known = rows.get(id);
      if (known !== undefined) {
        known.push(row);
        continue;
      }
      rows.set(id, [row]);
      const list = versions.get(row.group);
      if (list === undefined) versions.set(row.group, [row.version]);
      else list.push(row.version);
    }
    groups = [...versions]
      .map(([name, list]) => ({ name, versions: list.sort(compareGroupVersions(name)) }))
      .sort(compareGroups);
    for (const list of rows.values()) list.sort((a, b) => (a.resource < b.resource ? -1 : 1));
  };
  const memo = <T>(id: string, make: () => T): T => {
    refresh();
    if (!made.has(id)) made.set(id, make());
    return made.get(id) as T;
  };
  const json = (document: object): Buffer => Buffer.from(`${JSON.stringify(document)}\n`);
  const rowsOf = (group: string, version: string): readonly ResourceRow[] => rows.get(`${group}/${version}`) ?? [];

  return {
    // The address may be known only once the server listens: never remembered.
    apiVersions: () => {
      refresh();
      return json(apiVersionsDocument(groups.find((g) => g.name === '')?.versions ?? [], options.advertise()));
    },
    groupList: () => memo('groups', () => json(groupListDocument(groups.filter((g) => g.name !== '')))),
    group: (name) =>
      memo(`group ${name}`, () => {
        const group = groups.find((g) => g.name === name);
        return group === undefined || name === '' ? undefined : json(groupDocument(group));
      }),
    resourceList: (group, version) =>
      memo(`resources ${group}/${version}`, () => {
        const list = rowsOf(group, version);
        return list.length === 0 ? undefined : json(resourceListDocument(group, version, list));
      }),
    aggregated: (prefix) =>
      memo(`aggregated ${prefix}`, () => {
        const body = json(
          aggregatedDocument(
            groups.filter((g) => (g.name === '') === (prefix === 'api')),
            rowsOf,
          ),
        );
        return { body, etag: `"${createHash('sha512').update(body).digest('hex').toUpperCase()}"` };
      }),
    servesGroup: (name) => {
      refresh();
      return groups.some((g) => g.name === name);
    },
    groups: () => {
      refresh();
      return groups;
    },
  };
}
