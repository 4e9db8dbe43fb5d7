import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ReckonProcess, parseTranscript, renderTranscript, replay, startReckon } from '@reckon/testkit';

/** `RECKON_UPDATE=1 npx vitest run --project e2e apps/e2e/src/kubectl` records anew; read the diff. */
const isUpdate = process.env['RECKON_UPDATE'] === '1';

/** Plays every transcript of a folder beside this file, by name, on one fresh cluster; `$APP` is the folder of the app's manifests. */
export function playTranscripts(folder: string): void {
  describe(`real kubectl, ${folder}`, () => {
    let reckon: ReckonProcess;
    beforeAll(async () => {
      reckon = await startReckon();
    });
    afterAll(() => reckon.dispose());

    const path = join(import.meta.dirname, folder);
    for (const file of readdirSync(path).filter((f) => f.endsWith('.txt'))) {
      it(`prints what ${file} holds`, async () => {
        const text = readFileSync(join(path, file), 'utf8');
        const remarks = /^(#.*\n)*/.exec(text)?.[0] ?? '';
        const steps = parseTranscript(text);
        expect(steps.length).toBeGreaterThan(0);
        const got = renderTranscript(await replay(steps, reckon, { APP: join(import.meta.dirname, 'app') }), remarks);
        if (isUpdate) writeFileSync(join(path, file), got);
        expect(got).toBe(isUpdate ? got : text);
      });
    }
  });
}
