import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { descriptionsOf, writeDescriptions } from './descriptions.mjs';

const source = `
import { V1ObjectMeta } from './V1ObjectMeta.js';
/**
* Pod is a collection
* of containers.
*/
export declare class V1Pod {
    /**
    * It\\'s the \\"kind\\".
    */
    'kind'?: string;
    'undocumented'?: string;
    /**
    * Its metadata.
    */
    'metadata': V1ObjectMeta;
    static readonly discriminator: string | undefined;
}
`;

describe('the descriptions of a model', () => {
  it('are those of its type and its fields', () => {
    expect(descriptionsOf(source)).toEqual({
      '': 'Pod is a collection\nof containers.',
      kind: 'It\'s the "kind".',
      metadata: 'Its metadata.',
    });
  });

  it('are none for a file without any', () => {
    expect(descriptionsOf('export {};')).toEqual({});
  });
});

describe('the file of descriptions', () => {
  let dist: string;
  beforeAll(async () => {
    dist = mkdtempSync(path.join(tmpdir(), 'reckon-descriptions-'));
    await writeDescriptions(dist, path.resolve('node_modules/@kubernetes/client-node/dist/gen/models'));
  });
  afterAll(() => {
    rmSync(dist, { recursive: true });
  });
  const file = (): string => path.join(dist, 'descriptions.tsv');

  it('has a line for each type of versions 1 and 2, and none for others', () => {
    const lines = readFileSync(file(), 'utf8').trimEnd().split('\n');
    const types = new Map(lines.map((line) => line.split('\t') as [string, string]));
    expect(types.size).toBe(lines.length);
    for (const name of ['V1Pod', 'CoreV1Event', 'V2HorizontalPodAutoscaler', 'V1ObjectMeta'])
      expect(types.has(name), name).toBe(true);
    expect([...types.keys()].filter((name) => /alpha|beta/.test(name))).toEqual([]);
    const pod = JSON.parse(types.get('V1Pod') ?? '') as Record<string, string>;
    expect(pod['']).toMatch(/^Pod is a collection of containers/);
    expect(pod['kind']).toMatch(/^Kind is a string value/);
  });

  it('has paragraphs where its source lost them', () => {
    const line = readFileSync(file(), 'utf8')
      .split('\n')
      .find((l) => l.startsWith('V1ObjectMeta\t'));
    const meta = JSON.parse(line?.split('\t')[1] ?? '') as Record<string, string>;
    expect(meta['creationTimestamp']).toContain('\n\n');
  });
});
