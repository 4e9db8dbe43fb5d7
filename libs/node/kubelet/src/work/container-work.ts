import type { corev1 } from '@reckon/api/types';
import { type Work, programWork } from './program-work';

type Told = Pick<corev1.Container, 'image' | 'command' | 'args' | 'env'>;

/** What images run that are given no command, where that alone decides how long they run. */
const entrypoints: Readonly<Record<string, readonly string[]>> = { pause: ['/pause'], agnhost: ['/agnhost'] };

/**
 * How long a container runs and how it ends, as its command and arguments tell; undefined if they do not, as those of most images. An
 * image that is given only arguments is taken to run them, unless its program is known.
 */
export function containerWork(container: Told): Work | undefined {
  const { command = [], args = [] } = container;
  const words = command.length > 0 ? [...command, ...args] : [...entrypointOf(container.image ?? ''), ...args];
  if (words.length === 0) return undefined;
  const variables = new Map((container.env ?? []).flatMap((e) => (e.value === undefined ? [] : [[e.name, e.value]])));
  return programWork(
    words.map((word) => expanded(word, variables)),
    variables,
  );
}

/** `pause` of `registry.k8s.io/pause:3.10`. */
function entrypointOf(image: string): readonly string[] {
  const name = /([^/:@]+)(?::[^/@]*)?(?:@.*)?$/.exec(image)?.[1] ?? '';
  return Object.hasOwn(entrypoints, name) ? (entrypoints[name] ?? []) : [];
}

/** `$(NAME)` of a variable that the container has (third_party/forked/golang/expansion `Expand`); `$$` is for the program. */
const expanded = (word: string, variables: ReadonlyMap<string, string>): string =>
  word.replaceAll(/\$\$|\$\(([-._a-zA-Z][-._a-zA-Z0-9]*)\)/g, (whole, name?: string) =>
    name === undefined ? '$' : (variables.get(name) ?? whole),
  );
