/** What the index of the search holds: the same when it is made and when it is asked. */
export const searchOptions = {
  fields: ['title', 'page', 'text'],
  storeFields: ['href', 'page', 'title', 'start'],
  searchOptions: {
    prefix: true,
    fuzzy: 0.15,
    combineWith: 'AND',
    boost: { title: 4, page: 2 },
    // explanations come before signatures, old names last
    boostDocument: (_id, _word, { page }) => (page.startsWith('Learn') ? 3 : /legacy/i.test(page) ? 0.3 : 1),
  },
};
