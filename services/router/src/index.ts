export { startRouter, type RouterOptions } from './start-router';
export { routerSettings, type RouterSettings } from './settings';
export { routerMetricDefinitions } from './router-metrics';
