import type { Claim } from '@reckon/control/runtime';
import { classNameOf, marked, volumeMarks } from '@reckon/control/runtime';
import { type BinderParts, tellOfClaim, writeClaim } from './binder-parts';
import { makerOf } from './volume-plugins';

/** Asks whoever makes volumes of the claim's class for one, by a mark on the claim (`provisionClaim`). */
export async function provision(parts: BinderParts, claim: Claim): Promise<void> {
  const className = classNameOf(claim);
  const found = parts.classes.byKey(className);
  const failed = (message: string): void =>
    tellOfClaim(parts, claim, { type: 'Warning', reason: 'ProvisioningFailed', message });
  if (found === undefined) {
    failed(`storageclass.storage.k8s.io "${className}" not found`);
    return;
  }
  const maker = makerOf(found.provisioner);
  if (maker.kind === 'none') {
    if (maker.isAsked) await ask(parts, claim, found.provisioner);
    failed(maker.message);
    return;
  }
  tellOfClaim(parts, await ask(parts, claim, maker.name), {
    type: 'Normal',
    reason: 'ExternalProvisioning',
    message: `Waiting for a volume to be created either by the external provisioner '${maker.name}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`,
  });
}

async function ask(parts: BinderParts, claim: Claim, provisioner: string): Promise<Claim> {
  const { provisioner: mark, betaProvisioner } = volumeMarks;
  if (claim.metadata.annotations?.[mark] === provisioner) return claim;
  return writeClaim(parts, {
    ...claim,
    metadata: marked(claim, { [betaProvisioner]: provisioner, [mark]: provisioner }),
  });
}
