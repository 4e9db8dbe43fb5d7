import { playTranscripts } from './play-transcripts';

playTranscripts('server-side');
