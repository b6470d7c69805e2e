import type { Engine, ModelInfo, ModelState } from '@tributary/engine';

/** States of a version as callers, health and metrics see them. */
export type ShownState = 'LOADING' | 'READY' | 'UNAVAILABLE';

/** The state that is shown of a version in a state of its life cycle. */
export function shownState(state: ModelState): ShownState {
  if (state === 'READY') return 'READY';
  return state === 'FOUND' || state === 'LOADING' ? 'LOADING' : 'UNAVAILABLE';
}

/** Why a version does not answer; '' where it does, or is about to. */
export function shownReason({ state, reason }: Pick<ModelInfo, 'state' | 'reason'>): string {
  if (reason !== '') return reason;
  if (state === 'DRAINING') return 'MODEL_NOT_READY: the version is being unloaded; it answers the calls that it has';
  return state === 'RESTING' ? 'MODEL_NOT_READY: the version rests after its runs failed; it comes back by itself' : '';
}

/** The versions of an engine that anybody is told of: all but those that are unloaded. */
export function shownModels(engine: Pick<Engine, 'models'>): readonly ModelInfo[] {
  return engine.models().filter(({ state }) => state !== 'UNLOADED');
}
