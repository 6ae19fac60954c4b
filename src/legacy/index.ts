export { experimentalGetQueryParams, experimentalSetQueryParams } from './query-params.js';
