export { type ColumnDefinition, type ColumnOptions, type Table, tableFor, type TableRow } from './table-for';
export { type PodSummary, summarizePod } from './pod-status';
