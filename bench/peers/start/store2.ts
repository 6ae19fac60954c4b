// Start of a page: store2, until the first read.
import store2 from 'store2';

export const firstRead = (): unknown => store2.session.get('count', 0);
