import { readConfiguration } from '@reckon/api/kinds';
import { type GroupVersionKind, type KubeObject, statusErrors } from '@reckon/api/machinery';
import type { AdmissionFunctions, ApplyToCurrent } from '@reckon/registry/generic';
import type { AuthzAttributes } from '@reckon/serve/authz';
import type { Application } from '../api-server-options';
import type { Exchange } from '../exchange';
import { forbidden } from '../pipeline/forbidden';
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

/** An apply that creates needs the right to create (endpoints/handlers `withAuthorization`). */
export function admissionOfApply(exchange: Exchange, admission: AdmissionFunctions): AdmissionFunctions {
  return {
    mutate: admission.mutate,
    companions: admission.companions,
    validate: (object, old) => {
      if (old !== undefined) return admission.validate(object, old);
      return mayCreate(exchange).then(() => admission.validate(object, old));
    },
  };
}

async function mayCreate(exchange: Exchange): Promise<void> {
  const { info } = exchange;
  const attributes: AuthzAttributes = {
    user: exchange.user,
    verb: 'create',
    isResource: true,
    group: info.group,
    version: info.version,
    resource: info.resource,
    subresource: info.subresource,
    namespace: info.namespace,
    name: info.name,
    path: info.path,
  };
  const decision = await exchange.server.authorize(attributes);
  if (!decision.allowed) throw forbidden(attributes, decision.reason);
}
