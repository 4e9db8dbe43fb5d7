import { readConfiguration } from '@reckon/api/kinds';
import { type GroupVersionKind, type KubeObject, statusErrors } from '@reckon/api/machinery';
import type { ApplyToCurrent } from '@reckon/registry/generic';
import type { Application } from '../api-server-options';
import type { Exchange } from '../exchange';
import type { WriteQuery } from './query-options';
import { readBody } from './read-body';

/** A server-side apply that was read; `finish` comes after it was carried out, as upstream. */
export interface ReadApplication extends Application {
  /** Keys that were there twice become warnings, or the refusal that `Strict` asks for. */
  readonly finish: () => void;
}

/** Reads the configuration; what it wants of the object is said by `row`'s kind alone. */
export async function readApplication(
  exchange: Exchange,
  row: GroupVersionKind,
  options: WriteQuery & { readonly isForced: boolean },
): Promise<ReadApplication> {
  const { value, duplicates } = await readConfiguration(await readBody(exchange));
  exchange.audit?.requestPatch(value);
  const { decoder } = exchange.server;
  return {
    config: value as KubeObject,
    isForced: options.isForced,
    restore: (document) => decoder.normalize(document, { expected: row, strict: false }).object,
    finish: () => {
      if (duplicates === undefined || options.fieldValidation === 'Ignore') return;
      if (options.fieldValidation === 'Strict')
        throw statusErrors.badRequest(`error strict decoding YAML: error converting YAML to JSON: ${duplicates}`);
      // The first line only says that there are some.
      for (const line of duplicates.split('\n').slice(1)) exchange.warn(line.trim());
    },
  };
}

export const applied =
  (application: ReadApplication) =>
  (_current: KubeObject | undefined, apply: ApplyToCurrent): KubeObject => {
    const object = apply(application);
    application.finish();
    return object;
  };
