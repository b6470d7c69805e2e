// node services/router/dist/test/simulation/main.js: 1,000 upstreams in virtual time, by one router and by many, and what came of it.
import { Simulation, type SimulationPlan } from './simulation';

const count = Number(process.argv[2] ?? 1000);
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

async function show(title: string, plan: SimulationPlan): Promise<void> {
  const simulation = await Simulation.start(plan);
  const cpu = process.cpuUsage();
  const say = (what: string): void => {
    const { least, most, idlestClass, busiestClass, answered } = simulation.balance();
    const spread = `a replica's calls over its class: ${percent(least)} to ${percent(most)}`;
    const busy = `lanes busy by class: ${percent(idlestClass)} to ${percent(busiestClass)}`;
    console.log(`  ${what}: ${answered} calls, ${simulation.failed} failed; ${spread}; ${busy}`);
  };
  console.log(
    `${title}: at most ${simulation.mostFollowed} upstreams a router, at least ${simulation.fewestFollowers} routers an upstream`,
  );
  await simulation.run(1_000);
  simulation.balance();
  await simulation.run(10_000);
  say('steady');
  await simulation.vanish(count / 10, 2_000);
  say('a tenth dies');
  await simulation.grow(count / 10);
  await simulation.run(1_000);
  await simulation.replaceAll(200);
  simulation.balance();
  await simulation.run(5_000);
  say('after all were replaced');
  const { user, system } = process.cpuUsage(cpu);
  console.log(`  ${((user + system) / 1e6).toFixed(1)} s of CPU`);
  simulation.close();
}

async function main(): Promise<void> {
  const plan = { seed: 1, upstreams: count, load: 0.6 };
  await show('1 router', { ...plan, routers: 1, subsetSize: 0 });
  await show('50 routers, subsetSize 20', { ...plan, routers: 50, subsetSize: 20 });
}

void main();
