// The search of the site: an index made by the build, asked in the page.
import MiniSearch from 'minisearch';
import { searchOptions } from '../build/search-options.mjs';

/** @param {string} index the text of search.json @returns a function from words to the pages that hold them, best first */
export function searchIn(index) {
  const pages = MiniSearch.loadJSON(index, searchOptions);
  return (words) => pages.search(words).slice(0, 12);
}
