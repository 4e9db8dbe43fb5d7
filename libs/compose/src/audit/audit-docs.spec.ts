import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { auditFlags } from '../flags/audit-flags';

it('docs/audit.md has every flag of auditing, and no other', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../../docs/audit.md'), 'utf8');
  const rows = page.split('\n').filter((line) => line.startsWith('| `--'));
  const named = rows.flatMap((row) => [...row.matchAll(/`--([a-z-]+)`/g)].map(([, name]) => name));
  expect(named.sort()).toEqual(Object.keys(auditFlags).sort());
});
