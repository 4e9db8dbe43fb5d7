import { playTranscripts } from './play-transcripts';

playTranscripts('sets');
