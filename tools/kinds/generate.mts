/**
 * Writes libs/api/types, libs/api/kinds/src/generated and what controllers know of pod templates from published packages: the Go types from kubectl and helm, paths and required
 * fields from the official client. Usage: npx tsx tools/kinds/generate.mts [folder with merge-schema.json]; without the folder, what
 * server-side apply knows of each field stays as it is.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fetchClientModels } from '../client-models.mjs';
import { fetchClients } from '../clients.mjs';
import { readStructs } from './facts';
import { keptMergeFacts, type KindsTable, readMergeFacts } from './merge-facts';
import { readModels } from './models';
import { readResources } from './resources';
import { writeTable } from './write-table';
import { writeTemplateStructs } from './write-template-structs';
import { writeTypes } from './write-types';

const folder = process.argv[2];
const root = join(import.meta.dirname, '../..');
const table = join(root, 'libs/api/kinds/src/generated/kinds.json');

const { kubectl, helm } = await fetchClients();
const client = await fetchClientModels();
const structs = readStructs([kubectl, helm]);
const models = readModels(join(client, 'models'));
models.check(structs);
const resources = readResources(join(client, 'apis'), structs);
const merge =
  folder === undefined
    ? keptMergeFacts(JSON.parse(readFileSync(table, 'utf8')) as KindsTable, structs, console.log)
    : readMergeFacts(folder, structs);
writeTypes(structs, join(root, 'libs/api/types/src'), models);
writeTable(structs, merge, resources, table);
writeTemplateStructs(kubectl, join(root, 'libs/control/controllers/src/template-hash/generated/template-structs.json'));
