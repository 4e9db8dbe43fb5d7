/** Loaded on first use. */
export { loadKubeconfig } from '@reckon/client/rest';
