// The script file `tabstate-inspector.min.js`: defines the element when it is loaded.
import { defineInspector } from './inspector/index.js';

defineInspector();
