import { defineInspector } from './inspector/index.js';

defineInspector();
