import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FieldFacts, Structs } from './facts';

/** What the OpenAPI says of the structs' fields, by the models that the official client has of it. */
export interface Models {
  /** Whether a list or map is required; structs without a model require none. */
  requires(struct: string, field: string): boolean;
  /** Throws with every struct that has other fields than its model. */
  check(structs: Structs): void;
}

interface Model {
  readonly fields: ReadonlySet<string>;
  readonly required: ReadonlySet<string>;
}

/** `folder` has a `<Model>.js` and a `<Model>.d.ts` for each. */
export function readModels(folder: string): Models {
  const files = new Set(readdirSync(folder));
  const read = new Map<string, Model | undefined>();

  /** Names that are in several groups have the group before their version. */
  function modelOf(struct: string): Model | undefined {
    const known = read.get(struct);
    if (known !== undefined || read.has(struct)) return known;
    const [, group = '', version = '', name = ''] = /^(\w+)\/v(\d)\.(\w+)$/.exec(struct) ?? [];
    const groupName = `${group.slice(0, 1).toUpperCase()}${group.slice(1)}`;
    const model = [`${groupName}V${version}${name}`, `V${version}${name}`].find((file) => files.has(`${file}.js`));
    const found = model === undefined ? undefined : readModel(folder, model);
    read.set(struct, found);
    return found;
  }

  return {
    requires: (struct, field) => modelOf(struct)?.required.has(field) ?? false,
    check(structs) {
      const differences = [...structs.keys()].flatMap((struct) => {
        const model = modelOf(struct);
        if (model === undefined) return [];
        const own = new Set(flatten(struct, structs).map(({ json }) => json));
        const missing = [...model.fields].filter((field) => !own.has(field));
        const further = [...own].filter((field) => !model.fields.has(field));
        return missing.length + further.length === 0
          ? []
          : [`${struct}: only in OpenAPI: ${missing.join(' ') || '-'}; only in Go: ${further.join(' ') || '-'}`];
      });
      if (differences.length > 0) throw new Error(`the sources disagree on fields:\n${differences.join('\n')}`);
    },
  };
}

function readModel(folder: string, name: string): Model {
  const code = readFileSync(join(folder, `${name}.js`), 'utf8');
  const types = readFileSync(join(folder, `${name}.d.ts`), 'utf8');
  const fields = [...code.matchAll(/"baseName": "([^"]+)"/g)].map(([, field = '']) => field);
  const required = [...types.matchAll(/^ {4}'(\w+)': (?:Array|\{)/gm)].map(([, field = '']) => field);
  return { fields: new Set(fields), required: new Set(required) };
}

/** Fields as JSON has them: inlined structs are part of the struct; kinds start with apiVersion and kind. */
export function flatten(name: string, structs: Structs): FieldFacts[] {
  return (structs.get(name) ?? []).flatMap((field) => {
    if (!field.inline) return [field];
    if (field.type.form !== 'named') throw new Error(`${name}.${field.go}: cannot inline`);
    return flatten(field.type.name, structs);
  });
}
