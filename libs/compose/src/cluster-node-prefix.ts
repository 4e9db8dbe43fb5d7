/** Nodes of `reckon up` are `<prefix>-0`, `<prefix>-1`, … A file of its own: the agents' thread reads it, and nothing of the server. */
export const clusterNodePrefix = 'reckon-node';
