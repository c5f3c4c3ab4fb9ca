/** Takes clients over descriptors and says so, a line for each; started where there are fewer descriptors than clients. */
import { Deaf } from '../../../../gateway/inspector/leg.ts';
import { openGround } from '../data-paths.ts';

const ground = await openGround('epoll');
const port = await ground.listen(({ leg }) => {
  leg.follow({ ...Deaf, end: () => leg.drop() });
  leg.read(true);
  console.log('taken');
});
console.log(`port ${port}`);
