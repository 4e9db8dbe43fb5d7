/**
 * Writes libs/api/types and libs/api/kinds/src/generated from schema facts.
 * Usage: npx tsx tools/kinds/generate.mts <folder with go-struct-tags.json, merge-schema.json, resources.tsv>
 */
import { join } from 'node:path';
import { readStructs } from './facts';
import { writeTable } from './write-table';
import { writeTypes } from './write-types';

const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: generate.mts <folder with the schema facts>');
const root = join(import.meta.dirname, '../..');
const structs = readStructs(folder);
writeTypes(
  structs,
  join(root, 'libs/api/types/src'),
  join(root, 'node_modules/@kubernetes/client-node/dist/gen/models'),
);
writeTable(structs, folder, join(root, 'libs/api/kinds/src/generated/kinds.json'));
