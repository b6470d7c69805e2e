import { withBench } from '../bench';
import type { Progress } from '../progress';
import { callCosts } from './call-costs';
import { clientCosts } from './client-costs';
import { fleetCosts } from './fleet-costs';
import type { ScalingOptions } from './scaling-options';
import type { ScalingFigure, ScalingPart } from './scaling-part';

const parts: readonly ScalingPart[] = [callCosts, clientCosts, fleetCosts];

/** What was measured, and why not what was not. */
export interface ScalingFigures {
  readonly figures: readonly ScalingFigure[];
  /** Of a part, by its name; what it had measured before is among the figures. */
  readonly failures: Readonly<Record<string, string>>;
}

/** Measures one part after the other, each with processes of its own. */
export async function measureScaling(
  options: ScalingOptions,
  root: string,
  progress: Progress,
): Promise<ScalingFigures> {
  const figures: ScalingFigure[] = [];
  const failures: Record<string, string> = {};
  for (const part of parts) {
    const add = (name: string, value: number, unit: ScalingFigure['unit']): void => {
      const figure = { name, value: Number(value.toPrecision(3)), unit };
      figures.push(figure);
      progress.note(`${name}: ${figure.value} ${unit}`);
    };
    try {
      await withBench({ quick: options.quick, rounds: 1 }, root, progress, async (bench) => {
        progress.start(part.name, part.steps);
        await part.measure(bench, options, add);
      });
    } catch (error) {
      failures[part.name] = error instanceof Error ? error.message : String(error);
    }
  }
  return { figures, failures };
}
