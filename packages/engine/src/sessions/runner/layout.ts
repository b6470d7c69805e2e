/**
 * What lies where in the memory that the host and the runner share:
 *
 *     [ head | lane 0 | lane 1 | ... | slab of tensors and descriptors ]
 *
 * Words are 32 bits wide, and those that both sides touch at the same time are used with Atomics. A lane has one slot: the host
 * writes a request into it and raises `submitted`; the lane sets `started` to the same number, works, writes its answer over the
 * request and sets `completed`. There is never more than one request that is not completed.
 */

/** Most lanes, the one for trials included. */
export const maxLanes = 255;

/** Bytes before the slab. */
export const slabStart = 2 ** 20;

/** Words of the head, each in a cache line of its own. */
export const headWords = {
  /** 1: the host has to be rung for. */
  hostAsleep: 16,
} as const;

const headBytes = 4096;
const laneBytes = 4096;

/** First word of a lane. */
export function laneWord(lane: number): number {
  return (headBytes + lane * laneBytes) / 4;
}

/** Words of a lane, counted from its first; those that different sides write are in different cache lines. */
export const laneWords = {
  submitted: 0,
  /** 1: the thread is to end. */
  closing: 1,
  started: 16,
  completed: 17,
  /** 1: the lane has to be rung for. */
  asleep: 32,
  /** Number of the request. */
  seq: 64,
  kind: 65,
  /** Place of the session in the runner's table. */
  session: 66,
  inputs: 67,
  outputs: 68,
  /** 1: the run is to end before it begins. */
  stopped: 69,
  status: 70,
  textBytes: 71,
} as const;

/** Doubles of a lane, counted in doubles from its first. */
export const laneDoubles = {
  /** Where the descriptors of the request are, in bytes. */
  descriptors: 36,
  inferenceUs: 37,
  costUs: 38,
} as const;

/** Where a lane's text is, in bytes from the lane's first, and how long it can be. */
export const textOffset = 512;
export const maxTextBytes = laneBytes - textOffset;

/** What is asked of a lane. */
export const requestKinds = {
  run: 0,
  /** Copy the outputs of the last run, which found too little room. */
  copy: 1,
  /** Forget them. */
  drop: 2,
} as const;

/** How a request ended. */
export const requestStatus = {
  ran: 1,
  failed: 2,
  outOfMemory: 3,
  stopped: 4,
  /** The run ended well, and its outputs are kept until they are asked for with enough room. */
  needsRoom: 5,
} as const;

/** Most dimensions of a tensor. */
export const maxRank = 64;

/** A descriptor of a tensor: its words and doubles; the dimensions lie elsewhere among the descriptors. */
export const descriptorBytes = 64;
export const descriptorWords = { type: 0, rank: 1, position: 2 } as const;
export const descriptorDoubles = {
  /** Where the elements are. */
  data: 2,
  /** Bytes of the elements; of an output first the room for them. */
  bytes: 3,
  /** Where the dimensions are, an int64 each. */
  dimensions: 4,
} as const;
