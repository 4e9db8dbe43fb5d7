import { bundleIfStale } from '../build.mjs';

/**
 * Worker threads and the end-to-end tests run what is in `dist`. A bundle that fails here is told, not fatal: most
 * tests need none, and `npm test` bundles beforehand and fails there.
 */
export async function setup(): Promise<void> {
  try {
    await bundleIfStale();
  } catch (error) {
    process.stderr.write(
      `dist is stale, the bundle failed: ${error instanceof Error ? error.message : String(error)}\n`,
    );
  }
}
