/** The formats and pages that are made now and then, behind one door so that they load together. */
export { htmlFault, htmlReport } from './html.js';
export { junitFault, junitReport } from './junit.js';
export { markdownFault, markdownReport } from './markdown.js';
export { reviewPages } from './review.js';
export { sarifFault, sarifReport } from './sarif.js';
