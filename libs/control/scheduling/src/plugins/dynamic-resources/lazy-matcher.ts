import type { DeviceMatcher } from './device-matcher';

/** Reads expressions from the first pod on that has resource claims: most clusters have none, and need not hold a reader of them. */
export function lazyMatcher(track: (work: Promise<void>) => void, loaded: () => void): () => DeviceMatcher | undefined {
  let matcher: DeviceMatcher | undefined;
  let isLoading = false;
  return () => {
    if (matcher === undefined && !isLoading) {
      isLoading = true;
      track(
        import('./device-matcher').then(({ createDeviceMatcher }) => {
          matcher = createDeviceMatcher();
          loaded();
        }),
      );
    }
    return matcher;
  };
}
