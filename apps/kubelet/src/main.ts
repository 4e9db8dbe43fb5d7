#!/usr/bin/env node
import { processTerminal, programs } from '@reckon/compose/programs';

await programs.kubelet.run(process.argv.slice(2), processTerminal('kubelet'));
