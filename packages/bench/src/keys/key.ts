import type { LoadGenerator } from '../load/load-generator';
import type { Measurement, Window } from '../measure/contestant';
import type { FigureSide } from '../measure/figures';
import type { Ratios, SideResult } from '../measure/ratio';
import type { ProcessGroup } from '../process/process-group';
import type { Progress } from '../progress';

/** The ratios of a plain run by their names, in the order they are measured. Names stay: records are compared by them. */
export const ownKeyNames = [
  'small.service_over_echo',
  'small.routed_over_service',
  'image.served_over_bare',
  'text.served_over_bare',
  'alone.tiny_over_echo',
  'alone.batching_cost',
  'alone.routed_over_direct',
  'tensor600k.routed_over_service',
  'image.routed_over_service',
  'direct.client_over_service',
  'mixed.small_p99_ratio',
  'router.memory_per_stuck_mb',
  'transport600k.service_over_default',
  'transport600k.model_over_default',
  'tensor600k.served_over_bare',
  'scale.two_lanes',
  'overload.goodput',
  'memory.lane_over_weights',
  'memory.lane_over_weights_inside',
  'memory.lane_over_weights_shipped',
  'cancel.loop_ms',
  'cancel.encoder_ms',
  'isolation.small_ratio',
  'isolation.recover_ms',
  'reload.growth_mb',
  'start.ready_over_bare',
  'tracing.throughput_ratio',
  'access.throughput_ratio',
  'model.encoder_over_fp32',
  'model.image_over_fp32',
] as const;

/** Ratios to other servers, which need Python and minutes: measured only where they are asked for. */
export const peerKeyNames = [
  'peers.mlserver.small',
  'peers.mlserver.tensor600k',
  'peers.mlserver.encoder32',
  'peers.mlserver.alone_p50',
  'peers.pytriton.small',
  'peers.pytriton.tensor600k',
  'peers.pytriton.encoder32',
  'peers.pytriton.alone_p50',
  'peers.fastapi.small',
  'encoder8.over_pytriton',
] as const;

export const keyNames = [...ownKeyNames, ...peerKeyNames] as const;

export type PeerKeyName = (typeof peerKeyNames)[number];
export type KeyName = (typeof keyNames)[number];

/** What a quick run measures where no key is named: enough to see that the parts work, little enough for every change. */
export const quickKeyNames: readonly KeyName[] = [
  'small.service_over_echo',
  'small.routed_over_service',
  'image.served_over_bare',
  'text.served_over_bare',
  'alone.tiny_over_echo',
  'alone.batching_cost',
  'alone.routed_over_direct',
  'tensor600k.routed_over_service',
];

/** Median ratio to reach: from below, or from above where less is better. */
export interface Target {
  readonly value: number;
  readonly bound: 'atLeast' | 'atMost';
}

export function atLeast(value: number): Target {
  return { value, bound: 'atLeast' };
}

export function atMost(value: number): Target {
  return { value, bound: 'atMost' };
}

/** A ratio and how to measure it. */
export interface Key {
  readonly name: KeyName;
  /** What is divided by what, for a reader of the report. */
  readonly meaning: string;
  /** Undefined: recorded only. */
  readonly target?: Target;
  /** Measurements it takes, for the progress bar. */
  steps(bench: Bench): number;
  measure(bench: Bench): Promise<KeyResult>;
}

/** A ratio, and what else the run showed. */
export interface KeyResult extends Ratios {
  readonly numerator: SideResult | FigureSide;
  /** Absent where the figure is no ratio: then `ratios` holds what the numerator does, in the unit of the key's name. */
  readonly denominator?: SideResult | FigureSide;
  /** Latency at half of the closed loop's rate, calls coming at Poisson times. */
  readonly openLoop?: { readonly callsPerSecond: number; readonly p50Ms: number; readonly p99Ms: number };
  /** What else a reader should know, a line each. */
  readonly notes?: readonly string[];
  /** Answers a second of every arrangement of the bare run. */
  readonly arrangements?: readonly { readonly name: string; readonly perSecond: number; readonly best: boolean }[];
}

/** What a key measures with. */
export interface Bench {
  readonly group: ProcessGroup;
  readonly generator: LoadGenerator;
  /** Root folder of the checkout: services, models. */
  readonly root: string;
  /** A folder of its own that is removed at the end. */
  readonly scratch: string;
  readonly rounds: number;
  readonly quick: boolean;
  readonly progress: Progress;
  /** Tells of a measurement as it comes in. */
  readonly onMeasured: (name: string, measurement: Measurement) => void;
  /** The same, of something that was timed. */
  readonly onTimed: (name: string, milliseconds: number) => void;
}

/** The window of a full run, or a short one. */
export function windowOf(bench: Pick<Bench, 'quick'>, windowMs: number): Window {
  return bench.quick ? { warmUpMs: 200, windowMs: windowMs / 4 } : { warmUpMs: 500, windowMs };
}
