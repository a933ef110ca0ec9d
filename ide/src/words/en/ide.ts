export const ide = {};
