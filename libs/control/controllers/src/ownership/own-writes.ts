import type { KubeObject } from '@reckon/api/machinery';

/**
 * Whether a cache shows what we wrote last, by the uid of what was written. A job whose status in the cache is older than its pods would
 * count some of them neither as ended nor as running, and a pod too many would be made.
 */
export class OwnWrites {
  private readonly written = new Map<string, string>();

  wrote({ metadata }: KubeObject): void {
    this.written.set(metadata.uid ?? '', metadata.resourceVersion ?? '');
  }

  isSeen({ metadata }: KubeObject): boolean {
    const written = this.written.get(metadata.uid ?? '');
    return written === undefined || !isOlder(metadata.resourceVersion ?? '', written);
  }

  forget(uid: string): void {
    this.written.delete(uid);
  }
}

/** Revisions of one collection are whole numbers that grow; of a server where they are not nothing is known. */
function isOlder(a: string, b: string): boolean {
  if (!/^[1-9][0-9]*$/.test(a) || !/^[1-9][0-9]*$/.test(b)) return false;
  return a.length === b.length ? a < b : a.length < b.length;
}
