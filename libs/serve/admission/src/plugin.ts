import type { ResourceRow } from '@reckon/api/kinds';
import type { KubeObject } from '@reckon/api/machinery';
import type { RequestContext } from '@reckon/registry/generic';

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

/** k8s.io/apiserver/pkg/admission.Attributes */
export interface AdmissionAttributes {
  readonly ctx: RequestContext;
  readonly operation: Operation;
  readonly row: ResourceRow;
  /** '' for the object itself. */
  readonly subresource: string;
  readonly namespace: string;
  /** May be '' on create with generateName. */
  readonly name: string;
  /** The object to be written (mutable in `admit`); undefined on DELETE. */
  readonly object: KubeObject | undefined;
  readonly oldObject: KubeObject | undefined;
  /** The body of a subresource of another kind (Binding, Eviction, TokenRequest, Scale) is in `object`. */
  readonly dryRun: boolean;
  readonly options: Readonly<Record<string, unknown>>;
}

/** One admission plugin. Throws StatusError to refuse. Pure of I/O beyond the storage it was built with. */
export interface AdmissionPlugin {
  readonly name: string;
  handles(operation: Operation): boolean;
  readonly admit?: (attributes: AdmissionAttributes) => void | Promise<void>;
  readonly validate?: (attributes: AdmissionAttributes) => void | Promise<void>;
}

/** Plugins in upstream's order (kubeapiserver/options `AllOrderedPlugins`). */
export interface AdmissionChain {
  admit(attributes: AdmissionAttributes): void | Promise<void>;
  validate(attributes: AdmissionAttributes): void | Promise<void>;
}
