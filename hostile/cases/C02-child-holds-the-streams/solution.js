import { spawn } from 'node:child_process';

spawn('sleep', ['600'], { stdio: 'inherit', detached: true }).unref();
export const triple = () => 0;
