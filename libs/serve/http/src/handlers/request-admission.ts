import { type KubeObject, readDuration } from '@reckon/api/machinery';
import type { AdmissionFunctions } from '@reckon/registry/generic';
import type { AdmissionAttributes, Operation } from '@reckon/serve/admission';
import type { Exchange } from '../exchange';
import { demandCreate } from './demand-create';
import type { Route } from './route';

/**
 * The admission chain as the registry sees it: bound to one request. An update of nothing is a creation: it needs the right to create
 * as well, and its options are those of one (endpoints/handlers `withAuthorization`, `updateToCreateOptions`).
 */
export class RequestAdmission implements AdmissionFunctions {
  constructor(
    private readonly exchange: Exchange,
    private readonly route: Route,
    private readonly operation: Operation,
    private readonly dryRun: boolean,
    private readonly options: Readonly<Record<string, unknown>>,
  ) {
    const { companions } = exchange.server.admission;
    this.companions = companions === undefined ? undefined : (object, old) => companions(this.attributes(object, old));
  }

  readonly mutate = (object: KubeObject | undefined, old: KubeObject | undefined): void | Promise<void> =>
    this.exchange.server.admission.admit(this.attributes(object, old));

  readonly validate = (object: KubeObject | undefined, old: KubeObject | undefined): void | Promise<void> => {
    const pending = this.creates(old) ? demandCreate(this.exchange) : undefined;
    const { admission } = this.exchange.server;
    if (pending === undefined) return admission.validate(this.attributes(object, old));
    return pending.then(() => admission.validate(this.attributes(object, old)));
  };

  readonly companions: AdmissionFunctions['companions'];

  private creates(old: KubeObject | undefined): boolean {
    return this.operation === 'UPDATE' && old === undefined;
  }

  private attributes(object: KubeObject | undefined, old: KubeObject | undefined): AdmissionAttributes {
    const { info } = this.exchange;
    const creates = this.creates(old);
    return {
      ctx: this.exchange,
      operation: creates ? 'CREATE' : this.operation,
      row: this.route.row,
      subresource: info.subresource,
      namespace: this.route.row.namespaced || info.resource === 'namespaces' ? info.namespace : '',
      name: info.pathName !== '' ? info.pathName : (object?.metadata.name ?? old?.metadata.name ?? ''),
      object,
      oldObject: old,
      dryRun: this.dryRun,
      options: creates ? { ...this.options, kind: 'CreateOptions' } : this.options,
      ...(info.query.includes('timeout=') ? timeoutOf(this.exchange.query.get('timeout')) : {}),
    };
  }
}

/** A duration as Go writes it; one that cannot be read says nothing. */
function timeoutOf(text: string | null): { readonly timeoutMs?: number } {
  const duration = readDuration(text ?? '');
  return typeof duration === 'bigint' && duration > 0n ? { timeoutMs: Number(duration / 1_000_000n) } : {};
}
