import { sessionState } from 'tabstate';

export const firstRead = (): unknown => sessionState.get('count');
