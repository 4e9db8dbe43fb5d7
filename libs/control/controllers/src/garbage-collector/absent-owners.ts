import { type Identity, keyOf } from './owner-identity';

/** Upstream's size of its cache. */
const longest = 500;

/**
 * Owners that the server said do not exist, so that it is asked once for all their dependents
 * (pkg/controller/garbagecollector.ReferenceCache). A uid never comes back, so an entry never becomes wrong.
 *
 * Bound: 500; the least recently used goes first.
 */
export class AbsentOwners {
  private readonly keys = new Set<string>();

  add(identity: Identity): void {
    const key = keyOf(identity);
    this.keys.delete(key);
    this.keys.add(key);
    const [oldest] = this.keys;
    if (this.keys.size > longest && oldest !== undefined) this.keys.delete(oldest);
  }

  has(identity: Identity): boolean {
    const key = keyOf(identity);
    if (!this.keys.delete(key)) return false;
    this.keys.add(key);
    return true;
  }
}
