import type { corev1 } from '@reckon/api/types';

/** A pod, or what a controller will make pods of. */
export interface CheckedPod {
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: corev1.PodSpec;
}

export interface Violation {
  /** Short, for many pods at once. */
  readonly reason: string;
  /** What in this pod; may be ''. */
  readonly detail: string;
}

export type PodCheck = (pod: CheckedPod) => Violation | undefined;

/** All that run in the pod, in upstream's order. */
export const containersOf = ({
  initContainers = [],
  containers,
  ephemeralContainers = [],
}: corev1.PodSpec): readonly corev1.Container[] => [
  ...initContainers,
  ...containers,
  // What they have beyond containers does not matter here.
  ...(ephemeralContainers as readonly corev1.Container[]),
];

/** The names of those that are so. */
export const namesWhere = (spec: corev1.PodSpec, isBad: (container: corev1.Container) => boolean): string[] =>
  containersOf(spec)
    .filter(isBad)
    .map(({ name }) => name);

/** In quotes, which are not escaped. */
export const quoted = (texts: Iterable<string>): string => [...texts].map((text) => `"${text}"`).join(', ');

/** Each once, in order of their bytes. */
export const sorted = (texts: Iterable<string>): string[] => [...new Set(texts)].sort();

export const plural = (count: number, one: string, many = `${one}s`): string => (count === 1 ? one : many);

/** `container "a"`, `containers "a", "b"` */
export const containerList = (names: readonly string[]): string =>
  `${plural(names.length, 'container')} ${quoted(names)}`;

/** `pod and container "a"` */
export const settersText = (isPod: boolean, containers: readonly string[]): string =>
  [...(isPod ? ['pod'] : []), ...(containers.length > 0 ? [containerList(containers)] : [])].join(' and ');

/** Of checks that a later version does not ask of pods whose root is nobody outside. */
export const isInUserNamespace = ({ hostUsers }: corev1.PodSpec): boolean => hostUsers === false;

export const isWindows = ({ os }: corev1.PodSpec): boolean => os?.name === 'windows';

/** Applies only to pods that are not so. */
export const unless =
  (isExempt: (spec: corev1.PodSpec) => boolean, check: PodCheck): PodCheck =>
  (pod) =>
    isExempt(pod.spec) ? undefined : check(pod);
