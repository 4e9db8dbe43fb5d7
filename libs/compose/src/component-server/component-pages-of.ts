import { MetricsRegistry } from '@reckon/kernel';
import { healthOutcomes } from '@reckon/serve/http';
import type { ComponentPages } from './component-server';

/** The pages of a component that keeps count of how its checks went. */
export function componentPagesOf(pages: Omit<ComponentPages, 'slis' | 'observe'>): ComponentPages {
  const slis = new MetricsRegistry();
  return { ...pages, slis, observe: healthOutcomes(slis) };
}
