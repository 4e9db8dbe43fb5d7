import type { NodeInfo } from '../cache/node-info';
import { stateKey } from '../framework/cycle-state';
import type { Pod } from '../framework/kinds';
import { type NodeLister, type Plugin, maxNodeScore } from '../framework/plugin';
import { skip } from '../framework/status';

const name = 'ImageLocality';
const mebibyte = 1024 * 1024;
/** Images that together are smaller are as good as none; so much for each container is as good as it gets. */
const bounds = { least: 23 * mebibyte, mostPerImage: 1000 * mebibyte } as const;

interface Wanted {
  readonly image: string;
  /** The part of the nodes that have it: what many have attracts less than what one has. */
  readonly spread: number;
}

const wantedImages = stateKey<{ readonly images: readonly Wanted[]; readonly highest: number }>(name);

/** Prefers nodes that have the images of the pod already (plugins/imagelocality). */
export const imageLocality = (nodes: NodeLister): Plugin => ({
  name,
  preScore(state, { pod }, fitting) {
    // Simulated nodes pull nothing: then there is nothing to count.
    if (!fitting.some(({ images }) => images.size > 0)) return skip;
    const all = nodes.list();
    const images = imagesOf(pod).map((image) => ({
      image,
      spread: all.reduce((sum, node) => sum + (node.images.has(image) ? 1 : 0), 0) / all.length,
    }));
    if (images.length === 0) return skip;
    state.write(wantedImages, { images, highest: bounds.mostPerImage * images.length });
    return undefined;
  },
  score(state, _pod, node) {
    const wanted = state.read(wantedImages);
    if (wanted === undefined) return 0;
    const bytes = Math.min(Math.max(bytesOn(node, wanted.images), bounds.least), wanted.highest);
    return Math.floor((maxNodeScore * (bytes - bounds.least)) / (wanted.highest - bounds.least));
  },
});

const bytesOn = ({ images }: NodeInfo, wanted: readonly Wanted[]): number =>
  wanted.reduce((sum, { image, spread }) => sum + Math.floor((images.get(image) ?? 0) * spread), 0);

function imagesOf({ spec }: Pod): string[] {
  const images = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].map(({ image = '' }) => image);
  for (const { image } of spec?.volumes ?? []) if (image !== undefined) images.push(image.reference ?? '');
  return images.map(tagged);
}

/** Without a tag the latest is meant. */
const tagged = (image: string): string =>
  image.lastIndexOf(':') <= image.lastIndexOf('/') ? `${image}:latest` : image;
