/** What the index of the search holds: the same when it is made and when it is asked. */
export const searchOptions = {
  fields: ['title', 'page', 'text'],
  storeFields: ['href', 'page', 'title', 'start'],
  searchOptions: { prefix: true, fuzzy: 0.15, combineWith: 'AND', boost: { title: 4, page: 2 } },
};
