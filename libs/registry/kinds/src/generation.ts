import { type ObjectMeta, semanticEqual } from '@reckon/api/machinery';

interface HasGeneration {
  metadata: ObjectMeta;
}

/** `metadata.generation` of an object never changes by a client's will … */
export function keepGeneration(object: HasGeneration, old: HasGeneration): void {
  if (old.metadata.generation === undefined) delete object.metadata.generation;
  else object.metadata.generation = old.metadata.generation;
}

/** … and counts the changes of what it is to be. */
export function countSpecChange(object: HasGeneration, old: HasGeneration, spec: unknown, oldSpec: unknown): void {
  if (semanticEqual(spec, oldSpec)) keepGeneration(object, old);
  else object.metadata.generation = (old.metadata.generation ?? 0) + 1;
}
