import type { Monotonic } from '@reckon/kernel';
import type { Storage, StorageResource } from '@reckon/store/contract';

/** As long as upstream takes its own for good (storage `Stats`). */
const keptMs = 60_000;
/** Of so many objects the size is looked at. */
const sample = 500;

/** How many bytes an object of a resource has, about: looked at when it is asked for, and again after a minute. */
export class ObjectSizes {
  private readonly known = new Map<string, { readonly bytes: number; readonly atMs: number }>();

  constructor(
    private readonly storage: Pick<Storage, 'newestOf'>,
    private readonly monotonic: Monotonic,
  ) {}

  /** 0: there are none. */
  of({ group, resource }: StorageResource): number {
    const key = `${group}/${resource}`;
    const nowMs = this.monotonic.elapsedMs();
    const before = this.known.get(key);
    if (before !== undefined && before.bytes > 0 && nowMs - before.atMs < keptMs) return before.bytes;
    let sum = 0;
    let count = 0;
    for (const { bytes } of this.storage.newestOf({ group, resource })) {
      sum += bytes.length;
      if (++count === sample) break;
    }
    const bytes = count === 0 ? 0 : sum / count;
    this.known.set(key, { bytes, atMs: nowMs });
    return bytes;
  }
}
