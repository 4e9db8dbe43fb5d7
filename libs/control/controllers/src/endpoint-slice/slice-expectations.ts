import type { Slice } from './new-slice';

/**
 * What our own writes made of a Service's slices (k8s.io/endpointslice/util.EndpointSliceTracker): until the cache shows it all, a
 * look at the cache would lead to slices made twice. Known by uid and generation, since others may write metadata meanwhile.
 */
export class SliceExpectations {
  /** Service key → slice uid → its generation, or `gone`. */
  private readonly byService = new Map<string, Map<string, number | 'gone'>>();

  wrote(serviceKey: string, slice: Slice): void {
    this.of(serviceKey).set(slice.metadata.uid ?? '', slice.metadata.generation ?? 0);
  }

  removed(serviceKey: string, slice: Slice): void {
    this.of(serviceKey).set(slice.metadata.uid ?? '', 'gone');
  }

  /** True when the cache is behind our writes. */
  isBehind(serviceKey: string, cached: readonly Slice[]): boolean {
    const expected = this.byService.get(serviceKey);
    if (expected === undefined) return false;
    const shown = new Map(cached.map((slice) => [slice.metadata.uid ?? '', slice.metadata.generation ?? 0]));
    for (const [uid, generation] of expected) {
      const seen = shown.get(uid);
      if (generation === 'gone' && seen === undefined) expected.delete(uid);
      else if (generation === 'gone' || seen === undefined || seen < generation) return true;
    }
    return false;
  }

  /** The cache showed a delete: what was expected of that slice is void. True if it was not we who deleted it. */
  sawDelete(serviceKey: string, slice: Slice): boolean {
    const expected = this.byService.get(serviceKey);
    const uid = slice.metadata.uid ?? '';
    const wasOurs = expected?.get(uid) === 'gone';
    expected?.delete(uid);
    return !wasOurs;
  }

  /** True when the cache shows a version that is not our own last one. */
  isForeign(serviceKey: string, slice: Slice): boolean {
    const generation = this.byService.get(serviceKey)?.get(slice.metadata.uid ?? '');
    return generation !== (slice.metadata.generation ?? 0);
  }

  forget(serviceKey: string): void {
    this.byService.delete(serviceKey);
  }

  private of(serviceKey: string): Map<string, number | 'gone'> {
    let expected = this.byService.get(serviceKey);
    if (expected === undefined) this.byService.set(serviceKey, (expected = new Map<string, number | 'gone'>()));
    return expected;
  }
}
