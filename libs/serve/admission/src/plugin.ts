import type { ResourceRow } from '@reckon/api/kinds';
import type { KubeObject } from '@reckon/api/machinery';
import type { RequestContext } from '@reckon/registry/generic';
import type { Change } from '@reckon/store/contract';

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
  /** How long the client gives the whole request (`timeout` of the query); absent: it does not say. */
  readonly timeoutMs?: number;
  /** Set by the first plugin that may have to be asked again: it lasts for both rounds of one `admit`. */
  reinvocation?: Reinvocation;
}

/**
 * What plugins that call out remember from the first round of mutating admission to the second
 * (k8s.io/apiserver/pkg/admission.ReinvocationContext).
 */
export interface Reinvocation {
  /** This is the second round. */
  isSecond: boolean;
  /** Something changed the object after plugins that want to see it again: there is a second round. */
  isWanted: boolean;
  /** By plugin: who is asked again, and what the object was when the plugin was last through with it. */
  readonly plugins: Map<string, PluginRound>;
}

export interface PluginRound {
  /** Who was asked and wants to be asked again; by an id of the plugin's own. */
  readonly reinvocable: Set<string>;
  /** Those of them that came before a change. */
  readonly due: Set<string>;
  /** The object as JSON when the plugin was last through. */
  lastOutput: string;
}

/** One admission plugin. Throws StatusError to refuse. Pure of I/O beyond the storage it was built with. */
export interface AdmissionPlugin {
  readonly name: string;
  handles(operation: Operation): boolean;
  readonly admit?: (attributes: AdmissionAttributes) => void | Promise<void>;
  readonly validate?: (attributes: AdmissionAttributes) => void | Promise<void>;
  /**
   * After all `validate`, right before the append, synchronously and on the newest state: changes that stand or fall with the object's.
   * Of creations and updates only. Throws StatusError to refuse.
   */
  readonly companions?: (attributes: AdmissionAttributes) => readonly Change[];
}

/** Plugins in upstream's order (kubeapiserver/options `AllOrderedPlugins`). */
export interface AdmissionChain {
  admit(attributes: AdmissionAttributes): void | Promise<void>;
  validate(attributes: AdmissionAttributes): void | Promise<void>;
  /** Absent where no plugin has any. A method of no object: it may be called alone. */
  readonly companions?: ((attributes: AdmissionAttributes) => readonly Change[]) | undefined;
}
