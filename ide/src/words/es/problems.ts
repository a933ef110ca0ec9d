import type { Words } from "../words";

/** Where the type alone says what happened and what to do. */
const COMPLETE: Record<string, string> = {
  "not-logged-in": "Tu sesión se ha cerrado. Vuelve a entrar.",
  "wrong-password": "Este nombre y esta contraseña no van juntos. Revísalos e inténtalo de nuevo.",
  "wrong-origin": "La petición venía de otro sitio. Abre Gradus en su propia dirección.",
  "not-allowed": "Tu cuenta no tiene permiso para esto.",
  "read-only-file": "Este archivo es parte de la lección y no se puede cambiar.",
  "hint-locked": "Las pistas se ven una tras otra. Pide antes la anterior.",
  "solution-locked": "La solución de esta lección todavía no se puede ver.",
  "not-found": "Aquí no hay nada, o no es tuyo. Revisa la dirección.",
  timeout: "La petición tardó demasiado. Inténtalo de nuevo.",
  "session-ended": "Esta sesión ya terminó. Tus archivos se conservan; inicia otra máquina.",
  "stale-revision": "El archivo cambió entretanto.",
  internal: "Algo se rompió de nuestro lado. Inténtalo otra vez; si sigue igual, cita el número de la petición.",
  unavailable: "El servidor está muy ocupado o no está disponible ahora. Inténtalo dentro de un momento.",
};

/** Where the server's own words say more: these go before them. */
const BEFORE_DETAIL: Record<string, string> = {
  "already-exists": "Ya hay algo en ese lugar.",
  "too-large": "Es demasiado grande.",
  "too-many": "Es demasiado a la vez.",
  invalid: "El servidor no lo aceptó.",
  "malformed-request": "El servidor no entendió la petición.",
};

export const problems: Words["problems"] = {
  noAnswer: "El servidor no respondió.",
  answered: (status, text) => `El servidor respondió ${status} ${text}.`,
  request: id => `(petición ${id})`,
  said: (type, detail) => {
    const complete = COMPLETE[type];
    if (complete !== undefined) return complete;
    const before = BEFORE_DETAIL[type];
    return before === undefined ? detail : `${before} (En inglés: ${detail})`;
  },
};
