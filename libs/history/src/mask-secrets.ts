import type { KubeObject } from '@reckon/api/machinery';
import { isObject, type JsonObject } from './list-shape';

/** What `kubectl apply` keeps of the manifest: of a Secret, its data. */
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * A Secret without its values: `<12 bytes>`, and `<changed, 12 bytes>` where the state before has another value, so that a change
 * still shows. Anything else is given back as it is.
 */
export function maskSecret<T extends KubeObject | undefined>(object: T, before?: KubeObject): T {
  if (object?.kind !== 'Secret' || object.apiVersion !== 'v1') return object;
  const annotations = object.metadata.annotations;
  return {
    ...object,
    ...('data' in object ? { data: masked(object['data'], before?.['data'], base64Length) } : {}),
    ...('stringData' in object ? { stringData: masked(object['stringData'], before?.['stringData'], textLength) } : {}),
    ...(annotations !== undefined && Object.hasOwn(annotations, lastApplied)
      ? {
          metadata: {
            ...object.metadata,
            annotations: {
              ...annotations,
              ...maskedValues({ [lastApplied]: annotations[lastApplied] }, before?.metadata.annotations, textLength),
            },
          },
        }
      : {}),
  };
}

const masked = (values: unknown, before: unknown, length: (text: string) => number): unknown =>
  isObject(values) ? maskedValues(values, before, length) : values;

function maskedValues(values: JsonObject, before: unknown, length: (text: string) => number): Record<string, string> {
  const old = isObject(before) ? before : {};
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const count = typeof value === 'string' ? length(value) : 0;
      const size = `${count} ${count === 1 ? 'byte' : 'bytes'}`;
      const isChanged = Object.hasOwn(old, name) && old[name] !== value;
      return [name, isChanged ? `<changed, ${size}>` : `<${size}>`];
    }),
  );
}

const textLength = (text: string): number => Buffer.byteLength(text);
const base64Length = (text: string): number => Buffer.from(text, 'base64').length;
