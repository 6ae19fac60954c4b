// Start of a page: sessionState alone, until the first read.
import { sessionState } from 'tabstate';

export const firstRead = (): unknown => sessionState.get('count');
