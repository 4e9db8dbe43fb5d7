import type { KubeObject } from '@reckon/api/machinery';
import { describe, expect, it } from 'vitest';
import { Indexer, objectKey, splitKey } from './indexer';

const pod = (name: string, node: string): KubeObject => ({
  metadata: { namespace: 'default', name },
  spec: { nodeName: node },
});
const byNode = (o: KubeObject): string[] => [(o['spec'] as { nodeName: string }).nodeName];
const names = (objects: KubeObject[]): (string | undefined)[] => objects.map((o) => o.metadata.name);

describe('an indexer', () => {
  it('moves an object between the values of an index', () => {
    const indexer = new Indexer<KubeObject>({ node: byNode });
    indexer.set('default/a', pod('a', 'x'));
    indexer.set('default/b', pod('b', 'x'));
    expect(names(indexer.byIndex('node', 'x'))).toEqual(['a', 'b']);
    indexer.set('default/a', pod('a', 'y'));
    expect([names(indexer.byIndex('node', 'x')), names(indexer.byIndex('node', 'y'))]).toEqual([['b'], ['a']]);
    indexer.delete('default/a');
    expect(indexer.byIndex('node', 'y')).toEqual([]);
  });

  it('finds what was there before the index', () => {
    const indexer = new Indexer<KubeObject>();
    indexer.set('default/a', pod('a', 'x'));
    indexer.addIndex('node', byNode);
    expect(names(indexer.byIndex('node', 'x'))).toEqual(['a']);
    expect(() => indexer.byIndex('nothing', 'x')).toThrow('no index nothing');
  });

  it('lists all, or one namespace', () => {
    const indexer = new Indexer<KubeObject>();
    indexer.set('default/a', pod('a', 'x'));
    indexer.set('other/a', { metadata: { namespace: 'other', name: 'a' } });
    expect(indexer.list()).toHaveLength(2);
    expect(indexer.list('other')).toHaveLength(1);
    expect(indexer.get('other', 'a')?.metadata.namespace).toBe('other');
  });
});

it('splits the keys that it makes', () => {
  expect(splitKey(objectKey({ metadata: { namespace: 'a', name: 'b' } }))).toEqual({ namespace: 'a', name: 'b' });
  expect(splitKey(objectKey({ metadata: { name: 'b' } }))).toEqual({ namespace: '', name: 'b' });
});
