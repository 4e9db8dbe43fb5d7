import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { fetchClientModels } from '../client-models.mjs';
import { fetchClients } from '../clients.mjs';
import { readStructs, type Structs } from './facts';
import { readModels } from './models';
import { readResources } from './resources';
import { readTemplateStructs, templateStructsText } from './write-template-structs';

/** kubectl and helm are published for one platform; the generator runs there. */
const isPublishedFor = process.platform === 'linux' && process.arch === 'x64';

describe.runIf(isPublishedFor)('the committed table', () => {
  let client: string;
  let structs: Structs;
  let kubectlProgram: string;
  beforeAll(async () => {
    client = await fetchClientModels();
    const { kubectl, helm } = await fetchClients();
    kubectlProgram = kubectl;
    structs = readStructs([kubectl, helm]);
  }, 120_000);

  it('is of sources that agree on every field', () => {
    expect(() => {
      readModels(path.join(client, 'models')).check(structs);
    }).not.toThrow();
  });

  it('has their resources and structs', () => {
    const table = JSON.parse(
      readFileSync(path.join(import.meta.dirname, '../../libs/api/kinds/src/generated/kinds.json'), 'utf8'),
    ) as { structs: object; resources: unknown[] };
    expect(table.resources).toEqual(readResources(path.join(client, 'apis'), structs));
    expect(table.resources).toHaveLength(68);
    expect(Object.keys(table.structs)).toEqual([...structs.keys()]);
  });

  it('tells of pod templates what Go sees', () => {
    const file = '../../libs/control/controllers/src/template-hash/generated/template-structs.json';
    const committed = readFileSync(path.join(import.meta.dirname, file), 'utf8');
    expect(templateStructsText(readTemplateStructs(kubectlProgram))).toBe(committed);
  });
});
