import { describe, expect, it } from 'vitest';
import type { NodeInfo } from '../cache/node-info';
import { listerOf, node, nodeInfo, podInfo, scoresOf } from '../testing/make';
import { imageLocality } from './image-locality';

const mebibyte = 1024 * 1024;
function nodeWith(name: string, images: Record<string, number>): NodeInfo {
  const info = nodeInfo({ name });
  const made = node({ name });
  made.status = {
    ...made.status,
    images: Object.entries(images).map(([image, size]) => ({ names: [image, `${image}@sha256:1`], sizeBytes: size })),
  };
  info.setNode(made);
  return info;
}
const podOf = (...images: string[]) =>
  podInfo({ spec: { containers: images.map((image, i) => ({ name: `c${String(i)}`, image })) } });
const scores = (nodes: readonly NodeInfo[], ...images: string[]) =>
  scoresOf(imageLocality(listerOf(nodes)), podOf(...images), nodes);

describe('images that a node has', () => {
  it('attract their pods, the more the larger they are and the fewer nodes have them', () => {
    const nodes = [
      nodeWith('a', { 'web:1': 600 * mebibyte, 'db:latest': 400 * mebibyte }),
      nodeWith('b', { 'web:1': 600 * mebibyte }),
      nodeWith('c', { 'tiny:1': mebibyte }),
    ];
    // 600 MiB on two of three nodes count as 400, less 23 that are as good as none, of 977.
    expect(scores(nodes, 'web:1')).toEqual([38, 38, 0]);
    // A name without a tag is the latest.
    expect(scores(nodes, 'db')).toEqual([11, 0, 0]);
    expect(scores(nodes, 'tiny:1')).toEqual([0, 0, 0]);
    expect(scores(nodes, 'web:1', 'db')).toEqual([25, 19, 0]);
    expect(scores(nodes, 'web:2')).toEqual([0, 0, 0]);
  });

  it('at most fill the scale', () => {
    expect(scores([nodeWith('a', { 'huge:1': 9_000 * mebibyte })], 'huge:1')).toEqual([100]);
  });

  it('are not asked for where no node tells of any', () => {
    expect(scores([nodeInfo(), nodeInfo()], 'web:1')).toBeUndefined();
  });

  it('count where a pod mounts them or starts with them', () => {
    const nodes = [nodeWith('a', { 'model:1': 1_000 * mebibyte })];
    const plugin = imageLocality(listerOf(nodes));
    const mounting = podInfo({ spec: { volumes: [{ name: 'm', image: { reference: 'model:1' } }] } });
    const starting = podInfo({ spec: { initContainers: [{ name: 'i', image: 'model:1' }] } });
    expect(scoresOf(plugin, mounting, nodes)).toEqual(scoresOf(plugin, starting, nodes));
    expect(scoresOf(plugin, mounting, nodes)).toEqual([49]);
  });
});
