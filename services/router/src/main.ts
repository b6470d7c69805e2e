import './heap-growth';
import { runProcess } from '@tributary/serve';
import { routerSettings } from './settings';
import { startRouter } from './start-router';

runProcess(routerSettings, async (context) => {
  const router = await startRouter(context);
  context.announce(router);
  await context.stopped;
  await router.drain();
});
