import { playTranscripts } from './play-transcripts';

playTranscripts('read');
