import { readFileSync } from 'node:fs';
import type { ExtenderConfiguration, ExtenderTls } from '@reckon/control/scheduling';
import * as z from 'zod';
import { configDuration } from './leader-election-config';

const usualTimeoutMs = 5_000;

const bytes = z.base64().transform((text) => Buffer.from(text, 'base64').toString('utf8'));
const tlsConfig = z.strictObject({
  insecure: z.boolean().default(false),
  serverName: z.string().optional(),
  certFile: z.string().optional(),
  keyFile: z.string().optional(),
  caFile: z.string().optional(),
  certData: bytes.optional(),
  keyData: bytes.optional(),
  caData: bytes.optional(),
});

/** k8s.io/kube-scheduler/config/v1 `Extender` */
const extender = z
  .strictObject({
    urlPrefix: z.url({ protocol: /^https?$/, error: 'must be a URL of http or https' }),
    filterVerb: z.string().default(''),
    preemptVerb: z.string().default(''),
    prioritizeVerb: z.string().default(''),
    weight: z.number().int().default(0),
    bindVerb: z.string().default(''),
    enableHTTPS: z.boolean().default(false),
    tlsConfig: tlsConfig.nullish(),
    httpTimeout: configDuration.optional(),
    nodeCacheCapable: z.boolean().default(false),
    managedResources: z
      .array(z.strictObject({ name: z.string(), ignoredByScheduler: z.boolean().default(false) }))
      .default([]),
    ignorable: z.boolean().default(false),
  })
  .transform((c, ctx): ExtenderConfiguration => {
    const refuse = (path: readonly PropertyKey[], message: string): void => {
      ctx.addIssue({ code: 'custom', path: [...path], message });
    };
    if (c.prioritizeVerb !== '' && c.weight <= 0) refuse(['weight'], 'must have a positive weight applied to it');
    for (const [i, { name }] of c.managedResources.entries())
      if (!isExtendedResource(name))
        refuse(['managedResources', i, 'name'], `${JSON.stringify(name)} is an invalid extended resource name`);
    const { filterVerb, preemptVerb, prioritizeVerb, bindVerb, nodeCacheCapable } = c;
    return {
      urlPrefix: c.urlPrefix,
      ...{ filterVerb, preemptVerb, prioritizeVerb, bindVerb, nodeCacheCapable },
      weight: c.weight,
      timeoutMs: c.httpTimeout === undefined || c.httpTimeout === 0 ? usualTimeoutMs : c.httpTimeout,
      isIgnorable: c.ignorable,
      managedResources: c.managedResources.map(({ name, ignoredByScheduler }) => ({
        name,
        isIgnoredByScheduler: ignoredByScheduler,
      })),
      tls: tlsOf(c, refuse),
    };
  });

type Refuse = (path: readonly PropertyKey[], message: string) => void;

/** As client-go/rest.TLSConfigFor and scheduler.makeTransport take it. */
function tlsOf(
  { enableHTTPS, tlsConfig: c }: { enableHTTPS: boolean; tlsConfig?: z.infer<typeof tlsConfig> | null | undefined },
  refuse: Refuse,
): ExtenderTls {
  const { insecure = false, serverName } = c ?? {};
  const pem = (data: string | undefined, file: string | undefined, field: string): string | undefined => {
    if (data !== undefined && data !== '') return data;
    if (file === undefined || file === '') return undefined;
    try {
      return readFileSync(file, 'utf8');
    } catch (error) {
      refuse(['tlsConfig', field], `cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  };
  const ca = pem(c?.caData, c?.caFile, 'caFile');
  const cert = pem(c?.certData, c?.certFile, 'certFile');
  const key = pem(c?.keyData, c?.keyFile, 'keyFile');
  if (insecure && ca !== undefined)
    refuse(['tlsConfig'], 'specifying a root certificates file with the insecure flag is not allowed');
  if ((cert === undefined) !== (key === undefined))
    refuse(['tlsConfig'], 'certFile and keyFile (or certData and keyData) go together');
  return {
    isInsecure: insecure || (enableHTTPS && ca === undefined),
    ...(serverName === undefined || serverName === '' ? {} : { serverName }),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
  };
}

/** With a domain that is not Kubernetes' own (apis/core/v1/helper.IsExtendedResourceName). */
const isExtendedResource = (name: string): boolean =>
  /^([a-z0-9]([-a-z0-9]*[a-z0-9])?)(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]$/.test(
    name,
  ) &&
  !/^([^/]*\.)?kubernetes\.io\//.test(name) &&
  !name.startsWith('requests.');

/** `extenders` of a `KubeSchedulerConfiguration`. */
export const extendersConfig = z.array(extender).superRefine((extenders, ctx) => {
  const binders = extenders.filter(({ bindVerb }) => bindVerb !== '').length;
  if (binders > 1)
    ctx.addIssue({ code: 'custom', message: `found ${String(binders)} extenders implementing bind, only one can` });
  const managed = extenders.flatMap(({ managedResources }) => managedResources.map(({ name }) => name));
  for (const name of new Set(managed.filter((one, i) => managed.indexOf(one) !== i)))
    ctx.addIssue({ code: 'custom', message: `duplicate extender managed resource name ${name}` });
});
