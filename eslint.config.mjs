import { createProjectGraphAsync } from '@nx/devkit';
import nx from '@nx/eslint-plugin';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { depConstraints, layers } from './tools/boundaries/layers.mjs';
import { fileNames } from './tools/lint/file-names.mjs';
import { timersAndClocks } from './tools/lint/timers-and-clocks.mjs';

// Without a fresh project graph on disk the boundary rule silently skips every file. Making it here (under 2 s) keeps
// the rule on however ESLint is started: through Nx, `npx eslint libs/x`, an editor, or the self-test.
process.env['NX_DAEMON'] ??= 'false';
await createProjectGraphAsync({ exitOnError: false });

// Its types are of another ESLint version than ours; at run time they agree.
const boundaryRule = /** @type {import('eslint').Rule.RuleModule} */ (
  /** @type {unknown} */ (nx.rules['enforce-module-boundaries'])
);

const tests = ['**/*.spec.ts', '**/*.suite.ts', 'apps/e2e/**/*.ts', 'libs/testkit/**/*.ts'];

/**
 * @param {{ readonly forTests: boolean }} options
 * @returns {import('eslint').Linter.RulesRecord}
 */
const boundaries = ({ forTests }) => ({
  '@nx/enforce-module-boundaries': [
    'error',
    {
      allow: [],
      enforceBuildableLibDependency: false,
      // A lib may load a heavy lib on first use and still import its types.
      checkDynamicDependenciesExceptions: ['.*'],
      // The table has no cycles, so its rows already forbid one, and in better words; specs may run a whole cluster.
      ignoredCircularDependencies: layers.flatMap((a, index) => layers.slice(index + 1).map((b) => [a.layer, b.layer])),
      depConstraints: depConstraints({ forTests }),
    },
  ],
});

export default defineConfig(
  globalIgnores(['dist', 'coverage', '.nx', '.reckon', '**/generated/**', '**/*.generated.ts']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.{ts,mts,mjs}'],
    extends: [tseslint.configs.strictTypeChecked],
    plugins: {
      '@nx': { rules: { 'enforce-module-boundaries': boundaryRule } },
      reckon: { rules: { 'file-names': fileNames } },
    },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      ...boundaries({ forTests: false }),
      'reckon/file-names': 'error',
      'max-lines': ['error', { max: 400, skipBlankLines: false, skipComments: false }],
      'no-console': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: false },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', caughtErrors: 'all' }],
      // What the types promise and what a client sent are two things.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // Objects are plain JSON; removing a field by name is daily work.
      '@typescript-eslint/no-dynamic-delete': 'off',
      // An async method may implement an interface without awaiting.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
    },
  },
  {
    files: ['libs/**/*.ts', 'apps/**/*.ts'],
    ignores: ['libs/kernel/**', ...tests],
    rules: timersAndClocks({ timers: 'forbidden' }),
  },
  {
    files: tests,
    rules: {
      ...boundaries({ forTests: true }),
      ...timersAndClocks({ timers: 'allowed' }),
      'max-lines': ['error', { max: 800, skipBlankLines: false, skipComments: false }],
      // A test says what it expects of data; the runner reports the rest.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  { files: ['apps/**', 'tools/**'], rules: { 'no-console': 'off' } },
  {
    // tsc checks these too, but lint does not see a cast that is written in a comment.
    files: ['**/*.mjs'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    files: ['**/*.{ts,mts,mjs}'],
    ignores: ['*.config.{ts,mjs}'],
    rules: {
      'no-restricted-exports': [
        'error',
        {
          restrictDefaultExports: {
            direct: true,
            named: true,
            defaultFrom: true,
            namedFrom: true,
            namespaceFrom: true,
          },
        },
      ],
    },
  },
);
