import { fetchClients } from '../clients.mjs';

/** The end-to-end tests drive the real kubectl and helm; their paths are in `RECKON_KUBECTL` and `RECKON_HELM`. */
export async function setup(): Promise<void> {
  await fetchClients();
}
