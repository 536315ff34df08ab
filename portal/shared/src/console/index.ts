// The console as its own entry, so that noVNC is loaded only by those who open one.
export { ConsoleScreen } from './ConsoleScreen';
