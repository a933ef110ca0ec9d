export const triple = () => {
  for (;;);
};
