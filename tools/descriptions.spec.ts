import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { descriptionsOf, writeDescriptions } from './descriptions.mjs';

const source = `
import { IObjectMeta } from "./ObjectMeta.js";
/**
 * Pod is a collection
 * of containers.
 */
export interface IPod {
    /**
     * It's the "kind".
     *
     * A \\* is a star.
     */
    "kind"?: "Pod";
    "undocumented"?: string;
    /**
     * Its metadata.
     */
    "metadata": IObjectMeta;
}
/**
 * Pod is a collection, again.
 */
export declare class Pod extends Model<IPod> implements IPod {
    "kind": "Pod";
}
`;

describe('the descriptions of a type', () => {
  it('are its own and those of its fields', () => {
    expect(descriptionsOf(source)).toEqual({
      '': 'Pod is a collection\nof containers.',
      kind: 'It\'s the "kind".\n\nA * is a star.',
      metadata: 'Its metadata.',
    });
  });

  it('are none for a file without any', () => {
    expect(descriptionsOf('export {};')).toEqual({});
  });
});

describe('the file of descriptions', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'reckon-descriptions-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('has a line for each type of versions 1 and 2 or of none, by its name in the table of kinds', async () => {
    for (const file of [
      'v1/Pod',
      'rbac.authorization.k8s.io/v1/Role',
      'autoscaling/v2/MetricSpec',
      'apis/meta/v1/Status',
      'batch/v1beta1/CronJob',
      'runtime/RawExtension',
      'util/intstr/IntOrString',
      'util/other/Thing',
    ]) {
      mkdirSync(path.join(folder, 'types', path.dirname(file)), { recursive: true });
      writeFileSync(path.join(folder, 'types', `${file}.d.ts`), source);
    }
    await writeDescriptions(folder, [path.join(folder, 'types')]);
    const lines = readFileSync(path.join(folder, 'descriptions.tsv'), 'utf8').trimEnd().split('\n');
    const texts = new Map(lines.map((line) => line.split('\t') as [string, string]));
    expect([...texts.keys()]).toEqual([
      'autoscaling/v2.MetricSpec',
      'core/v1.Pod',
      'meta/v1.Status',
      'meta/v1.TypeMeta',
      'pkg/runtime.RawExtension',
      'rbac/v1.Role',
      'util/intstr.IntOrString',
    ]);
    expect(JSON.parse(texts.get('meta/v1.TypeMeta') ?? '')).toEqual({
      apiVersion: '',
      kind: 'It\'s the "kind".\n\nA * is a star.',
    });
    expect(JSON.parse(texts.get('core/v1.Pod') ?? '')).toEqual(descriptionsOf(source));
  });
});
