export const durability = {};
