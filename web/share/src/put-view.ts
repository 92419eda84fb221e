/** What draws files and addresses, in one piece. */
import './files-view';
import './links-view';

export { LinkBook, addressOf, partsOf } from './put';
