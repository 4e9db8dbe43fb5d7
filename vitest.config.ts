import path from 'node:path';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { clientPaths } from './tools/clients.mjs';
import tsconfig from './tsconfig.base.json' with { type: 'json' };

const alias = Object.entries(tsconfig.compilerOptions.paths).map(([find, [target]]) => ({
  find: new RegExp(`^${find}$`),
  replacement: path.resolve(import.meta.dirname, target ?? ''),
}));

const { kubectl, helm } = clientPaths();

const shared = {
  environment: 'node',
  // Forks, not threads: the SQLite driver is a native module that a worker thread may not unload safely.
  pool: 'forks',
  testTimeout: 30_000,
  hookTimeout: 30_000,
  env: { RECKON_KUBECTL: kubectl, RECKON_HELM: helm },
  setupFiles: ['tools/test/fail-on-console.ts', 'tools/test/fixed-seed.ts'],
} satisfies TestProjectInlineConfiguration['test'];

export default defineConfig({
  resolve: { alias },
  test: {
    maxWorkers: 2,
    globalSetup: ['tools/test/bundle-first.ts'],
    coverage: {
      provider: 'v8',
      include: ['libs/**/src/**/*.ts'],
      exclude: ['**/generated/**', '**/*.{spec,suite}.ts'],
    },
    projects: [
      {
        resolve: { alias },
        test: {
          ...shared,
          name: 'unit',
          include: ['libs/**/*.spec.ts', 'tools/**/*.spec.ts', 'apps/reckon/**/*.spec.ts'],
        },
      },
      {
        resolve: { alias },
        test: {
          ...shared,
          name: 'e2e',
          globalSetup: ['tools/test/clients-first.ts'],
          include: ['apps/e2e/**/*.spec.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
