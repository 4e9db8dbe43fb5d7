import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { findDeadReferences } from './find-dead-references.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const dead = async (text: string): Promise<string[]> => {
  const found = await findDeadReferences({ root, page: path.join(root, 'PAGE.md'), text });
  return found.map(({ line, reference }) => `${line} ${reference}`);
};

describe('findDeadReferences', () => {
  it('accepts links and paths that exist', async () => {
    expect(await dead('# A title\n[x](package.json) [y](#a-title) [z](https://example.invalid) `libs/kernel`')).toEqual(
      [],
    );
  });

  it('reports a missing file, heading and path with their lines', async () => {
    expect(await dead('[x](no-such.md)\n[y](#no-heading)\n`libs/no/such.ts`')).toEqual([
      '1 no-such.md',
      '2 #no-heading',
      '3 libs/no/such.ts',
    ]);
  });

  it('leaves examples, placeholders and globs alone', async () => {
    expect(await dead('```\n[x](no-such.md)\n```\n`libs/<yours>` `libs/*/src`')).toEqual([]);
  });
});
