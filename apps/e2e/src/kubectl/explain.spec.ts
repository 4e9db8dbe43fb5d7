import { playTranscripts } from './play-transcripts';

playTranscripts('explain');
