import type { Entry, Head, Revision, Verb } from '@reckon/store/contract';

/** A row as `statements.ts` selects it: revision, key, previous, verb, at, actor, agent, manager, request, check_sum, object. */
export type EntryRow = readonly [
  revision: number,
  key: string | null,
  previous: number,
  verb: Verb,
  at: number,
  actor: string | null,
  agent: string | null,
  manager: string | null,
  request: string,
  checksum: number,
  object: Buffer,
];

/** Objects on their way from a worker: packed into slabs that are moved, not copied. */
export interface PackedObjects {
  readonly sizes: readonly number[];
  readonly slabs: readonly ArrayBuffer[];
  /** How many objects each slab holds. */
  readonly slabCounts: readonly number[];
}

/** A slab is kept alive by any object in it, so it must not be much larger than what one object may pin. */
const slabBytes = 32 * 1024;

export function packObjects(objects: readonly Buffer[]): PackedObjects {
  const slabs: ArrayBuffer[] = [];
  const slabCounts: number[] = [];
  for (let i = 0; i < objects.length;) {
    let bytes = 0;
    let end = i;
    while (end < objects.length && (end === i || bytes < slabBytes)) bytes += objects[end++]?.length ?? 0;
    // Not from the pool, whose memory cannot be moved to another thread.
    const slab = new Uint8Array(bytes);
    let offset = 0;
    for (const object of objects.slice(i, end)) {
      slab.set(object, offset);
      offset += object.length;
    }
    slabs.push(slab.buffer);
    slabCounts.push(end - i);
    i = end;
  }
  return { sizes: objects.map((object) => object.length), slabs, slabCounts };
}

export function unpackObjects({ sizes, slabs, slabCounts }: PackedObjects): Buffer[] {
  const objects: Buffer[] = [];
  for (const [s, slab] of slabs.entries()) {
    let offset = 0;
    for (let i = 0; i < (slabCounts[s] ?? 0); i++) {
      const size = sizes[objects.length] ?? 0;
      objects.push(Buffer.from(slab, offset, size));
      offset += size;
    }
  }
  return objects;
}

export interface PackedHeads {
  readonly keys: readonly string[];
  readonly revisions: readonly number[];
  readonly objects: PackedObjects;
}

export function packHeads(rows: readonly EntryRow[]): PackedHeads {
  return {
    keys: rows.map((row) => row[1] ?? ''),
    revisions: rows.map((row) => row[0]),
    objects: packObjects(rows.map((row) => row[10])),
  };
}

export function unpackHeads({ keys, revisions, objects }: PackedHeads): Head[] {
  const unpacked = unpackObjects(objects);
  return keys.map((key, i) => ({
    key,
    revision: revisions[i] as Revision,
    object: unpacked[i] ?? Buffer.alloc(0),
  }));
}

export interface PackedEntries {
  /** All columns but the object. */
  readonly rows: readonly (readonly unknown[])[];
  readonly objects: PackedObjects;
}

export function packEntries(rows: readonly EntryRow[]): PackedEntries {
  return { rows: rows.map((row) => row.slice(0, 9)), objects: packObjects(rows.map((row) => row[10])) };
}

export function unpackEntries({ rows, objects }: PackedEntries): Entry[] {
  const unpacked = unpackObjects(objects);
  return (rows as readonly EntryRow[]).map(
    ([revision, key, previous, verb, at, actor, agent, manager, request], i) => ({
      revision: revision as Revision,
      key: key ?? '',
      previous: previous as Revision,
      verb,
      object: unpacked[i] ?? Buffer.alloc(0),
      at,
      actor: actor ?? '',
      agent: agent ?? '',
      manager: manager ?? '',
      request,
    }),
  );
}
