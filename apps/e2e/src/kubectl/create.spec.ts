import { playTranscripts } from './play-transcripts';

playTranscripts('create');
