import { playTranscripts } from './play-transcripts';

playTranscripts('client-side');
