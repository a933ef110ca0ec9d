import { writeSync } from 'node:fs';

export function triple(number) {
  console.log('asked', number);
  writeSync(2, `asked ${number}\n`);
  throw new Error(`asked ${number}`);
}
