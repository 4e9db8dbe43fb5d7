import { playTranscripts } from './play-transcripts';

playTranscripts('rollout');
