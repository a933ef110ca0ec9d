await new Promise((wake) => setTimeout(wake, 600_000));
export const triple = () => 0;
