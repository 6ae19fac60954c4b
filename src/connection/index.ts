export { type Config, type ConfigMembers, type ConfigValues, config, setConfig } from './config.js';
export {
  type Connection,
  type ConnectionOptions,
  type ConnectionType,
  connection,
  type QueryOptions,
} from './connection.js';
export type { HttpClient } from './http.js';
